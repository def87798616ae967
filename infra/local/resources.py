"""Tables, bucket, queues, keys and sender of infra/resources.yaml, made on whatever engine a session talks to."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from typing import Any

import botocore.session
from botocore.exceptions import ClientError

from functions.settings import PREFIX, Settings
from infra.local.template import ACCOUNT, Template, Unresolvable, resolve

REGION = "eu-central-1"
ED25519, P256 = "ECC_NIST_EDWARDS25519", "ECC_NIST_P256"
TABLE_OPTIONS = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes", "LocalSecondaryIndexes")
# Who may use a key is IAM's business, which no engine here enforces; tests/package holds the calls to it.
KEY_OPTIONS = ("Description", "KeySpec", "KeyUsage")
Made = dict[str, str]


def aws_environment(endpoint: str) -> dict[str, str]:
    """What a process needs to talk to an engine: its address, and credentials that open nothing anywhere else."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def create(session: botocore.session.Session, parameters: Mapping[str, str] | None = None) -> dict[str, str]:
    """Make what is not there yet, and give the settings (`CONSENTINEL_…`) of a deployment that consists of it.

    Nothing that exists is changed, so every start may call this. What an engine ignores (backups, encryption, retention)
    is asserted on the template by a test, not here.

    Args:
        session: has region and credentials, and finds the engine through `AWS_ENDPOINT_URL` (or moto's `mock_aws`).
        parameters: of the template, as a deployment would give them: `{"ApiBase": "http://127.0.0.1:8787/v1"}`.
    """
    return make(session, parameters).settings()


def make(session: botocore.session.Session, parameters: Mapping[str, str] | None = None) -> "Resources":
    """As `create`, for who needs attributes of the resources too, such as a stream's ARN."""
    resources = Resources(Template.read(parameters), session)
    for name, resource in resources.template.resources.items():
        if resource["Type"] in MAKERS:
            resources.attribute(name, "Ref")
    return resources


@dataclass(frozen=True)
class Resources:
    """What is made of a template so far; asking for an attribute makes the resource."""

    template: Template
    session: botocore.session.Session
    made: dict[str, Made] = field(default_factory=dict)
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:  # noqa: ANN401 - one of boto's many clients
        if service not in self.clients:
            self.clients[service] = self.session.create_client(service)
        return self.clients[service]

    def attribute(self, name: str, attribute: str) -> str:
        """Raises `Unresolvable` for what the local stack does not make."""
        if name in self.template.parameters:
            return self.template.parameters[name]
        if name in PSEUDO:
            return PSEUDO[name]
        if name not in self.made:
            self.made[name] = self._make(name)
        if attribute not in self.made[name]:
            raise Unresolvable(f"The local stack does not know the {attribute} of {name}.")
        return self.made[name][attribute]

    def properties(self, name: str, only: Collection[str] = ()) -> Any:  # noqa: ANN401 - a template's
        """All of them, or those of some names: the others may need what the local stack does not make."""
        said = self.template.resources[name].get("Properties", {})
        return resolve({key: value for key, value in said.items() if not only or key in only}, self.attribute)

    def settings(self) -> dict[str, str]:
        """Each setting has the name of a resource (then it is what !Ref gives) or of a parameter of the template."""
        return {PREFIX + one.name.upper(): self.attribute(_camel(one.name), "Ref") for one in fields(Settings)}

    def _make(self, name: str) -> Made:
        maker = MAKERS.get(self.template.resources.get(name, {}).get("Type", ""))
        if maker is None:
            raise Unresolvable(f"The local stack does not make {name}.")
        return maker(self, name)


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def physical_name(logical: str) -> str:
    """`RegisterTable` is `consentinel-register-table`, which every service accepts."""
    return "consentinel" + re.sub(r"([A-Z])", r"-\1", logical).lower()


def _table(resources: Resources, name: str) -> Made:
    client, table, properties = resources.client("dynamodb"), physical_name(name), resources.properties(name)
    try:
        client.create_table(TableName=table, **_table_options(properties))
    except client.exceptions.ResourceInUseException:
        pass  # it is there
    else:
        client.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
        if "TimeToLiveSpecification" in properties:
            client.update_time_to_live(TableName=table, TimeToLiveSpecification=properties["TimeToLiveSpecification"])
    described = client.describe_table(TableName=table)["Table"]
    stream = {"StreamArn": described["LatestStreamArn"]} if "LatestStreamArn" in described else {}
    return {"Ref": table, "Arn": described["TableArn"], **stream}


