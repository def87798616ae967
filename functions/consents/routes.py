"""Acts come in from the storefront; a browser reads back its own."""

from typing import TYPE_CHECKING, Any

from functions.clock import utc_now
from functions.consents.model import Submission
from functions.consents.receipt import signer_of
from functions.consents.service import Desk, Entered, Outcome, Refused
from functions.consents.visitor import Visitor
from functions.schema import Schema
from functions.sites.model import Site
from functions.sites.storefront import StorefrontApi
from functions.web import Call, Reply, problem

if TYPE_CHECKING:
    from functions.wiring import Wiring

SUBMISSION = Schema("consents/schemas/submission.json")
RECEIPT_KEY = Schema("consents/schemas/receipt-key.json")
OUTCOME = Schema("consents/schemas/outcome.json")


def storefront(wiring: "Wiring") -> StorefrontApi:
    api = StorefrontApi(__name__, wiring.site)

    def desk_of(site: Site) -> Desk:
        tenant = site.key.tenant
        return Desk(
            site=site,
            ip_mode=wiring.tenant(tenant).ip_mode,
            vault=wiring.vault(tenant),
            records=wiring.records(tenant),
            references=wiring.references(tenant),
            log_host=wiring.settings.log_host,
        )

    @api.operation(
        "POST",
        "/v1/consents",
        summary="Record acts of a visitor: banner decisions, and documents answered in a section.",
        body=SUBMISSION,
        answers={200: OUTCOME, 201: OUTCOME, 207: OUTCOME},
    )
    def post_consents(call: Call) -> Reply:
        now = utc_now()
        submission = Submission.from_json(call.body(), now=now)
        visitor = Visitor.of(call.source_ip, call.header)
        return _answer(desk_of(call.who).record(submission, visitor, now=now))

    @api.operation(
        "GET",
        "/v1/receipts/key",
        summary="The public key that the account's receipts are signed by, for checking them without asking anybody.",
        answers={200: RECEIPT_KEY},
    )
    def get_receipt_key(call: Call) -> Reply:
        signer = signer_of(wiring.keys(call.who.key.tenant), log_host=wiring.settings.log_host)
        return Reply(200, {"key": str(signer.verifier)})

    return api


def _answer(outcome: Outcome) -> Reply:
    records = [_shown(act) for act in outcome.acts]
    body: dict[str, Any] = {"records": records}
    if outcome.subject_token is not None:
        body["subject_token"] = outcome.subject_token
    counted = {
        "ConsentsEntered": sum(record["status"] == 201 for record in records),  # noqa: PLR2004
        "ConsentsRepeated": sum(record["status"] == 200 for record in records),  # noqa: PLR2004
        "ConsentsRefused": sum(isinstance(act, Refused) for act in outcome.acts),
    }
    return Reply(_status(outcome), body, counted=counted)


def _status(outcome: Outcome) -> int:
    if any(isinstance(act, Refused) for act in outcome.acts):
        return 207
    return 201 if all(isinstance(act, Entered) and act.new for act in outcome.acts) else 200


def _shown(act: Entered | Refused) -> dict[str, Any]:
    match act:
        case Entered():
            return {"id": act.id, "status": 201 if act.new else 200, "receipt": act.receipt}
        case Refused():
            refusal = problem(act.error)
            return {"id": act.id, "status": refusal.status, "problem": refusal.body}
