"""The bundle at work: in an interpreter that has nothing else, and under Lambda's own runtime client."""

import json
import os
import subprocess
import sys
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from functions.settings import PREFIX, Settings
from infra.bench.runtime import Failed, Function, request
from infra.local.pump.ticker import event_of
from infra.package import Package
from infra.packages import ROOT

# Nothing is at this address: whoever calls AWS fails at once.
NOWHERE = {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_EC2_METADATA_DISABLED": "true"}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
NOT_FOR_A_CONSENT = (
    *("jsonschema", "rpds", "jwt", "nh3", "markdown_it", "pynamodb", "email_validator", "dns", "boto3", "s3transfer", "cffi"),
    *("aws_lambda_powertools.utilities.batch", "aws_lambda_powertools.event_handler", "aws_xray_sdk", "typer", "functions.cli"),
    *("rfc3161_client", "fpdf", "PIL", "fontTools"),
    *(f"functions.{name}" for name in ("sequencer", "watcher", "upkeep", "audit", "disputes.report", "ledger.table")),
)
SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
import app
from types import SimpleNamespace
context = SimpleNamespace(
    function_name="f", memory_limit_in_mb=1, invoked_function_arn="f", aws_request_id="1", function_version="1"
)
answers = [app.app(event, context) for event in json.loads(sys.argv[2])]
print(json.dumps({"answers": answers, "modules": sorted(sys.modules), "path": sys.path}))
"""
NOBODYS_SITE = {"site": "nobody"}


@pytest.fixture
def settings() -> dict[str, str]:
    named = {PREFIX + field.name.upper(): f"some-{field.name}" for field in fields(Settings)}
    return {**named, **NOWHERE, **CREDENTIALS}


def alone(unpacked: Path, settings: dict[str, str], *events: dict[str, Any]) -> dict[str, Any]:
    """Serve events in a bare interpreter: no site-packages, no environment but the function's."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", SCRIPT, str(unpacked), json.dumps(events)],
        env={"PATH": os.environ["PATH"], **settings},
        cwd="/",
        check=True,
        capture_output=True,
        text=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_the_bundle_answers_with_nothing_but_itself_and_the_standard_library(unpacked: Path, settings: dict[str, str]) -> None:
    told = alone(unpacked, settings, request("GET", "/v1/banner", query=NOBODYS_SITE), request("GET", "/v1/banner"))

    refused, siteless = told["answers"]
    assert refused["statusCode"] == 422
    assert siteless["statusCode"] == 400
    assert json.loads(siteless["body"])["title"] == "The request cannot be read"
    assert not [entry for entry in told["path"] if "site-packages" in entry or str(ROOT) in entry]


def test_a_consent_costs_no_import_that_it_does_not_need(unpacked: Path, settings: dict[str, str]) -> None:
    event = request("POST", "/v1/consents", query=NOBODYS_SITE, headers={"origin": "https://shop.example"}, body={"acts": []})

    told = alone(unpacked, settings, event)

    assert told["answers"][0]["statusCode"] == 422
    assert [name for name in NOT_FOR_A_CONSENT if name in told["modules"]] == []


REMOVED = {"eventID": "1", "eventName": "REMOVE", "eventSource": "aws:dynamodb", "dynamodb": {"SequenceNumber": "1"}}
INSERTED = {**REMOVED, "eventName": "INSERT"}
UNREADABLE = {"messageId": "1", "body": "{", "eventSource": "aws:sqs", "receiptHandle": "1"}
NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}
AGAIN = {"batchItemFailures": [{"itemIdentifier": "1"}]}
# Each function with something that it answers without asking AWS.
ANSWERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "app.app": (request("GET", "/v1/banner"), {"statusCode": 400}),
    "app.merchants": (
        {"type": "TOKEN", "authorizationToken": "Bearer no", "methodArn": "arn:aws:execute-api:r:1:a/live/GET/v1"},
        {"principalId": "nobody"},
    ),
    "app.sequence": ({"Records": [REMOVED]}, NOTHING_FAILED),
    "app.watch": ({"Records": [INSERTED]}, NOTHING_FAILED),
    **{
        f"app.{taker}": ({"Records": [UNREADABLE]}, AGAIN)
        for taker in ("ledger", "project", "upkeep", "dispute", "audit", "mail")
    },
}
# Those of a schedule ask AWS at once, and there is nobody at its address.
SCHEDULED = ("app.reconcile", "app.daily")


@pytest.mark.parametrize("handler", ANSWERS)
def test_lambdas_runtime_client_runs_every_function_of_the_template(
    unpacked: Path, runtime_client: Path, settings: dict[str, str], tmp_path: Path, handler: str
) -> None:
    event, expected = ANSWERS[handler]

    with Function(unpacked, runtime_client, handler, settings, tmp_path / "log") as function:
        answer = function.invoke(event)

    assert {name: answer[name] for name in expected} == expected


@pytest.mark.parametrize("handler", SCHEDULED)
def test_a_function_that_a_schedule_calls_gets_as_far_as_to_ask_aws(
    unpacked: Path, runtime_client: Path, settings: dict[str, str], tmp_path: Path, handler: str
) -> None:
    function = Function(unpacked, runtime_client, handler, settings, tmp_path / "log")

    with function, pytest.raises(Failed, match="EndpointConnectionError"):
        function.invoke(event_of(handler, datetime(2026, 11, 25, 2, 10, tzinfo=UTC)))


def test_a_report_is_set_without_pictures_in_cyrillic_and_greek(unpacked: Path) -> None:
    fonts = unpacked / "functions" / "disputes" / "fonts"
    script = (
        "import sys, warnings; sys.path.insert(0, sys.argv[1]); warnings.simplefilter('ignore')\n"
        "from fpdf import FPDF\n"
        "paper = FPDF(); paper.add_font('own', fname=sys.argv[2]); paper.add_page(); paper.set_font('own', size=12)\n"
        "paper.cell(text='Съгласие Συγκατάθεση'); print(len(paper.output()), 'PIL' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", script, str(unpacked), str(fonts / "DejaVuSans.ttf")],
        check=True,
        capture_output=True,
        text=True,
    )

    size, pictures = done.stdout.split()
    assert int(size) > 1000
    assert pictures == "False"


def test_every_function_of_the_template_was_run(resources: dict[str, Any]) -> None:
    handlers = {one["Properties"]["Handler"] for one in resources.values() if one["Type"] == "AWS::Serverless::Function"}

    assert {*ANSWERS, *SCHEDULED} == handlers


def test_a_function_without_its_settings_says_which_are_missing(unpacked: Path, runtime_client: Path, tmp_path: Path) -> None:
    function = Function(unpacked, runtime_client, "app.app", {**NOWHERE, **CREDENTIALS}, tmp_path / "log")

    with function, pytest.raises(Failed, match="CONSENTINEL_REGISTER_TABLE"):
        function.invoke(request("GET", "/v1/banner"))


def test_the_bundle_was_built_for_the_python_that_the_template_asks_for(package: Package, resources: dict[str, Any]) -> None:
    functions = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::Serverless::Function"]

    assert {one["Runtime"] for one in functions} == {f"python{sys.version_info.major}.{sys.version_info.minor}"}
    assert {one["CodeUri"] for one in functions} == {f"./{package.bundle.name}"}
