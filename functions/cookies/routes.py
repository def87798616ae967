"""A site's window: set up and published by the merchant, found by everybody."""

from typing import TYPE_CHECKING, Any

from chalice.app import ChaliceAuthorizer

from functions.authority.edge import MerchantApi
from functions.authority.model import Scope
from functions.clock import utc_now
from functions.cookies.model import Banner
from functions.cookies.publishing import list_published, newest_published
from functions.cookies.service import change_banner, read_banner
from functions.errors import NotFound
from functions.ids import SiteId, SiteKey, TenantId
from functions.schema import Schema
from functions.sites.service import read_site
from functions.sites.storefront import StorefrontApi
from functions.web import MAX_TEXT_BODY, Call, Reply

if TYPE_CHECKING:
    from functions.wiring import Wiring

BANNER = Schema("cookies/schemas/banner.json")
PUBLICATION = Schema("cookies/schemas/publication.json")
PUBLISHED = Schema("cookies/schemas/published.json")
HISTORY = Schema("cookies/schemas/history.json")


def storefront(wiring: "Wiring") -> StorefrontApi:
    api = StorefrontApi(__name__, wiring.site)

    @api.operation("GET", "/v1/banner", summary="Which config of the site's window is the newest.", answers={200: PUBLISHED})
    def get_current(call: Call) -> Reply:
        published = newest_published(call.who.key, configs=wiring.configs(call.who.key.tenant))
        if published is None:
            raise NotFound("This site has not published a window yet.")
        return Reply(200, published.shown())

    return api


def merchant(wiring: "Wiring", authorizer: ChaliceAuthorizer) -> MerchantApi:
    api = MerchantApi(__name__, authorizer)

    def existing(tenant: TenantId, site: str) -> SiteKey:
        """Raises `NotFound`."""
        key = SiteKey.of(tenant, SiteId.parse(site))
        read_site(key, documents=wiring.documents(tenant))
        return key

    @api.operation(
        "GET",
        "/v1/admin/sites/{site}/banner",
        summary="The settings of the site's window.",
        scope=Scope.BANNER_READ,
        answers={200: BANNER},
    )
    def get_banner(call: Call, site: str) -> Reply:
        key = existing(call.who.tenant, site)
        banner, version = read_banner(key.site, documents=wiring.documents(key.tenant))
        return Reply(200, {"version": version, **banner.to_json()})

    @api.operation(
        "PUT",
        "/v1/admin/sites/{site}/banner",
        summary="Change them; visitors see the change once it is published.",
        scope=Scope.BANNER_WRITE,
        body=BANNER,
        limit=MAX_TEXT_BODY,
        answers={200: BANNER},
    )
    def put_banner(call: Call, site: str) -> Reply:
        body: dict[str, Any] = call.body()
        key = existing(call.who.tenant, site)
        banner = Banner.from_json(body)
        version = change_banner(
            key.site, banner, after=body["version"], bundle=wiring.bundle, documents=wiring.documents(key.tenant)
        )
        return Reply(200, {"version": version, **banner.to_json()})

    @api.operation(
        "GET",
        "/v1/admin/sites/{site}/configs",
        summary="Everything that was ever published for the site, newest first.",
        scope=Scope.BANNER_READ,
        query={"cursor": "the cursor of the page before"},
        answers={200: HISTORY},
    )
    def get_configs(call: Call, site: str) -> Reply:
        key = existing(call.who.tenant, site)
        found, cursor = list_published(key, after=call.query("cursor"), configs=wiring.configs(key.tenant))
        return Reply(200, {"configs": [published.shown() for published in found], "cursor": cursor})

    @api.operation(
        "POST",
        "/v1/admin/sites/{site}/configs",
        summary="Publish the settings as they stand; the version never changes again.",
        scope=Scope.BANNER_WRITE,
        body=PUBLICATION,
        answers={201: PUBLISHED},
    )
    def post_config(call: Call, site: str) -> Reply:
        body, now = call.body(), utc_now()
        key = existing(call.who.tenant, site)
        banner, _ = read_banner(key.site, documents=wiring.documents(key.tenant))
        published = wiring.press(key, now).publish(
            banner, after=body["after"], ask_again=body.get("ask_again", False), by=call.who.name, now=now
        )
        return Reply(201, published.shown())

    return api