def _table_options(properties: Mapping[str, Any]) -> dict[str, Any]:
    options = {name: properties[name] for name in TABLE_OPTIONS if name in properties}
    if "StreamSpecification" in properties:
        options["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
    return options


def _bucket(resources: Resources, name: str) -> Made:
    client, bucket, properties = resources.client("s3"), physical_name(name), resources.properties(name)
    locked = {"ObjectLockEnabledForBucket": True} if properties.get("ObjectLockEnabled") else {}
    try:
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}, **locked)
    except (client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists):
        pass  # it is there
    else:
        if "VersioningConfiguration" in properties:
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=properties["VersioningConfiguration"])
        if "ObjectLockConfiguration" in properties:
            client.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=_lock(properties))
    return {"Ref": bucket, "Arn": f"arn:aws:s3:::{bucket}"}


def _lock(properties: Mapping[str, Any]) -> dict[str, Any]:
    configuration = properties["ObjectLockConfiguration"]
    retention = configuration["Rule"]["DefaultRetention"]
    return {**configuration, "Rule": {"DefaultRetention": {**retention, "Days": int(retention["Days"])}}}


def _queue(resources: Resources, name: str) -> Made:
    client, properties = resources.client("sqs"), resources.properties(name)
    queue = physical_name(name) + (".fifo" if properties.get("FifoQueue") else "")
    attributes = {key: value if isinstance(value, str) else json.dumps(value) for key, value in properties.items()}
    try:
        url = client.get_queue_url(QueueName=queue)["QueueUrl"]
    except client.exceptions.QueueDoesNotExist:
        url = client.create_queue(QueueName=queue, Attributes=attributes)["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return {"Ref": url, "Arn": arn, "QueueName": queue, "QueueUrl": url}


def _key(resources: Resources, name: str) -> Made:
    """A key has no name of its own, so the template's alias is what tells that it is there already."""
    client = resources.client("kms")
    try:
        key = client.describe_key(KeyId=_alias_of(resources, name))["KeyMetadata"]
    except client.exceptions.NotFoundException:
        key = _new_key(client, resources.properties(name, KEY_OPTIONS))
    return {"Ref": key["KeyId"], "Arn": key["Arn"]}


def _new_key(client: Any, options: dict[str, Any]) -> Any:  # noqa: ANN401 - KMS and what it says of a key
    """P-256 where the engine has no Ed25519, as the template's parameter would say for such a region."""
    try:
        return client.create_key(**options)["KeyMetadata"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException" or options.get("KeySpec") != ED25519:
            raise
        return client.create_key(**options | {"KeySpec": P256})["KeyMetadata"]


def _alias_of(resources: Resources, key: str) -> str:
    for one in resources.template.resources.values():
        if one["Type"] == "AWS::KMS::Alias" and one["Properties"]["TargetKeyId"] == {"Ref": key}:
            return str(one["Properties"]["AliasName"])
    raise Unresolvable(
        f"{key} needs an AWS::KMS::Alias in the template; without one the local stack would make a new key each time."
    )


def _alias(resources: Resources, name: str) -> Made:
    client, properties = resources.client("kms"), resources.properties(name)
    try:
        client.describe_key(KeyId=properties["AliasName"])
    except client.exceptions.NotFoundException:
        client.create_alias(AliasName=properties["AliasName"], TargetKeyId=properties["TargetKeyId"])
    return {"Ref": properties["AliasName"]}


def _sender(resources: Resources, name: str) -> Made:
    client, identity = resources.client("sesv2"), resources.properties(name)["EmailIdentity"]
    with suppress(client.exceptions.AlreadyExistsException):
        client.create_email_identity(EmailIdentity=identity)
    return {"Ref": identity}


PSEUDO = {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "AWS::Region": REGION}
MAKERS: Mapping[str, Callable[[Resources, str], Made]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::S3::Bucket": _bucket,
    "AWS::SQS::Queue": _queue,
    "AWS::KMS::Key": _key,
    "AWS::KMS::Alias": _alias,
    "AWS::SES::EmailIdentity": _sender,
}
