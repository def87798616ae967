"""Storefronts, as the merchant sets them up."""

from typing import TYPE_CHECKING, Any

from chalice.app import ChaliceAuthorizer

from functions.authority.edge import MerchantApi
from functions.authority.model import Scope
from functions.clock import utc_now
from functions.ids import SiteId, SiteKey
from functions.schema import Schema
from functions.sites.model import Site
from functions.sites.service import change_site, list_sites, new_identity_secret, open_site, read_site
from functions.web import Call, Reply

if TYPE_CHECKING:
    from functions.wiring import Wiring

NEW = Schema("sites/schemas/new-site.json")
CHANGE = Schema("sites/schemas/change.json")
SITE = Schema("sites/schemas/site.json")
SITES = Schema("sites/schemas/sites.json")
SECRET = Schema("sites/schemas/identity-secret.json")


def merchant(wiring: "Wiring", authorizer: ChaliceAuthorizer) -> MerchantApi:
    api = MerchantApi(__name__, authorizer)

    def shown(site: Site, version: int) -> dict[str, Any]:
        return {
            "site": site.key.site,
            "key": site.key,
            "version": version,
            "name": site.name,
            "origins": list(site.origins),
            "identity_keys": [{"kid": secret.kid, "created_at": secret.created_at} for secret in site.secrets],
            "snippet": f'<script src="{wiring.settings.cdn_base}/s/{site.key}/gate.js"></script>',
        }

    @api.operation(
        "GET",
        "/v1/admin/sites",
        summary="The account's sites.",
        scope=Scope.TENANT_READ,
        query={"cursor": "the cursor of the page before"},
        answers={200: SITES},
    )
    def get_sites(call: Call) -> Reply:
        tenant = call.who.tenant
        sites, cursor = list_sites(tenant, after=call.query("cursor"), documents=wiring.documents(tenant))
        return Reply(200, {"sites": [shown(site, version) for site, version in sites], "cursor": cursor})

    @api.operation(
        "POST",
        "/v1/admin/sites",
        summary="Open a site; its key is what the snippet carries.",
        scope=Scope.TENANT_WRITE,
        body=NEW,
        answers={201: SITE},
    )
    def post_sites(call: Call) -> Reply:
        body, tenant = call.body(), call.who.tenant
        site = open_site(
            tenant, SiteId(body["site"]), name=body["name"], origins=body["origins"], documents=wiring.documents(tenant)
        )
        return Reply(201, shown(site, 1))

    @api.operation("GET", "/v1/admin/sites/{site}", summary="One site.", scope=Scope.TENANT_READ, answers={200: SITE})
    def get_site(call: Call, site: str) -> Reply:
        key = SiteKey.of(call.who.tenant, SiteId.parse(site))
        return Reply(200, shown(*read_site(key, documents=wiring.documents(key.tenant))))

    @api.operation(
        "PUT",
        "/v1/admin/sites/{site}",
        summary="Change its name and the origins that its pages may call from; in force within a minute.",
        scope=Scope.TENANT_WRITE,
        body=CHANGE,
        answers={200: SITE},
    )
    def put_site(call: Call, site: str) -> Reply:
        body, key = call.body(), SiteKey.of(call.who.tenant, SiteId.parse(site))
        documents = wiring.documents(key.tenant)
        present, _ = read_site(key, documents=documents)
        changed = present.moved(body["name"], tuple(body["origins"]))
        return Reply(200, shown(changed, change_site(changed, after=body["version"], documents=documents)))

    @api.operation(
        "POST",
        "/v1/admin/sites/{site}/identity-secrets",
        summary="A new secret for the shop's server to vouch for customers with; the two newest are live.",
        scope=Scope.TENANT_WRITE,
        answers={201: SECRET},
    )
    def post_identity_secret(call: Call, site: str) -> Reply:
        key = SiteKey.of(call.who.tenant, SiteId.parse(site))
        kid, secret = new_identity_secret(
            key, documents=wiring.documents(key.tenant), wrapping=wiring.keys(key.tenant), now=utc_now()
        )
        return Reply(201, {"kid": kid, "secret": secret})

    return api
