"""The register as the merchant and the data subject read it."""

from typing import TYPE_CHECKING

from chalice.app import ChaliceAuthorizer

from functions.authority.edge import MerchantApi
from functions.authority.model import Scope
from functions.clock import utc_now
from functions.consents.email import canonical
from functions.consents.receipt import signer_of
from functions.errors import Invalid, Violation
from functions.ids import PolicyId, RecordId, SiteId, SubjectId, TenantId
from functions.listings.model import EVERYTHING, Window, of_policy, of_section, of_site, of_subject
from functions.listings.service import RegisterDesk
from functions.schema import Schema
from functions.sections.model import Section
from functions.sites.subject import SubjectApi
from functions.web import Call, Reply

if TYPE_CHECKING:
    from functions.wiring import Wiring

RECORD = Schema("listings/schemas/record.json")
RECORDS = Schema("listings/schemas/page.json")
SEARCH = Schema("listings/schemas/search.json")
PERIOD = {
    "from": "from this time on, RFC 3339",
    "until": "before this time, RFC 3339",
    "cursor": "the cursor of the page before",
}


def desk(wiring: "Wiring", tenant: TenantId) -> RegisterDesk:
    return RegisterDesk(
        listings=wiring.listings(tenant),
        vault=wiring.vault(tenant),
        records=wiring.records(tenant),
        version=wiring.references(tenant).policy,
        verifier=signer_of(wiring.keys(tenant), log_host=wiring.settings.log_host).verifier,
    )


def merchant(wiring: "Wiring", authorizer: ChaliceAuthorizer) -> MerchantApi:
    api = MerchantApi(__name__, authorizer)

    @api.operation(
        "GET",
        "/v1/admin/register",
        summary="The register, newest first; all of it, or what concerns one site, document, section or subject.",
        scope=Scope.REGISTER_READ,
        query={"site": "a site id", "policy": "a policy id", "section": "a section", "subject": "a subject id", **PERIOD},
        answers={200: RECORDS},
    )
    def get_register(call: Call) -> Reply:
        records, cursor = desk(wiring, call.who.tenant).page(_listing(call), _window(call))
        return Reply(200, {"records": records, "cursor": cursor})

    @api.operation(
        "POST",
        "/v1/admin/register/search",
        summary="Records that carry an e-mail address, claimed and verified alike; the address never stands in a URL.",
        scope=Scope.REGISTER_READ,
        body=SEARCH,
        answers={200: RECORDS},
    )
    def search_register(call: Call) -> Reply:
        wanted = call.body()
        window = Window.parse(wanted.get("from"), wanted.get("until"), wanted.get("cursor"), now=utc_now())
        email = canonical(wanted["email"], pointer="/email")
        records, cursor = desk(wiring, call.who.tenant).page_of_email(email, window)
        return Reply(200, {"records": records, "cursor": cursor})

    @api.operation(
        "GET",
        "/v1/admin/register/{record}",
        summary="One record with its receipt.",
        scope=Scope.REGISTER_READ,
        answers={200: RECORD},
    )
    def get_record(call: Call, record: str) -> Reply:
        return Reply(200, desk(wiring, call.who.tenant).record(RecordId.parse(record)))

    return api


def subject(wiring: "Wiring") -> SubjectApi:
    api = SubjectApi(__name__, wiring.site, wiring.keys, pages=wiring.settings.cdn_base)

    @api.operation(
        "GET",
        "/v1/me/consents",
        summary="What this browser's subject agreed to and refused, newest first.",
        query=PERIOD,
        answers={200: RECORDS},
    )
    def get_my_consents(call: Call) -> Reply:
        records, cursor = desk(wiring, call.who.tenant).page(of_subject(call.who.subject), _window(call))
        return Reply(200, {"records": records, "cursor": cursor})

    @api.operation(
        "GET",
        "/v1/me/consents/{record}",
        summary="One of them with its receipt, from the moment that it was recorded.",
        answers={200: RECORD},
    )
    def get_my_consent(call: Call, record: str) -> Reply:
        found = desk(wiring, call.who.tenant).record_of(call.who.subject, RecordId.parse(record))
        return Reply(200, found)

    return api


def _window(call: Call) -> Window:
    return Window.parse(call.query("from"), call.query("until"), call.query("cursor"), now=utc_now())


def _listing(call: Call) -> str:
    wanted = {name: value for name in ("site", "policy", "section", "subject") if (value := call.query(name)) is not None}
    if len(wanted) > 1:
        raise Invalid("One of site, policy, section and subject at a time.", [Violation("", "only one of the four")])
    match next(iter(wanted.items()), None):
        case ("site", site):
            return of_site(SiteId.parse(site))
        case ("policy", policy):
            return of_policy(PolicyId.parse(policy))
        case ("section", section):
            return of_section(_section(section))
        case ("subject", subject_id):
            return of_subject(SubjectId.parse(subject_id))
        case _:
            return EVERYTHING


def _section(text: str) -> Section:
    if text not in set(Section):
        raise Invalid("There is no such section.", [Violation("/section", f"one of {', '.join(Section)}")])
    return Section(text)
