"""Clients of one engine, whatever the environment says, and the handles of a new tenant on it."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session

from functions.consents.table import ConsentRecords
from functions.dynamo import Table
from functions.ids import TenantId
from functions.listings.table import Listings
from functions.register.table import Register
from functions.vault.table import RootKeys
from infra.local import resources
from infra.local.template import ACCOUNT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

THREADS = 64
# No retries: what a race makes of the first answer is what the tests are about.
ONCE = Config(retries={"total_max_attempts": 1}, max_pool_connections=THREADS, read_timeout=60)


class BoundSession(Session):
    """Makes clients that talk to one address."""

    def __init__(self, endpoint: str) -> None:
        super().__init__()
        self.endpoint = endpoint

    def create_client(self, service_name: str, *_: Any, **__: Any) -> Any:
        return super().create_client(
            service_name,
            region_name=resources.REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="local",
            config=ONCE,
        )


class Bound:
    """An engine with the resources of the template."""

    def __init__(self, endpoint: str) -> None:
        self.resources = resources.make(BoundSession(endpoint))

    def client(self, service: str) -> Any:
        return self.resources.client(service)

    def name(self, logical: str) -> str:
        return self.resources.attribute(logical, "Ref")

    def table(self, logical: str) -> Table:
        return Table(self.client("dynamodb"), self.name(logical))

    @cached_property
    def roots(self) -> RootKeys:
        return RootKeys(self.table("VaultTable"), self.client("kms"), self.name("TenantKey"))

    @property
    def dynamodb(self) -> "DynamoDBClient":
        client: DynamoDBClient = self.client("dynamodb")
        return client

    def tenant(self) -> "Rows":
        return Rows(self, TenantId.new())


@dataclass(frozen=True, slots=True)
class Rows:
    """What one tenant has on an engine."""

    bound: Bound
    id: TenantId

    @property
    def register(self) -> Register:
        return Register(self.bound.table("RegisterTable"), self.id)

    @property
    def records(self) -> ConsentRecords:
        return ConsentRecords(self.register)

    @property
    def listings(self) -> Listings:
        return Listings(self.bound.table("LedgerTable"), self.id)
