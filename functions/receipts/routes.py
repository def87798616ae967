"""Receipts for whom they are about and for the merchant, and what a log proves to whoever holds a checkpoint of it."""

from functools import partial
from typing import TYPE_CHECKING

from chalice.app import ChaliceAuthorizer

from functions.anchors.tasks import checkpoints_of, rows_of
from functions.authority.edge import MerchantApi
from functions.authority.model import Scope
from functions.clock import utc_now
from functions.consents.receipt import signer_of
from functions.ids import RecordId, TenantId
from functions.ledger.reading import LogReader
from functions.receipts.logs import Growth, newest_checkpoint, year_of
from functions.receipts.rendering import Renderer
from functions.receipts.service import Prover, ReceiptDesk
from functions.schema import Schema
from functions.sites.subject import SubjectApi
from functions.web import Call, Reply

if TYPE_CHECKING:
    from functions.wiring import Wiring

RECEIPT = Schema("receipts/schemas/receipt.json")
CONSISTENCY = Schema("receipts/schemas/consistency.json")
CHECKPOINT = Schema("receipts/schemas/checkpoint.json")
SIZES = {"from": "tree size of the earlier checkpoint", "to": "tree size of the later one"}


def desk(wiring: "Wiring", tenant: TenantId) -> ReceiptDesk:
    return ReceiptDesk(
        records=wiring.records(tenant),
        vault=wiring.vault(tenant),
        verifier=signer_of(wiring.keys(tenant), log_host=wiring.settings.log_host).verifier,
        prover=Prover(
            log=partial(wiring.log_reader, tenant),
            rows=rows_of(tenant, wiring=wiring),
            checkpoints=checkpoints_of(tenant, wiring=wiring),
            objects=wiring.log_objects,
        ),
        renderer=Renderer(wiring.tenant(tenant), wiring.settings.cdn_base, wiring.references(tenant).policy),
    )


def subject(wiring: "Wiring") -> SubjectApi:
    api = SubjectApi(__name__, wiring.site, wiring.keys, pages=wiring.settings.cdn_base)

    @api.operation(
        "GET",
        "/v1/receipts/{record}",
        summary="The receipt of one of this browser's records, opened; complete once the log holds the record.",
        answers={200: RECEIPT},
    )
    def get_receipt(call: Call, record: str) -> Reply:
        wanted = RecordId.parse(record)
        return Reply(200, desk(wiring, call.who.tenant).for_subject(call.who.subject, wanted).to_json())

    @api.operation(
        "GET",
        "/v1/logs/{year}/consistency",
        summary="Proof that one checkpoint of the shop's log grew into another, for whoever kept the earlier one.",
        query=SIZES,
        answers={200: CONSISTENCY},
    )
    def get_consistency(call: Call, year: str) -> Reply:
        growth = Growth.parse(call.query("from"), call.query("to"))
        return Reply(200, growth.proven_by(_log(wiring, call, year)))

    return api


def merchant(wiring: "Wiring", authorizer: ChaliceAuthorizer) -> MerchantApi:
    api = MerchantApi(__name__, authorizer)

    @api.operation(
        "GET",
        "/v1/admin/receipts/{record}",
        summary="The receipt of any record, without its personal data.",
        scope=Scope.REGISTER_READ,
        answers={200: RECEIPT},
    )
    def get_receipt(call: Call, record: str) -> Reply:
        wanted = RecordId.parse(record)
        return Reply(200, desk(wiring, call.who.tenant).for_merchant(wanted).to_json())

    @api.operation(
        "GET",
        "/v1/admin/logs/{year}/checkpoint",
        summary="The newest signed checkpoint of a year's log, to be kept: whoever has one finds out if the log is rewritten.",
        scope=Scope.REGISTER_READ,
        answers={200: CHECKPOINT},
    )
    def get_checkpoint(call: Call, year: str) -> Reply:
        return Reply(200, newest_checkpoint(_log(wiring, call, year)))

    @api.operation(
        "GET",
        "/v1/admin/logs/{year}/consistency",
        summary="Proof that one checkpoint of a year's log grew into another.",
        scope=Scope.REGISTER_READ,
        query=SIZES,
        answers={200: CONSISTENCY},
    )
    def get_consistency(call: Call, year: str) -> Reply:
        growth = Growth.parse(call.query("from"), call.query("to"))
        return Reply(200, growth.proven_by(_log(wiring, call, year)))

    return api


def _log(wiring: "Wiring", call: Call, year: str) -> LogReader:
    return wiring.log_reader(call.who.tenant, year_of(year, this_year=utc_now().year))
