"""The stream's inserts, and what the sequencer asks of itself by its queue."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions import telemetry
from functions.clock import utc_now
from functions.dynamo import Item, Throttled
from functions.errors import NotFound
from functions.ids import TenantId
from functions.ledger.kinds import EntryRef
from functions.ledger.model import Candidate, Flaw, closes_at
from functions.sequencer.service import Contended, Sequenced

if TYPE_CHECKING:
    from functions.wiring import Wiring

Told = tuple[str, Item]
MOST_FED = 100
MOST_STRIDES = 10
A_MOMENT = timedelta(seconds=2)
# How often a signature is asked for again in short intervals, before the queue's own, longer one.
MOST_TRIES = 5
TROUBLE = (BotoCoreError, ClientError, Throttled)


def sequence(told: Iterable[Told], *, wiring: "Wiring") -> list[str]:
    """Sequence new entries, each told with a name; gives the names of those to be told of again.

    One log's trouble is not another's: entries of a log that has trouble wait in the sequencer's queue, and are told of again
    only when they could not be put there.
    """
    failed: list[str] = []
    now = utc_now()
    for (tenant, year), entries in _by_log(told).items():
        candidates = [candidate for _, candidate in entries]
        try:
            _sequence(tenant, year, candidates, wiring=wiring, now=now)
        # Rows that anybody may have written are read here: no list of errors is whole, and one too few stops every tenant.
        except Exception as error:  # noqa: BLE001 - whatever is the matter with one log, the others' turn comes
            telemetry.logger.error("a log could not be sequenced, and its entries wait", exc_info=error)
            if not _waits(tenant, candidates, wiring=wiring):
                failed += [name for name, _ in entries]
    return failed


def _waits(tenant: str, candidates: list[Candidate], *, wiring: "Wiring") -> bool:
    refs = [candidate.ref for candidate in candidates]
    try:
        for at in range(0, len(refs), MOST_FED):
            wiring.following.feed(TenantId(tenant)).sequence(refs[at : at + MOST_FED])
    except TROUBLE:
        return False
    return True


def _by_log(told: Iterable[Told]) -> dict[tuple[str, int], list[tuple[str, Candidate]]]:
    """By tenant and year; what is no leaf at all is of the year 0, a log that nobody has."""
    logs: dict[tuple[str, int], list[tuple[str, Candidate]]] = defaultdict(list)
    for name, item in told:
        tenant, _, partition = item["pk"]["S"].partition("#")
        leaf, stated = (item.get(attribute, {}).get("B", b"") for attribute in ("leaf", "leaf_hash"))
        candidate = Candidate.of(EntryRef(partition, item["sk"]["S"]), leaf, stated)
        logs[tenant, candidate.year or 0].append((name, candidate))
    return logs


def _sequence(tenant: str, year: int, candidates: list[Candidate], *, wiring: "Wiring", now: datetime) -> None:
    if not TenantId.pattern.fullmatch(tenant):
        telemetry.logger.error("a row that is no entry stands in the register")
        telemetry.count(EntriesKeptOut=len(candidates))
        return
    try:
        sequencer = wiring.sequencer(TenantId(tenant), year)
    except NotFound:
        _keep_out(TenantId(tenant), candidates, wiring=wiring, now=now)
        return
    _tell(sequencer.sequence(candidates, now=now))


def _keep_out(tenant: TenantId, candidates: list[Candidate], *, wiring: "Wiring", now: datetime) -> None:
    """Nobody has this account, so nobody can have entered anything for it."""
    for candidate in candidates:
        wiring.places(tenant).quarantine(candidate.ref, Flaw.LOG, year=0, now=now)
    telemetry.logger.error("entries of no account stand in the register")
    telemetry.count(EntriesKeptOut=len(candidates))


def _tell(sequenced: Sequenced) -> None:
    if sequenced.kept_out:
        telemetry.logger.error("entries were kept out of the tree")
    telemetry.count(
        EntriesSequenced=sequenced.added,
        EntriesLate=sequenced.late,
        EntriesKeptOut=sequenced.kept_out,
        EntriesRepeated=sequenced.told - sequenced.added - sequenced.kept_out,
    )


def ledger(body: dict[str, Any], *, wiring: "Wiring") -> None:
    """What waits in the sequencer's queue."""
    tenant, now = TenantId.parse(body["tenant"]), utc_now()
    match body["do"]:
        case "sign":
            _sign(body, tenant, wiring=wiring, now=now)
        case "close":
            _close(tenant, body["year"], wiring=wiring, now=now)
        case "sequence":
            _feed(tenant, [EntryRef.parse(ref) for ref in body["refs"]], wiring=wiring)
        case _:
            raise LookupError("The sequencer does not know how to do that.")


