"""AWS in this process: moto, with the resources of the template that deploys, and a list of the calls that were made."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.handlers import BUILTIN_HANDLERS
from moto import mock_aws
from moto.backends import get_backend

from functions.content import Content
from functions.dynamo import Table
from functions.ids import SiteId, SiteKey, TenantId
from functions.ledger.objects import LogObjects
from functions.ledger.signer import KmsKey
from functions.ledger.table import Locators, LogRows
from functions.register.table import Register
from functions.settings import Settings
from functions.tenants.directory import Directory
from functions.vault.model import TenantKeys
from functions.vault.table import RootKeys, Vault
from functions.workspace.table import Workspace
from infra.local import resources

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_kms.client import KMSClient
    from mypy_boto3_s3.client import S3Client

CALLS: list[str] = []


def _note_call(event_name: str, **_: Any) -> None:
    CALLS.append(event_name.removeprefix("before-call."))


# Every session made from here on counts, whoever makes it: ours, PynamoDB's, the app's.
BUILTIN_HANDLERS.append(("before-call", _note_call))


@dataclass(frozen=True, slots=True)
class Aws:
    """What the template makes: its settings, and clients to reach it by."""

    settings: Settings
    session: botocore.session.Session
    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    kms: "KMSClient"

    @property
    def content(self) -> Content:
        return Content(self.s3, self.settings.content_bucket)

    @property
    def directory(self) -> Directory:
        return Directory(Table(self.dynamodb, self.settings.workspace_table))

    @property
    def log_objects(self) -> LogObjects:
        return LogObjects(self.s3, self.settings.log_bucket)

    @property
    def checkpoint_key(self) -> KmsKey:
        return KmsKey(self.kms, self.settings.checkpoint_key)

    @property
    def roots(self) -> RootKeys:
        return RootKeys(Table(self.dynamodb, self.settings.vault_table), self.kms, self.settings.tenant_key)

    @contextmanager
    def apart(self) -> Iterator["Aws"]:
        """The same with a table of its own for everything, for tests whose rows would fill every scan of the others."""
        like = self.dynamodb.describe_table(TableName=self.settings.register_table)["Table"]
        name = f"apart-{TenantId.new()}"
        self.dynamodb.create_table(
            TableName=name,
            KeySchema=like["KeySchema"],
            AttributeDefinitions=like["AttributeDefinitions"],
            BillingMode="PAY_PER_REQUEST",
        )
        tables = dict.fromkeys(("register_table", "ledger_table", "vault_table", "workspace_table"), name)
        yield replace(self, settings=replace(self.settings, **tables))
        self.dynamodb.delete_table(TableName=name)

    def new_account(self) -> "Account":
        return Account(self, self.roots.create(TenantId.new()))


@dataclass(frozen=True, slots=True)
class Account:
    """One tenant with its root key, and its handles."""

    aws: Aws
    keys: TenantKeys

    @property
    def id(self) -> TenantId:
        return self.keys.tenant

    @property
    def site(self) -> SiteKey:
        """The key of a site that nobody has opened yet."""
        return SiteKey.of(self.id, SiteId("main"))

    @property
    def documents(self) -> Workspace:
        return Workspace(Table(self.aws.dynamodb, self.aws.settings.workspace_table), self.id)

    @property
    def register(self) -> Register:
        return Register(Table(self.aws.dynamodb, self.aws.settings.register_table), self.id)

    def log(self, year: int) -> LogRows:
        return LogRows(Table(self.aws.dynamodb, self.aws.settings.ledger_table), self.id, year)

    def origin(self, year: int) -> str:
        return f"{self.aws.settings.log_host}/{self.keys.log_id(year)}"

    @property
    def places(self) -> Locators:
        return Locators(Table(self.aws.dynamodb, self.aws.settings.ledger_table), self.id)

    @property
    def vault(self) -> Vault:
        return Vault(Table(self.aws.dynamodb, self.aws.settings.vault_table), self.keys)

    @property
    def content(self) -> Content:
        return self.aws.content


def empty() -> None:
    """Take all rows, messages and objects away, and what the streams told: moto's transactions copy all that a table has.

    A stream goes on counting where it was.
    """
    for bucket in _things("s3", "buckets"):
        for version in (version for name in bucket.keys for version in bucket.keys.getlist(name)):
            if hasattr(version, "dispose"):  # which a delete marker has not
                version.dispose()
        dict.clear(bucket.keys)
    for queue in _things("sqs", "queues"):
        queue._messages.clear()  # noqa: SLF001 - purging may be asked for once a minute
    for table in _things("dynamodb", "tables"):
        table.items.clear()
        if table.stream_shard is not None:
            table.stream_shard.starting_sequence_number += len(table.stream_shard.items)
            table.stream_shard.items.clear()


def _things(service: Any, kind: str) -> Iterator[Any]:
    """What moto has of a service, in every account and region."""
    for account in get_backend(service).values():
        for backend in account.values():
            yield from list(getattr(backend, kind).values())


@contextmanager
def started() -> Iterator[Aws]:
    """The mock with all resources in it; the environment says where they are, as it does for a deployed function."""
    with pytest.MonkeyPatch.context() as environment, mock_aws():
        for name in [name for name in os.environ if name.startswith(("AWS_ENDPOINT_URL", "AWS_PROFILE"))]:
            environment.delenv(name)
        environment.setenv("AWS_DEFAULT_REGION", resources.REGION)
        # A DynamoDB endpoint with an account in it is an address that moto does not answer for.
        environment.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
        session = botocore.session.Session()
        # Typed by the stubs of boto3's session only.
        client: Any = session.create_client
        made = resources.create(session)
        for name, value in made.items():
            environment.setenv(name, value)
        settings = Settings.from_environment(made)
        yield Aws(settings, session, client("dynamodb"), client("s3"), client("kms"))
