"""Documents: written and published by the merchant, read by everybody."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalice.app import ChaliceAuthorizer

from functions.authority.edge import MerchantApi
from functions.authority.model import Scope
from functions.clock import parsed, utc_now
from functions.ids import PolicyId, TenantId
from functions.paging import numbered
from functions.policies.model import Policy, PolicyVersion
from functions.policies.service import (
    Draft,
    create_policy,
    list_policies,
    list_versions,
    publish,
    read_policy,
    read_text,
    rename_policy,
    version_in_force,
)
from functions.schema import Schema
from functions.sites.storefront import StorefrontApi
from functions.web import MAX_TEXT_BODY, Call, Reply

if TYPE_CHECKING:
    from functions.wiring import Wiring

NEW = Schema("policies/schemas/new-policy.json")
CHANGE = Schema("policies/schemas/change.json")
POLICY = Schema("policies/schemas/policy.json")
POLICIES = Schema("policies/schemas/policies.json")
DRAFT = Schema("policies/schemas/draft.json")
VERSION = Schema("policies/schemas/version.json")
VERSIONS = Schema("policies/schemas/versions.json")
PREVIEW = Schema("policies/schemas/preview.json")
RENDERED = Schema("policies/schemas/rendered.json")
TEXT = Schema("policies/schemas/text.json")
CURSOR = {"cursor": "the cursor of the page before"}


def _shown(version: PolicyVersion, wiring: "Wiring") -> dict[str, Any]:
    shown = version.to_json()
    for text in shown["texts"].values():
        text["url"] = _url(text["html_sha256"], wiring)
    return shown


def _url(html_sha256: str, wiring: "Wiring") -> str:
    return f"{wiring.settings.cdn_base}/t/{html_sha256}.html"


def _versions(call: Call, tenant: TenantId, policy: str, wiring: "Wiring") -> Reply:
    versions, cursor = list_versions(PolicyId.parse(policy), after=call.query("cursor"), versions=wiring.versions(tenant))
    return Reply(200, {"versions": [_shown(version, wiring) for version in versions], "cursor": cursor})


def _version(tenant: TenantId, policy: str, number: str, wiring: "Wiring") -> PolicyVersion:
    return wiring.version(tenant, PolicyId.parse(policy), numbered(number, "/version"))


def storefront(wiring: "Wiring") -> StorefrontApi:
    api = StorefrontApi(__name__, wiring.site)

    @api.operation(
        "GET", "/v1/policies/{policy}", summary="The version of a document that is in force.", answers={200: VERSION}
    )
    def get_current(call: Call, policy: str) -> Reply:
        versions = wiring.versions(call.who.key.tenant)
        return Reply(200, _shown(version_in_force(PolicyId.parse(policy), versions=versions, now=utc_now()), wiring))

    @api.operation(
        "GET",
        "/v1/policies/{policy}/versions",
        summary="Every version of a document, newest first.",
        query=CURSOR,
        answers={200: VERSIONS},
    )
    def get_versions(call: Call, policy: str) -> Reply:
        return _versions(call, call.who.key.tenant, policy, wiring)

    @api.operation(
        "GET", "/v1/policies/{policy}/versions/{version}", summary="One version of a document.", answers={200: VERSION}
    )
    def get_version(call: Call, policy: str, version: str) -> Reply:
        return Reply(200, _shown(_version(call.who.key.tenant, policy, version, wiring), wiring))

    @api.operation(
        "GET",
        "/v1/policies/{policy}/versions/{version}/texts/{language}",
        summary="The text of a version in one language as it was written, and the address of the page that was made of it.",
        answers={200: TEXT},
    )
    def get_text(call: Call, policy: str, version: str, language: str) -> Reply:
        found = _version(call.who.key.tenant, policy, version, wiring)
        markdown = read_text(found, language, texts=wiring.content)
        body = {
            "policy": found.policy,
            "version": found.number,
            "language": language,
            "title": found.titles[language],
            "sha256": found.texts[language].sha256,
            "markdown": markdown,
            "url": _url(found.texts[language].html_sha256, wiring),
        }
        return Reply(200, body)

    return api


def merchant(wiring: "Wiring", authorizer: ChaliceAuthorizer) -> MerchantApi:
    api = MerchantApi(__name__, authorizer)

    @api.operation(
        "GET",
        "/v1/admin/policies",
        summary="The account's documents.",
        scope=Scope.POLICIES_READ,
        query=CURSOR,
        answers={200: POLICIES},
    )
    def get_policies(call: Call) -> Reply:
        policies, cursor = list_policies(after=call.query("cursor"), documents=wiring.documents(call.who.tenant))
        return Reply(200, {"policies": [{"id": one.id, **one.to_json()} for one in policies], "cursor": cursor})

    @api.operation(
        "POST",
        "/v1/admin/policies",
        summary="Make a document; it has no text until a version is published.",
        scope=Scope.POLICIES_WRITE,
        body=NEW,
        answers={201: POLICY},
    )
    def post_policies(call: Call) -> Reply:
        body = call.body()
        policy = create_policy(Policy.from_json(PolicyId.parse(body["id"]), body), documents=wiring.documents(call.who.tenant))
        return Reply(201, {"id": policy.id, **policy.to_json(), "version": 1})

    @api.operation(
        "GET", "/v1/admin/policies/{policy}", summary="One document.", scope=Scope.POLICIES_READ, answers={200: POLICY}
    )
    def get_policy(call: Call, policy: str) -> Reply:
        found, version = read_policy(PolicyId.parse(policy), documents=wiring.documents(call.who.tenant))
        return Reply(200, {"id": found.id, **found.to_json(), "version": version})

    @api.operation(
        "PUT",
        "/v1/admin/policies/{policy}",
        summary="Change its titles; versions that were published keep theirs.",
        scope=Scope.POLICIES_WRITE,
        body=CHANGE,
        answers={200: POLICY},
    )
    def put_policy(call: Call, policy: str) -> Reply:
        body = call.body()
        renamed, version = rename_policy(
            PolicyId.parse(policy),
            body["titles"],
            after=body["version"],
            documents=wiring.documents(call.who.tenant),
        )
        return Reply(200, {"id": renamed.id, **renamed.to_json(), "version": version})

    @api.operation(
        "GET",
        "/v1/admin/policies/{policy}/versions",
        summary="Every version of a document, newest first.",
        scope=Scope.POLICIES_READ,
        query=CURSOR,
        answers={200: VERSIONS},
    )
    def get_versions(call: Call, policy: str) -> Reply:
        return _versions(call, call.who.tenant, policy, wiring)

    @api.operation(
        "POST",
        "/v1/admin/policies/{policy}/versions",
        summary="Publish the next version; it never changes again.",
        scope=Scope.POLICIES_WRITE,
        body=DRAFT,
        limit=MAX_TEXT_BODY,
        answers={201: VERSION},
    )
    def post_version(call: Call, policy: str) -> Reply:
        body, tenant, now = call.body(), call.who.tenant, utc_now()
        document, _ = read_policy(PolicyId.parse(policy), documents=wiring.documents(tenant))
        version = publish(
            document,
            _draft(body, now),
            versions=wiring.versions(tenant),
            texts=wiring.content,
            log=wiring.log(tenant, now.year),
            by=call.who.name,
            now=now,
        )
        return Reply(201, _shown(version, wiring))

    @api.operation(
        "POST",
        "/v1/admin/previews",
        summary="How a text will look, by the renderer that publishes it.",
        scope=Scope.POLICIES_READ,
        body=PREVIEW,
        limit=MAX_TEXT_BODY,
        answers={200: RENDERED},
    )
    def post_preview(call: Call) -> Reply:
        from functions.policies.rendering import rendered  # noqa: PLC0415 - the consent path renders nothing

        return Reply(200, {"html": rendered(call.body()["text"])})

    return api


def _draft(body: dict[str, Any], now: datetime) -> Draft:
    return Draft(
        after=body["after"],
        texts=body["texts"],
        change_note=body["change_note"],
        material=body["material"],
        effective_at=parsed(body["effective_at"], "/effective_at") if "effective_at" in body else now,
    )
