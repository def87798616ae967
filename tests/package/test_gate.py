"""The edge function sends every viewer to the gate that the regimes say, and lets nothing else out of the bucket."""

import json
import subprocess
from itertools import product
from string import ascii_uppercase
from typing import Any

import pytest

from functions.regimes.model import regime_of, regimes
from infra.template import gate_code
from tests.package.iam import symbol

# Every code that ISO 3166-1 has or could have, which is more than it has assigned.
COUNTRIES = ["".join(pair) for pair in product(ascii_uppercase, repeat=2)]
HARNESS = """
const handler = new Function(process.argv[1] + '; return handler')()
process.stdout.write(JSON.stringify(JSON.parse(require('fs').readFileSync(0)).map((request) => handler({ request }))))
"""


def handled(*requests: dict[str, Any]) -> list[dict[str, Any]]:
    """What the function makes of viewers' requests."""
    done = subprocess.run(
        ["node", "-e", HARNESS, gate_code()], input=json.dumps(requests), capture_output=True, text=True, check=True
    )
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def seen(uri: str, country: str | None = None) -> dict[str, Any]:
    headers = {} if country is None else {"cloudfront-viewer-country": {"value": country}}
    return {"uri": uri, "headers": headers}


def test_every_country_gets_the_gate_of_its_regime() -> None:
    countries = [*COUNTRIES, *map(str.lower, COUNTRIES), "", "XX", "T1", "constructor", "__proto__", "toString"]

    answers = handled(*[seen("/s/pk_a_main/gate.js", country) for country in countries])

    expected = [regime_of(country, served=tuple(regimes())).id for country in countries]
    assert [one["uri"] for one in answers] == [f"/s/pk_a_main/gate.{regime}.js" for regime in expected]
    assert set(expected) == set(regimes())


def test_a_viewer_of_an_unknown_country_has_the_strictest_gate() -> None:
    (answer,) = handled(seen("/s/pk_a_main/gate.js"))

    assert answer["uri"] == "/s/pk_a_main/gate.opt-in.js"
    assert regime_of(None, served=tuple(regimes())).id == "opt-in"


@pytest.mark.parametrize(
    "uri",
    ["/s/pk_a_main/gate.opt-out.js", "/s/pk_a_main/current.json", "/s/pk_a_main/ab/gate.js", "/t/ab.html", "/s/a/gate.jsx"],
)
def test_every_other_file_is_what_its_address_says(uri: str) -> None:
    (answer,) = handled(seen(uri, "US"))

    assert answer == seen(uri, "US")


@pytest.mark.parametrize("uri", ["/", "/gate.js", "/x/pk_a_main/gate.js", "/S/pk_a_main/gate.js", "/s"])
def test_what_is_not_content_is_not_asked_for(uri: str) -> None:
    (answer,) = handled(seen(uri, "US"))

    assert answer["statusCode"] == 404


def test_the_function_that_deploys_is_this_one_and_small_enough(resources: dict[str, Any]) -> None:
    function = resources["GateByCountry"]["Properties"]

    assert function["FunctionCode"] == gate_code()
    assert len(function["FunctionCode"].encode()) < 10_240
    behaviour = resources["Cdn"]["Properties"]["DistributionConfig"]["DefaultCacheBehavior"]
    assert symbol(behaviour["FunctionAssociations"][0]["FunctionARN"]) == "GateByCountry.FunctionMetadata.FunctionARN"
