"""What lives as long as the container: clients, and what they have been asked for already.

Only the DynamoDB client is made at import; the others when somebody needs them. What never changes (root keys, versions,
configs) is remembered until there is no room, what may change (sites, tenants) for a minute.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

import botocore.session
from botocore.config import Config
from cachetools import LRUCache, TTLCache, cachedmethod

from functions import clock
from functions.authority.model import Caller
from functions.authority.service import caller_of
from functions.consents.receipt import signer_of
from functions.consents.table import ConsentRecords
from functions.content import Content
from functions.cookies.config import Bundle, Published
from functions.cookies.pages import Addresses
from functions.cookies.publishing import Press
from functions.cookies.service import load_bundle
from functions.cookies.table import Configs
from functions.dynamo import Table
from functions.errors import NotFound
from functions.ids import PolicyId, SiteKey, TenantId
from functions.listings.table import Listings
from functions.mail.model import Letters, Mails
from functions.policies.model import PolicyVersion
from functions.policies.service import version_in_force
from functions.policies.table import PolicyVersions
from functions.queue import Queue
from functions.register.table import Register
from functions.settings import BANNER, Settings
from functions.sites.model import Site
from functions.sites.service import read_site
from functions.tenants.directory import Directory
from functions.tenants.model import Tenant
from functions.tenants.service import read_tenant
from functions.vault.model import TenantKeys
from functions.vault.table import RootKeys, Vault
from functions.workspace.table import Workspace

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

    from functions.ledger.note import Verifier
    from functions.ledger.objects import LogObjects
    from functions.ledger.reading import LogReader
    from functions.ledger.signer import KmsKey
    from functions.ledger.table import Locators, LogRows
    from functions.sequencer.following import Queues
    from functions.sequencer.service import Sequencer
    from functions.sequencer.signing import SigningDesk
    from functions.vault.disputes import Disputes
    from functions.vault.rows import Rows
    from functions.vault.shredding import Shredder

REMEMBERED = 2000
A_MINUTE = 60
Found = TypeVar("Found")
CLIENT = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 4})


def _lock(wiring: "Wiring") -> RLock:
    return wiring.lock


@dataclass(frozen=True)
class Wiring:
    """Handles, each bound to one tenant; there is no other way to a table."""

    settings: Settings
    dynamodb: "DynamoDBClient"
    session: botocore.session.Session
    # The local stack runs handlers in threads; on Lambda nobody else asks.
    lock: RLock = field(default_factory=RLock)
    _roots: LRUCache[Any, TenantKeys] = field(default_factory=lambda: LRUCache(REMEMBERED))
    _versions: LRUCache[Any, PolicyVersion] = field(default_factory=lambda: LRUCache(REMEMBERED))
    _configs: LRUCache[Any, Published] = field(default_factory=lambda: LRUCache(REMEMBERED))
    _sites: TTLCache[Any, Site | None] = field(default_factory=lambda: TTLCache(REMEMBERED, A_MINUTE, clock.monotonic))
    _tenants: TTLCache[Any, Tenant] = field(default_factory=lambda: TTLCache(REMEMBERED, A_MINUTE, clock.monotonic))

    @classmethod
    def from_environment(cls) -> "Wiring":
        session = botocore.session.get_session()
        dynamodb: Any = session.create_client("dynamodb", config=CLIENT)
        return cls(Settings.from_environment(), dynamodb, session)

    def client(self, service: str) -> Any:  # noqa: ANN401 - each service has a type of its own
        return self.session.create_client(service, config=CLIENT)

    def documents(self, tenant: TenantId) -> Workspace:
        return Workspace(Table(self.dynamodb, self.settings.workspace_table), tenant)

    @property
    def directory(self) -> Directory:
        return Directory(Table(self.dynamodb, self.settings.workspace_table))

    def register(self, tenant: TenantId) -> Register:
        return Register(Table(self.dynamodb, self.settings.register_table), tenant)

    def records(self, tenant: TenantId) -> ConsentRecords:
        return ConsentRecords(self.register(tenant))

    def versions(self, tenant: TenantId) -> PolicyVersions:
        return PolicyVersions(self.register(tenant))

    def configs(self, tenant: TenantId) -> Configs:
        return Configs(self.register(tenant))

    def listings(self, tenant: TenantId) -> Listings:
        return Listings(Table(self.dynamodb, self.settings.ledger_table), tenant)

    def vault(self, tenant: TenantId) -> Vault:
        return Vault(Table(self.dynamodb, self.settings.vault_table), self.keys(tenant))

    def shredder(self, tenant: TenantId) -> "Shredder":
        from functions.vault.shredding import Shredder

        return Shredder(self._vault_rows(tenant), self.keys(tenant), self.kms, self.settings.dispute_key)

    def disputes(self, tenant: TenantId) -> "Disputes":
        """For the dispute path alone, whose role may decrypt."""
        from functions.vault.disputes import Disputes

        return Disputes(self._vault_rows(tenant), self.keys(tenant), self.kms, self.settings.dispute_key)

    def _vault_rows(self, tenant: TenantId) -> "Rows":
        from functions.vault.rows import Rows

        return Rows(Table(self.dynamodb, self.settings.vault_table), tenant)

    def references(self, tenant: TenantId) -> "References":
        return References(self, tenant)

    def log(self, tenant: TenantId, year: int) -> str:
        """The origin of the tenant's log of that year."""
        return f"{self.settings.log_host}/{self.keys(tenant).log_id(year)}"

    def log_rows(self, tenant: TenantId, year: int) -> "LogRows":
        from functions.ledger.table import LogRows

        return LogRows(Table(self.dynamodb, self.settings.ledger_table), tenant, year)

    def places(self, tenant: TenantId) -> "Locators":
        from functions.ledger.table import Locators

        return Locators(Table(self.dynamodb, self.settings.ledger_table), tenant)

    def receipts(self, tenant: TenantId) -> "Verifier":
        """The public key that the tenant's receipts hold by."""
        return signer_of(self.keys(tenant), log_host=self.settings.log_host).verifier

    def sequencer(self, tenant: TenantId, year: int) -> "Sequencer":
        """Raises `NotFound` for a tenant that does not exist."""
        from functions.sequencer.service import Sequencer

        origin, receipts = self.log(tenant, year), str(self.receipts(tenant))
        return Sequencer(self.log_rows(tenant, year), self.places(tenant), self.following, origin, receipts)

    def log_reader(self, tenant: TenantId, year: int) -> "LogReader":
        from functions.ledger.reading import LogReader

        folder = self.keys(tenant).log_id(year)
        return LogReader(self.log_rows(tenant, year), self.places(tenant), self.log_objects, folder)

    def signing(self, tenant: TenantId, year: int) -> "SigningDesk":
        from functions.ledger.signer import KmsSigner
        from functions.sequencer.signing import SigningDesk

        return SigningDesk(
            log=self.log_rows(tenant, year),
            objects=self.log_objects,
            leaves=self.register(tenant),
            signer=KmsSigner(self.log(tenant, year), self.checkpoint_key),
            folder=self.keys(tenant).log_id(year),
        )

    @cached_property
    def following(self) -> "Queues":
        from functions.sequencer.following import Queues

        return Queues(self.queue(self.settings.batch_queue), self.queue(self.settings.ledger_queue))

    @cached_property
    def log_objects(self) -> "LogObjects":
        from functions.ledger.objects import LogObjects

        return LogObjects(self.client("s3"), self.settings.log_bucket)

    @cached_property
    def checkpoint_key(self) -> "KmsKey":
        from functions.ledger.signer import KmsKey

        return KmsKey(self.kms, self.settings.checkpoint_key)

    @cached_property
    def exports(self) -> Any:  # noqa: ANN401 - typed by the stubs of boto3's session only
        """Signs links that hold in every region, which the defaults do not."""
        links = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
        return self.session.create_client("s3", config=CLIENT.merge(links))

    @cached_property
    def upkeep(self) -> Queue:
        return self.queue(self.settings.upkeep_queue)

    @cached_property
    def audits(self) -> Queue:
        return self.queue(self.settings.audit_queue)

    def partitions(self, tenant: TenantId) -> list[str]:
        """Where the register has the tenant's entries that are not named by their time."""
        from functions.upkeep.partitions import partitions_of

        return list(partitions_of(self.documents(tenant)))

    def queue(self, url: str) -> Queue:
        return Queue(self.sqs, url)

    @cached_property
    def sqs(self) -> Any:  # noqa: ANN401 - typed by the stubs of boto3's session only
        return self.client("sqs")

    def press(self, site: SiteKey, now: datetime) -> Press:
        return Press(
            site=site,
            configs=self.configs(site.tenant),
            content=self.content,
            in_force=partial(version_in_force, versions=self.versions(site.tenant), now=now),
            served=self.tenant(site.tenant).regimes,
            bundle=self.bundle,
            addresses=Addresses(self.settings.api_base, self.settings.cdn_base, self._origins(site)),
            log=self.log(site.tenant, now.year),
        )

    def _origins(self, site: SiteKey) -> tuple[str, ...]:
        """As they are now: what is published has them for longer than a minute."""
        return read_site(site, documents=self.documents(site.tenant))[0].origins

    @cached_property
    def bundle(self) -> Bundle:
        return load_bundle(BANNER)

    @cached_property
    def content(self) -> Content:
        return Content(self.client("s3"), self.settings.content_bucket)

    @cached_property
    def kms(self) -> Any:  # noqa: ANN401 - typed by the stubs of boto3's session only
        return self.client("kms")

    @cached_property
    def roots(self) -> RootKeys:
        return RootKeys(Table(self.dynamodb, self.settings.vault_table), self.kms, self.settings.tenant_key)

    @cached_property
    def mails(self) -> Mails:
        from functions.mail.ses import SesMails

        return SesMails(self.client("sesv2"), self.settings.mail_sender)

    @cached_property
    def letters(self) -> Letters:
        from functions.mail.queue import LetterQueue

        return LetterQueue(self.sqs, self.settings.mail_queue)

    @cachedmethod(lambda self: self._roots, lock=_lock)
    def keys(self, tenant: TenantId) -> TenantKeys:
        """Raises `NotFound` for a tenant that does not exist."""
        return self.roots.unwrap(tenant)

    def site(self, key: SiteKey) -> Site:
        """Raises `NotFound`; that there is no such site is remembered for a minute too, like the site."""
        site = self._site(key)
        if site is None:
            raise NotFound("There is no site by this key.")
        return site

    @cachedmethod(lambda self: self._sites, lock=_lock)
    def _site(self, key: SiteKey) -> Site | None:
        try:
            return read_site(key, documents=self.documents(key.tenant))[0]
        except NotFound:
            return None

    @cachedmethod(lambda self: self._tenants, lock=_lock)
    def tenant(self, tenant: TenantId) -> Tenant:
        return read_tenant(tenant, documents=self.documents(tenant))[0]

    def caller(self, token: str) -> Caller | None:
        return caller_of(token, documents_of=self.documents)

    @cachedmethod(lambda self: self._versions, lock=_lock)
    def version(self, tenant: TenantId, policy: PolicyId, number: int) -> PolicyVersion:
        """Raises `NotFound`."""
        return _found(self.versions(tenant).read(policy, number), "There is no such version of this document.")

    @cachedmethod(lambda self: self._configs, lock=_lock)
    def config(self, site: SiteKey, version: int) -> Published:
        """Raises `NotFound`."""
        return _found(self.configs(site.tenant).read(site, version), "There is no such config of this site.")


@dataclass(frozen=True, slots=True)
class References:
    """What acts of one tenant's visitors may refer to."""

    wiring: Wiring
    tenant: TenantId

    def policy(self, policy: PolicyId, version: int) -> PolicyVersion:
        return self.wiring.version(self.tenant, policy, version)

    def config(self, site: SiteKey, version: int) -> Published:
        return self.wiring.config(site, version)


def _found(thing: Found | None, otherwise: str) -> Found:
    if thing is None:
        raise NotFound(otherwise)
    return thing
