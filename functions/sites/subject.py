"""The edge for a browser that shows its subject token: storefront pages, reading and changing what is theirs."""

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from chalice.app import Request

from functions.errors import Unauthenticated
from functions.ids import SubjectId, TenantId
from functions.sites.model import Site
from functions.sites.storefront import SitesByKey, StorefrontApi
from functions.web import Access, Admission, Operation


class Tokens(Protocol):
    """Reads one tenant's subject tokens."""

    def subject_of(self, token: str) -> SubjectId:
        """Raises `Unauthenticated`."""


class TokensOf(Protocol):
    """Finds what reads a tenant's tokens."""

    def __call__(self, tenant: TenantId) -> Tokens: ...


@dataclass(frozen=True, slots=True)
class Bearer:
    """For whom a request with a subject token goes on."""

    tenant: TenantId
    subject: SubjectId


class SubjectApi(StorefrontApi):
    """Operations on a subject's own records; the token travels as `Authorization: Bearer`, never in a URL.

    Besides the site's own pages the platform's may call: the one with the receipts stands on the CDN (`pages`, its address).
    """

    access = Access.SUBJECT

    def __init__(self, import_name: str, sites: SitesByKey, tokens: TokensOf, *, pages: str) -> None:
        super().__init__(import_name, sites)
        self.tokens = tokens
        address = urlsplit(pages)
        self.pages = f"{address.scheme}://{address.netloc}"

    def origins_of(self, site: Site) -> tuple[str, ...]:
        return (*site.origins, self.pages)

    def identified(self, operation: Operation, request: Request, admission: Admission) -> Site | Bearer:
        """Raises `Unauthenticated`; a preflight carries no token."""
        site: Site = admission.who
        if operation.method == "OPTIONS":
            return site
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("This needs the subject token of this browser, as Authorization: Bearer.")
        return Bearer(site.key.tenant, self.tokens(site.key.tenant).subject_of(token))
