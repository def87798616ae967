"""The package deployed as the how-to says, on an engine that runs CloudFormation, Lambda and the gateway."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import botocore.session

from functions.settings import PREFIX
from infra.local.resources import REGION
from infra.package import Package
from tests.support.http import Answer

STACK = "consentinel"
ARTIFACTS = "consentinel-artifacts"
READY_WITHIN_S = 120


@dataclass(frozen=True, slots=True)
class Deployment:
    """A stack that stands."""

    endpoint: str
    outputs: Mapping[str, Mapping[str, str]]

    def environment(self) -> dict[str, str]:
        """The settings that the stack's outputs name, as the operator's command needs them."""
        named = [one for one in self.outputs.values() if one.get("Description", "").startswith(PREFIX)]
        return {one["Description"]: one["OutputValue"] for one in named}

    def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Through the gateway, as a browser or a merchant's program would."""
        api = self.outputs["RestAPIId"]["OutputValue"]
        address = f"{self.endpoint}/restapis/{api}/live/_user_request_{path}"
        sent = {"Content-Type": "application/json", **(headers or {})}
        content = None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(address, content, sent, method=method)) as response:  # noqa: S310 - the engine's address
                return _answer(response)
        except HTTPError as refusal:
            with refusal:
                return _answer(refusal)


def _answer(response: Any) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, response.read().decode())


def deployed(package: Package, session: botocore.session.Session, endpoint: str, parameters: Mapping[str, str]) -> Deployment:
    """What `aws cloudformation package` and `deploy` do; raises `AssertionError` with the engine's reasons."""
    s3: Any = session.create_client("s3")
    stacks: Any = session.create_client("cloudformation")
    s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=ARTIFACTS, Key=package.bundle.name, Body=package.bundle.read_bytes())
    template = package.template.read_text().replace(f'"./{package.bundle.name}"', f'"s3://{ARTIFACTS}/{package.bundle.name}"')
    s3.put_object(Bucket=ARTIFACTS, Key=package.template.name, Body=template.encode())
    stacks.create_stack(
        StackName=STACK,
        TemplateURL=f"{endpoint}/{ARTIFACTS}/{package.template.name}",
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )
    stack = eventually(lambda: _settled(stacks))
    assert stack["StackStatus"] == "CREATE_COMPLETE", _reasons(stacks)
    return Deployment(endpoint, {one["OutputKey"]: one for one in stack["Outputs"]})


def _settled(stacks: Any) -> Any:
    stack = stacks.describe_stacks(StackName=STACK)["Stacks"][0]
    return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack


def _reasons(stacks: Any) -> list[tuple[str, str]]:
    events = stacks.describe_stack_events(StackName=STACK)["StackEvents"]
    failed = [one for one in events if "FAILED" in one["ResourceStatus"]]
    return [(one["LogicalResourceId"], one.get("ResourceStatusReason", "")) for one in failed]


def eventually(look: Any) -> Any:
    """What another process will have done, as soon as it has; streams, queues and stacks tell nobody when they are ready."""
    until = monotonic() + READY_WITHIN_S
    while monotonic() < until:
        found = look()
        if found:
            return found
        sleep(0.1)
    raise AssertionError(f"Nothing came within {READY_WITHIN_S} s.")