def _sign(body: dict[str, Any], tenant: TenantId, *, wiring: "Wiring", now: datetime) -> None:
    """Sign, unless a checkpoint was signed a moment ago: then the turn comes when that is thirty seconds old."""
    year, tries = body["year"], body.get("tries", 0)
    try:
        _repair(tenant, year, wiring=wiring, now=now)
        head = wiring.log_rows(tenant, year).head()
        if head is not None and head.size != head.signed_size and head.next_signature_at(now) <= now:
            _sign_now(tenant, year, wiring=wiring, now=now)
    except TROUBLE as error:
        if tries == MOST_TRIES:
            raise
        # The queue would hide the message for minutes, and a minute is what was promised.
        telemetry.logger.warning("a log could not be signed, and its turn comes again", exc_info=error)
        wiring.following.sign_again(tenant, year, tries=tries + 1)
    else:
        _ask_for_the_rest(tenant, year, wiring=wiring, now=now)


def _ask_for_the_rest(tenant: TenantId, year: int, *, wiring: "Wiring", now: datetime) -> None:
    """What came meanwhile, or was more than one run signs, or is somebody else's turn until they stop."""
    head = wiring.log_rows(tenant, year).head()
    if head is not None and head.size != head.signed_size:
        wiring.following.sign(tenant, year, at=max(head.next_signature_at(now), now + A_MOMENT), now=now)


def _repair(tenant: TenantId, year: int, *, wiring: "Wiring", now: datetime) -> None:
    """Follow up on the last batch, should the run that committed it have stopped."""
    head = wiring.log_rows(tenant, year).head()
    if head is not None and head.finished < head.v:
        wiring.sequencer(tenant, year).repaired(now=now)


def _sign_now(tenant: TenantId, year: int, *, wiring: "Wiring", now: datetime) -> None:
    """To the end, if that is not too far."""
    desk = wiring.signing(tenant, year)
    for _ in range(MOST_STRIDES):
        checked = desk.sign(now=now)
        if checked is None:
            return
        telemetry.count(CheckpointsSigned=1, EntriesMissing=checked.missing)


def _close(tenant: TenantId, year: int, *, wiring: "Wiring", now: datetime) -> None:
    """Let nothing more into a log whose time is over, and sign it to its end."""
    if now < closes_at(year):
        return
    head = wiring.sequencer(tenant, year).repaired(now=now)
    if not head.closed and not wiring.log_rows(tenant, year).close(head):
        raise Contended(head.origin)
    _sign_now(tenant, year, wiring=wiring, now=now)


def _feed(tenant: TenantId, refs: list[EntryRef], *, wiring: "Wiring") -> None:
    """Entries that wait for their place; whatever they fail with is raised, so that the message comes again."""
    found = wiring.register(tenant).read_many([(ref.partition, ref.key) for ref in refs if ref.possible], consistent=True)
    logs = _by_log((str(place), item) for place, item in enumerate(found.values()))
    for (owner, year), entries in logs.items():
        _sequence(owner, year, [candidate for _, candidate in entries], wiring=wiring, now=utc_now())
