"""The queue of dispute packs that are wanted."""

from contextlib import suppress
from dataclasses import replace
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from functions.anchors.authority import TimestampAuthority
from functions.clock import utc_now
from functions.disputes.model import Dispute, DisputeId, Made
from functions.disputes.pack import Packer
from functions.disputes.remembered import RememberedAnchors, RememberedObjects
from functions.disputes.report import report
from functions.disputes.service import make_pack
from functions.disputes.shelf import Shelf
from functions.disputes.stamps import Stamps
from functions.disputes.table import Packs
from functions.disputes.words import language_of
from functions.errors import Gone, NotFound
from functions.ids import SubjectId, TenantId
from functions.ledger.reading import LogReader
from functions.receipts.routes import desk
from functions.receipts.service import ReceiptDesk
from functions.settings import BANNER, Settings
from functions.vault.model import Subject

if TYPE_CHECKING:
    from functions.wiring import Wiring

TOOLS = {
    "verify.py": Path(__file__).parent.parent / "cli" / "verify.py",
    "verify.html": BANNER / "dist" / "verify.html",
}


def make(body: dict[str, Any], *, wiring: "Wiring") -> None:
    """Make one pack; handed over again, it is the same pack."""
    tenant, dispute = TenantId.parse(body["tenant"]), DisputeId.parse(body["dispute"])
    packs = Packs(wiring.exports, wiring.settings.export_bucket, tenant)
    make_pack(dispute, documents=wiring.documents(tenant), packs=packs, make=lambda wanted: _made(wanted, packs, wiring))


def _made(dispute: Dispute, packs: Packs, wiring: "Wiring") -> Made:
    now = utc_now()
    with TemporaryFile() as file:
        counts = packer(packs.tenant, wiring).fill(dispute, file, now=now)
        size = file.tell()
        file.seek(0)
        digest = file_digest(file, "sha256").hexdigest()
        file.seek(0)
        packs.put(dispute.id, digest, file)
    return Made(now, size, digest, counts)


def packer(tenant: TenantId, wiring: "Wiring") -> Packer:
    receipts = _receipts(tenant, wiring)
    return Packer(
        receipts=receipts,
        listings=wiring.listings(tenant),
        records=wiring.records(tenant),
        owner=lambda subject: _owner(subject, tenant, wiring),
        shelf=Shelf(tenant, wiring.content, receipts.renderer.version_of),
        stamps=Stamps(_authority(wiring.settings)),
        tools={name: path.read_bytes() for name, path in TOOLS.items()},
        report=report,
        language=language_of(wiring.tenant(tenant)),
    )


def _authority(settings: Settings) -> TimestampAuthority | None:
    """None without its roots: what it signed could not be told from what anybody else signed."""
    url, roots = settings.timestamp_authority, settings.timestamp_roots
    return TimestampAuthority(url, roots) if url and roots else None


def _receipts(tenant: TenantId, wiring: "Wiring") -> ReceiptDesk:
    """As everywhere, remembering what one pack asks for again and again."""
    made = desk(wiring, tenant)
    objects = RememberedObjects(wiring.log_objects)

    def log(year: int) -> LogReader:
        return replace(wiring.log_reader(tenant, year), objects=objects)

    return replace(made, prover=replace(made.prover, log=log, objects=objects, rows=RememberedAnchors(made.prover.rows)))


def _owner(subject: SubjectId, tenant: TenantId, wiring: "Wiring") -> Subject | None:
    """With the key, also of one who is restricted: GDPR Art. 18(2), for legal claims."""
    owner = wiring.vault(tenant).subjects([subject]).get(subject)
    if owner is None:
        with suppress(Gone, NotFound):
            return wiring.disputes(tenant).open_restricted(subject)
    return owner
