"""The template that deploys: what Chalice writes of app.py, with the parts of infra/ merged over it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from chalice.package import YAMLTemplateSerializer

from functions.regimes.model import TABLE

HERE = Path(__file__).parent
PARTS = ("resources.yaml", "functions.yaml", "api.yaml", "cdn.yaml", "alarms.yaml")
GATE = HERE / "cloudfront" / "gate.js"
PLACEHOLDER = '"__REGIMES__"'
MERGE = "tag:yaml.org,2002:merge"
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
    text = (HERE / name).read_text("utf-8")
    _refuse_twice(yaml.compose(text), name)
    loaded: Part = YAMLTemplateSerializer().load_template(text, name)
    return loaded


def _refuse_twice(node: yaml.Node | None, name: str) -> None:
    """Of two members of one name YAML keeps one silently; raises `LookupError`."""
    match node:
        case yaml.MappingNode():
            names = [key.value for key, _ in node.value if key.tag != MERGE]
            if len(set(names)) != len(names):
                twice = sorted({one for one in names if names.count(one) > 1})
                raise LookupError(f"{name} has twice, near line {node.start_mark.line + 1}: {', '.join(twice)}")
            for _, value in node.value:
                _refuse_twice(value, name)
        case yaml.SequenceNode():
            for value in node.value:
                _refuse_twice(value, name)
        case _:
            return


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
