"""The merchant has a data subject erased, or restricted for legal claims."""

from typing import TYPE_CHECKING, Any

from chalice.app import ChaliceAuthorizer

from functions.authority.edge import MerchantApi
from functions.authority.model import Scope
from functions.clock import utc_now
from functions.erasures.model import ASKED, Erasure
from functions.erasures.service import list_erasures, read_erasures, request_erasure, subject_of
from functions.erasures.tasks import terms, verifier
from functions.errors import Invalid, Violation
from functions.ids import RecordId, SubjectId, TenantId
from functions.schema import Schema
from functions.vault.mark import How
from functions.web import Call, Reply

if TYPE_CHECKING:
    from functions.wiring import Wiring

NEW_ERASURE = Schema("erasures/schemas/new-erasure.json")
ERASURE = Schema("erasures/schemas/erasure.json")
ERASURES = Schema("erasures/schemas/erasures.json")


def merchant(wiring: "Wiring", authorizer: ChaliceAuthorizer) -> MerchantApi:
    api = MerchantApi(__name__, authorizer)

    @api.operation(
        "POST",
        "/v1/admin/erasures",
        summary="Have a data subject erased: shredded at once, or restricted to disputes until claims have lapsed.",
        scope=Scope.ERASURES_WRITE,
        body=NEW_ERASURE,
        answers={202: ERASURE},
    )
    def post_erasures(call: Call) -> Reply:
        body, tenant, now = call.body(), call.who.tenant, utc_now()
        subject, how = _subject(body, tenant, wiring), ASKED[body["how"]]
        until = terms(tenant, wiring).restriction(now) if how is How.RESTRICTED else None
        requested = request_erasure(
            Erasure(subject, how, body["reason"], call.who.name, now, until),
            tenant=tenant,
            vault=wiring.shredder(tenant),
            documents=wiring.documents(tenant),
            tasks=wiring.upkeep,
        )
        return Reply(202, requested.shown())

    @api.operation(
        "GET",
        "/v1/admin/erasures",
        summary="Erasures that were asked for, and how far each has come.",
        scope=Scope.ERASURES_READ,
        query={"cursor": "the cursor of the page before"},
        answers={200: ERASURES},
    )
    def get_erasures(call: Call) -> Reply:
        found, cursor = list_erasures(after=call.query("cursor"), documents=wiring.documents(call.who.tenant))
        return Reply(200, {"erasures": [one.shown() for one in found], "cursor": cursor})

    @api.operation(
        "GET",
        "/v1/admin/erasures/{subject}",
        summary="What was asked for one data subject.",
        scope=Scope.ERASURES_READ,
        answers={200: ERASURES},
    )
    def get_erasures_of(call: Call, subject: str) -> Reply:
        found = read_erasures(SubjectId.parse(subject), documents=wiring.documents(call.who.tenant))
        return Reply(200, {"erasures": [one.shown() for one in found], "cursor": None})

    return api


def _subject(body: dict[str, Any], tenant: TenantId, wiring: "Wiring") -> SubjectId:
    match body:
        case {"subject": subject, **others} if "record" not in others:
            return SubjectId.parse(subject)
        case {"record": record, **others} if "subject" not in others:
            return subject_of(RecordId.parse(record), records=wiring.records(tenant), verifier=verifier(tenant, wiring))
        case _:
            expected = [Violation("", "the member subject or the member record, and not both")]
            raise Invalid("Whom it is about has to be said, in one way.", expected)
