"""The package, deployed as it is: a shop is set up, a visitor decides, the register shows it; all of it over HTTP."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.request import urlopen

import botocore.session
import pytest

from functions.cli.accounts import open_account
from functions.wiring import Wiring
from infra.local.engines import MiniStackEngine
from infra.local.resources import REGION
from infra.package import Package
from tests.package.deployment import Deployment, deployed, eventually
from tests.support.storefront import BANNER, ORIGIN, UA, uuid7

pytestmark = pytest.mark.prove
SENDER = "consent@example.com"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as environment:
        # Its MQTT listener would be open to the network.
        environment.setenv("IOT_MTLS_ENABLED", "0")
        engine = MiniStackEngine(tmp_path_factory.mktemp("ministack"), port=0).start()
    yield engine.address
    engine.stop()


@pytest.fixture(scope="module")
def session(endpoint: str) -> Iterator[botocore.session.Session]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", endpoint)
        environment.setenv("AWS_DEFAULT_REGION", REGION)
        # No account number, so that these calls and the gateway's are of the same account.
        environment.setenv("AWS_ACCESS_KEY_ID", "local")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "local")
        yield botocore.session.Session()


@pytest.fixture(scope="module")
def stack(package: Package, session: botocore.session.Session, endpoint: str) -> Deployment:
    return deployed(package, session, endpoint, {"MailSender": SENDER})


@pytest.fixture(scope="module")
def owner(stack: Deployment, session: botocore.session.Session) -> dict[str, str]:  # noqa: ARG001 - its environment is used
    """A new account's key, as the header that carries it."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in stack.environment().items():
            environment.setenv(name, value)
        profile = {"contact_email": "owner@example.com", "languages": ["en"]}
        _, key = open_account("Rosa", profile=profile, wiring=Wiring.from_environment(), now=datetime.now(UTC))
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="module")
def site(stack: Deployment, owner: dict[str, str]) -> dict[str, Any]:
    """The newest config of a new site, and its key."""
    made = stack.send("POST", "/v1/admin/sites", {"site": "main", "name": "Rosa", "origins": [ORIGIN]}, owner)
    assert made.status == 201, made.text
    assert stack.send("PUT", "/v1/admin/sites/main/banner", BANNER, owner).status == 200
    published = stack.send("POST", "/v1/admin/sites/main/configs", {"after": 0}, owner)
    assert published.status == 201, published.text
    return {**published.json, "key": made.json["key"]}


def test_a_merchants_route_is_closed_without_a_key_and_with_one_that_opens_nothing(
    stack: Deployment, owner: dict[str, str]
) -> None:
    without = stack.send("GET", "/v1/admin/tenant")
    false = stack.send("GET", "/v1/admin/tenant", headers={"Authorization": "Bearer no"})
    own = stack.send("GET", "/v1/admin/tenant", headers=owner)

    assert (without.status, false.status, own.status) == (401, 403, 200)
    assert own.json["name"] == "Rosa"


def test_a_public_route_answers_for_itself(stack: Deployment) -> None:
    answer = stack.send("GET", "/v1/banner")

    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")


def test_the_gateway_serves_one_stage_only(stack: Deployment, session: botocore.session.Session) -> None:
    gateway: Any = session.create_client("apigateway")

    stages = gateway.get_stages(restApiId=stack.outputs["RestAPIId"]["OutputValue"])["item"]

    assert [one["stageName"] for one in stages] == ["live"]


def test_what_is_published_lies_in_the_bucket_under_the_addresses_that_the_cdn_serves(
    stack: Deployment, session: botocore.session.Session, site: dict[str, Any]
) -> None:
    s3: Any = session.create_client("s3")
    bucket = stack.outputs["ContentBucket"]["OutputValue"]

    pointer = json.loads(s3.get_object(Bucket=bucket, Key=f"s/{site['key']}/current.json")["Body"].read())
    gate = s3.get_object(Bucket=bucket, Key=f"s/{site['key']}/gate.opt-in.js")

    assert pointer["version"] == 1
    assert gate["ContentType"].startswith("text/javascript")
    assert site["key"] in gate["Body"].read().decode()


def test_a_visitors_act_is_recorded_once_and_found_in_the_register(
    stack: Deployment, owner: dict[str, str], site: dict[str, Any]
) -> None:
    now = datetime.now(UTC)
    act = {
        "id": uuid7(now),
        "act": "refused",
        "section": "banner",
        "at_client": int(now.timestamp() * 1000),
        "categories": {"necessary": True, "performance": False, "functional": False, "targeting": False},
        "shown": {
            "config": site["version"],
            "build": site["build"],
            "language": "en",
            "gpc": False,
            "layer": "banner",
            "gesture": "button",
        },
    }
    headers = {"Origin": ORIGIN, "User-Agent": UA}
    path = f"/v1/consents?site={site['key']}"

    submission = {"acts": [act], "secret": "A" * 22}
    first = stack.send("POST", path, submission, headers)
    again = stack.send("POST", path, submission, headers)
    assert (first.status, again.status) == (201, 200), first.text
    listed = eventually(lambda: stack.send("GET", "/v1/admin/register", headers=owner).json["records"])

    assert first.headers["access-control-allow-origin"] == ORIGIN
    assert again.json["records"][0]["receipt"] == first.json["records"][0]["receipt"]
    assert [record["id"] for record in listed] == [act["id"]]


def test_a_letter_leaves_by_the_queue_from_the_platforms_sender(
    stack: Deployment, endpoint: str, owner: dict[str, str]
) -> None:
    made = stack.send("POST", "/v1/admin/keys", {"label": "Books", "role": "auditor"}, owner)

    def sent() -> list[dict[str, Any]]:
        with urlopen(f"{endpoint}/_ministack/ses/messages") as response:  # noqa: S310 - the engine's address
            by_account = json.loads(response.read())["messages"]
        return [mail for mails in by_account.values() for mail in mails if mail["To"] == ["owner@example.com"]]

    (mail,) = eventually(sent)
    assert made.status == 201
    assert mail["Source"] == SENDER
    assert made.json["key"] not in json.dumps(mail)
