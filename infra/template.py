"""The template that deploys: what Chalice writes of app.py, with the parts of infra/ merged over it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalice.package import YAMLTemplateSerializer

from functions.regimes.model import TABLE

HERE = Path(__file__).parent
PARTS = ("resources.yaml", "functions.yaml", "api.yaml", "cdn.yaml", "alarms.yaml")
GATE = HERE / "cloudfront" / "gate.js"
PLACEHOLDER = '"__REGIMES__"'
Part = Mapping[str, Any]


def complete(sam: Part) -> dict[str, Any]:
    """Chalice's template with all parts in it and the edge function's code filled in."""
    template = dict(sam)
    for name in PARTS:
        template = merged(template, part(name))
    template["Resources"]["GateByCountry"]["Properties"]["FunctionCode"] = gate_code()
    return template


def part(name: str) -> Part:
    """A file of infra/ with CloudFormation's short tags in their long form."""
    loaded: Part = YAMLTemplateSerializer().load_template((HERE / name).read_text("utf-8"), name)
    return loaded


def merged(under: Part, over: Part) -> dict[str, Any]:
    """Deep for objects; of anything else, `over` wins."""
    both = {name: _one(under[name], over[name]) for name in under.keys() & over.keys()}
    return {**under, **over, **both}


def _one(under: Any, over: Any) -> Any:  # noqa: ANN401 - any part of a template
    # A function such as !Ref is an object too, and must not be mixed with what was there.
    mixable = isinstance(under, dict) and isinstance(over, dict) and not _calls(under) and not _calls(over)
    return merged(under, over) if mixable else over


def _calls(value: Part) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def gate_code() -> str:
    """infra/cloudfront/gate.js with the countries and what an unknown one has."""
    table = json.loads(TABLE.read_bytes())
    regimes = {"countries": table["countries"], "unknown": table["unknown"]}
    source = GATE.read_text("utf-8")
    if source.count(PLACEHOLDER) != 1:
        raise LookupError(f"{GATE.name} has to have {PLACEHOLDER} once.")
    return source.replace(PLACEHOLDER, json.dumps(regimes, sort_keys=True))
