"""Whoever has to stand up for a consent, or against one, asks for the dispute pack of a data subject."""

from typing import TYPE_CHECKING, Any

from chalice.app import ChaliceAuthorizer

from functions.authority.edge import MerchantApi
from functions.authority.model import Scope
from functions.clock import utc_now
from functions.consents.email import canonical
from functions.consents.receipt import signer_of
from functions.disputes.model import By, Dispute, DisputeId
from functions.disputes.service import request_pack, shown, subjects_with
from functions.disputes.table import Packs
from functions.erasures.service import subject_of
from functions.errors import Invalid, Violation
from functions.ids import RecordId, SubjectId, TenantId
from functions.schema import Schema
from functions.web import Call, Reply

if TYPE_CHECKING:
    from functions.wiring import Wiring

NEW_DISPUTE = Schema("disputes/schemas/new-dispute.json")
DISPUTE = Schema("disputes/schemas/dispute.json")


def merchant(wiring: "Wiring", authorizer: ChaliceAuthorizer) -> MerchantApi:
    api = MerchantApi(__name__, authorizer)

    @api.operation(
        "POST",
        "/v1/admin/disputes",
        summary="Have a dispute pack made: all records of a data subject opened, with proofs, texts, a report and verifiers.",
        scope=Scope.DISPUTES_WRITE,
        body=NEW_DISPUTE,
        answers={202: DISPUTE},
    )
    def post_disputes(call: Call) -> Reply:
        body, tenant, now = call.body(), call.who.tenant, utc_now()
        by = _named(body)
        wanted = Dispute(
            id=DisputeId(body["id"]),
            by=by,
            subjects=_subjects(by, body[by.value], tenant, wiring),
            reason=body["reason"],
            requested_by=call.who.name,
            requested_at=now,
        )
        tasks = wiring.queue(wiring.settings.dispute_queue)
        taken = request_pack(wanted, tenant=tenant, documents=wiring.documents(tenant), tasks=tasks)
        return Reply(202, taken.shown(now=now, link=None))

    @api.operation(
        "GET",
        "/v1/admin/disputes/{dispute}",
        summary="How far a pack has come; once it is ready, with a link that is good for five minutes.",
        scope=Scope.DISPUTES_WRITE,
        answers={200: DISPUTE},
    )
    def get_dispute(call: Call, dispute: str) -> Reply:
        wanted, tenant = DisputeId.parse(dispute), call.who.tenant
        packs = Packs(wiring.exports, wiring.settings.export_bucket, tenant)
        documents, vault = wiring.documents(tenant), wiring.shredder(tenant)
        return Reply(200, shown(wanted, documents=documents, packs=packs, vault=vault, now=utc_now()))

    return api


def _named(body: dict[str, Any]) -> By:
    named = [by for by in By if by.value in body]
    if len(named) != 1:
        expected = [Violation("", "one of the members email, subject and record")]
        raise Invalid("Whom it is about has to be said, in one way.", expected)
    return named[0]


def _subjects(by: By, named: str, tenant: TenantId, wiring: "Wiring") -> tuple[SubjectId, ...]:
    match by:
        case By.EMAIL:
            return subjects_with(canonical(named, pointer="/email"), vault=wiring.disputes(tenant))
        case By.SUBJECT:
            subject = SubjectId.parse(named)
            wiring.disputes(tenant).rows.key(subject)  # whoever never was is not found
            return (subject,)
        case By.RECORD:
            verifier = signer_of(wiring.keys(tenant), log_host=wiring.settings.log_host).verifier
            return (subject_of(RecordId.parse(named), records=wiring.records(tenant), verifier=verifier),)
