"""Single bits of what is stored, flipped one at a time, and who finds each.

No audit of everything for every bit: each kind of item has a look that is the auditor's own over the one item, in memory, and
whatever that look does not find is audited as a whole.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any

from cryptography import x509

from functions.audit.batches import BatchAudit
from functions.audit.bucket import bundle_flaws
from functions.audit.checkpoints import Times, opened_by
from functions.audit.model import Tally
from functions.audit.regrowing import Regrown
from functions.audit.rows import Unreadable, batch_of
from functions.audit.stamps import is_stamp_of
from functions.audit.walking import Walk, signing_key
from functions.cli.verify import Fails, Token
from functions.clock import from_ms
from functions.consents.table import entry_of
from functions.dynamo import Item
from functions.ids import SubjectId
from functions.ledger.kinds import EntryRef
from functions.ledger.model import Batch
from functions.ledger.tiles import Tile
from functions.listings.record import RegisterRecord, State
from functions.vault.model import Subject
from functions.watcher.model import Tampering, What
from tests.tampering.snapshot import Key, Snapshot
from tests.tampering.world import ref_of

KEYS = ("pk", "sk")


class Finder(StrEnum):
    """Who finds it."""

    WATCHER = "watcher"
    AUDITOR = "auditor"
    READER = "reader"
    VERIFIER = "verifier"


class Kind(StrEnum):
    """What there is to be falsified."""

    CONSENT = "consent record"
    POLICY = "policy version"
    CONFIG = "banner config"
    ERASURE = "erasure"
    TAMPER = "tampering seen"
    LOCATOR = "locator"
    BATCH = "batch"
    HEAD = "head"
    SIGNED = "note of a signature"
    ANCHOR = "note of an anchor"
    CHECKPOINT = "checkpoint"
    TILE = "tile"
    BUNDLE = "entry bundle"
    STAMP = "time-stamp"


@dataclass(frozen=True, slots=True)
class Place:
    """A value inside of a row: of an attribute, or of one member of a list."""

    name: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """An item: a row by its table and key, or an object by its key."""

    kind: Kind
    table: str
    key: Key

    @property
    def object(self) -> str:
        return self.key[0]


@dataclass(frozen=True, slots=True)
class Flip:
    """One bit of one item."""

    thing: Thing
    place: Place
    bit: int


REGISTER = {
    "consent": Kind.CONSENT,
    "policy": Kind.POLICY,
    "config": Kind.CONFIG,
    "erasure": Kind.ERASURE,
    "tamper": Kind.TAMPER,
}
LOG = {"head": Kind.HEAD, "batch": Kind.BATCH, "signed": Kind.SIGNED, "anchor": Kind.ANCHOR}


def things_of(stored: Snapshot) -> list[Thing]:
    """Every item that the register and its log consist of."""
    found = [Thing(REGISTER[key[0].split("#")[1]], "register", key) for key in sorted(stored.register)]
    for key in sorted(stored.ledger):
        if key[0] == stored.log:
            found.append(Thing(LOG[key[1].partition("#")[0]], "ledger", key))
        elif "#located#" in key[0]:
            found.append(Thing(Kind.LOCATOR, "ledger", key))
    return found + [Thing(_kind_of_object(key), "bucket", (key, "")) for key in sorted(stored.objects)]


def _kind_of_object(key: str) -> Kind:
    kinds = {"/tile/entries/": Kind.BUNDLE, "/tile/": Kind.TILE, "/anchor/": Kind.STAMP, "/checkpoint/": Kind.CHECKPOINT}
    return next(kind for part, kind in kinds.items() if part in key)


def places_of(item: Item) -> Iterator[Place]:
    for name, value in sorted(item.items()):
        ((_, content),) = value.items()
        if isinstance(content, list):
            yield from (Place(name, at) for at in range(len(content)))
        else:
            yield Place(name)


def raw_of(item: Item, place: Place) -> bytes:
    """The bytes of a value: numbers and texts as they are written, one for a truth value."""
    ((_, content),) = item[place.name].items()
    if place.at is not None:
        content = content[place.at]
        content = content["S"] if isinstance(content, dict) else content
    if isinstance(content, bool):
        return bytes([content])
    return content if isinstance(content, bytes) else str(content).encode()


def with_raw(item: Item, place: Place, raw: bytes) -> Item:
    """The row with other bytes there, as they would be read."""
    ((kind, content),) = item[place.name].items()
    if place.at is None:
        return {**item, place.name: {kind: _read(kind, raw)}}
    other = {"S": _read("S", raw)} if kind == "L" else _read("N", raw)
    return {**item, place.name: {kind: [*content[: place.at], other, *content[place.at + 1 :]]}}


def _read(kind: str, raw: bytes) -> Any:
    match kind:
        case "B":
            return raw
        case "BOOL":
            return raw != b"\0"
        case _:
            return raw.decode(errors="replace")


def flipped(raw: bytes, bit: int) -> bytes:
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def flips_of(stored: Snapshot, thing: Thing) -> Iterator[Flip]:
    if thing.table == "bucket":
        yield from (Flip(thing, Place("content"), bit) for bit in range(8 * len(stored.objects[thing.object])))
        return
    item = getattr(stored, thing.table)[thing.key]
    for place in places_of(item):
        bits = 1 if "BOOL" in item[place.name] else 8 * len(raw_of(item, place))
        yield from (Flip(thing, place, bit) for bit in range(bits))


@dataclass
class Judge:
    """Says who finds a flipped bit.

    Args:
        stored: what nobody has touched.
        owners: the subjects that still have a key.
        authorities: the certificates of who dated checkpoints.
    """

    stored: Snapshot
    owners: Mapping[SubjectId, Subject]
    authorities: list[x509.Certificate]
    _missed: dict[Thing, frozenset[Finder]] = field(default_factory=dict)

    def judge(self, flip: Flip) -> frozenset[Finder]:
        if flip.thing.table == "bucket":
            return self._object(flip)
        item = getattr(self.stored, flip.thing.table)[flip.thing.key]
        after = with_raw(item, flip.place, flipped(raw_of(item, flip.place), flip.bit))
        if flip.place.name in KEYS:
            return self._moved(flip.thing, after)
        return self._entry(flip, item, after) if flip.thing.table == "register" else self._row(flip.thing, after)

    def whole(self, flip: Flip) -> bool:
        """Whether the deep audit of everything finds it."""
        thing, place = flip.thing, flip.place
        if thing.table == "bucket":
            content = flipped(self.stored.objects[thing.object], flip.bit)
            return bool(self.stored.with_object(thing.object, content).audited(deep=True).found)
        item = getattr(self.stored, thing.table)[thing.key]
        after = with_raw(item, place, flipped(raw_of(item, place), flip.bit))
        return bool(self.stored.with_row(thing.table, thing.key, after).audited(deep=True).found)

    def _moved(self, thing: Thing, after: Item) -> frozenset[Finder]:
        """A row under another key is one taken away and one put; if its absence is not noticed, its presence may be."""
        if thing not in self._missed:
            absent = self.stored.with_row(thing.table, thing.key, None).audited(deep=False)
            self._missed[thing] = frozenset({Finder.AUDITOR} if absent.found else ())
        found = self._missed[thing] or self._audited(self.stored.with_row(thing.table, thing.key, after))
        return found | ({Finder.WATCHER} if thing.table == "register" else set())

    def _audited(self, stored: Snapshot) -> frozenset[Finder]:
        found = stored.audited(deep=False).found or stored.audited(deep=True).found
        return frozenset({Finder.AUDITOR} if found else ())

    # Rows of the register

    def _entry(self, flip: Flip, before: Item, after: Item) -> frozenset[Finder]:
        ref = ref_of(before)
        seen = before != after and Tampering("1", before, after).what is What.MODIFIED
        found = {Finder.WATCHER} if seen else set[Finder]()
        if self._look(ref, after, self.stored.ledger[f"{self.stored.tenant}#located#{ref.partition}", ref.key]):
            found.add(Finder.AUDITOR)
        if flip.place.name == "sealed" and not self._opens(after):
            found.add(Finder.READER)
        return frozenset(found)

    def _look(self, ref: EntryRef, entry: Item, locator: Item) -> bool:
        """The deep look at one entry and its locator, where the tree has it: a batch of its own."""
        batch, place = self._batches[ref]
        index = batch.start + place
        one = Batch(index, (batch.hashes[place],), (ref,), batch.at, frozenset({0}) if place in batch.late else frozenset())
        moved = locator | {"start": {"N": str(index)}} if locator.get("start") == {"N": str(batch.start)} else locator
        tally = Tally()
        BatchAudit(
            {ref: entry}, {ref: moved}, tally, self.stored.tenant, self.stored.year, self._walks[batch.start], deep=True
        ).check(one)
        return bool(tally.found)

    def _opens(self, item: Item) -> bool:
        entry = entry_of(item)
        owner = self.owners.get(SubjectId(entry.says["sid"]))
        return RegisterRecord.opened(entry, owner).state in {State.WHOLE, State.ERASED}

    @cached_property
    def _batches(self) -> dict[EntryRef, tuple[Batch, int]]:
        batches = [batch_of(item) for item in self.stored.of_log("batch#")]
        return {ref: (batch, place) for batch in batches for place, ref in enumerate(batch.refs)}

    @cached_property
    def _walks(self) -> dict[int, Walk]:
        """How far an audit has come when it looks at each batch."""
        walks = {}
        for batch, _ in self._batches.values():
            times = Times()
            for item in self.stored.of_log("signed#"):
                if int(item["sk"]["S"].removeprefix("signed#")) <= batch.start:
                    times.add(int(item["at"]["N"]) // 1000)
            walks[batch.start] = Walk(self.stored.ledger[self.stored.log, "head"], times=times)
        return walks

    # Rows of the ledger

    def _row(self, thing: Thing, after: Item) -> frozenset[Finder]:
        if thing.kind is Kind.LOCATOR:
            ref = EntryRef(thing.key[0].partition("#located#")[2], thing.key[1])
            entry = self.stored.register[f"{self.stored.tenant}#{ref.partition}", ref.key]
            found = self._look(ref, entry, after)
        else:
            found = thing.kind is Kind.BATCH and self._look_at_batch(after)
        return frozenset({Finder.AUDITOR}) if found else self._audited(self.stored.with_row("ledger", thing.key, after))

    def _look_at_batch(self, after: Item) -> bool:
        """Whether it can be read, and has hashes of the entries that it names."""
        try:
            batch = batch_of(after)
        except Unreadable:
            return True
        tally, walk = Tally(), self._walks[batch.start]
        register = {ref_of(item): item for item in self.stored.register.values()}
        locators = {ref: self.stored.ledger[f"{self.stored.tenant}#located#{ref.partition}", ref.key] for ref in self._batches}
        BatchAudit(register, locators, tally, self.stored.tenant, self.stored.year, walk, deep=False).check(batch)
        return bool(tally.found)

    # Objects of the bucket

    def _object(self, flip: Flip) -> frozenset[Finder]:
        key, content = flip.thing.object, flipped(self.stored.objects[flip.thing.object], flip.bit)
        found = set[Finder]()
        if self._disagrees(flip.thing.kind, key, content):
            found.add(Finder.AUDITOR)
        elif flip.thing.kind is not Kind.STAMP:  # of which the look is all there is
            found |= self._audited(self.stored.with_object(key, content))
        if flip.thing.kind is Kind.STAMP and not self._verifies(key, content):
            found.add(Finder.VERIFIER)
        return frozenset(found)

    def _disagrees(self, kind: Kind, key: str, content: bytes) -> bool:
        path = key.removeprefix(f"{self.stored.folder}/")
        match kind:
            case Kind.CHECKPOINT:
                return opened_by(content, signing_key(self._any_walk.head, ())) is None
            case Kind.TILE:
                return content != self._tiles[path]
            case Kind.BUNDLE:
                return any(bundle_flaws(content, self._hashes[path]))
            case Kind.STAMP:
                return not self._is_dated(path, content)
            case _:
                return False

    def _is_dated(self, path: str, content: bytes) -> bool:
        row = self.stored.ledger[self.stored.log, f"anchor#{int(path[len('anchor/') : -len('.tsr')]):012d}"]
        return is_stamp_of(content, self._note_of(path), noted_at=from_ms(int(row["at"]["N"])))

    def _note_of(self, path: str) -> bytes:
        """The checkpoint that a time-stamp is over."""
        return self.stored.objects[f"{self.stored.folder}/{path.replace('anchor/', 'checkpoint/').removesuffix('.tsr')}"]

    @property
    def _any_walk(self) -> Walk:
        return next(iter(self._walks.values()))

    @cached_property
    def _tiles(self) -> dict[str, bytes]:
        return {tile.path: content for tile, content in self._grown()}

    @cached_property
    def _hashes(self) -> dict[str, list[bytes]]:
        """By the path of the entry bundle."""
        level_0 = {tile.path: content for tile, content in self._grown() if tile.level == 0}
        return {
            path.replace("tile/0/", "tile/entries/"): [content[at : at + 32] for at in range(0, len(content), 32)]
            for path, content in level_0.items()
        }

    def _grown(self) -> Iterator[tuple[Tile, bytes]]:
        """The tiles of every size that was signed, as the auditor grows them."""
        signed = {int(item["sk"]["S"].removeprefix("signed#")) for item in self.stored.of_log("signed#")}
        grown = Regrown()
        for item in self.stored.of_log("batch#"):
            yield from grown.grow(batch_of(item).hashes)
            if grown.size in signed:
                yield from grown.partial()

    def _verifies(self, key: str, content: bytes) -> bool:
        """As the offline verifier does for whoever brings the authority's certificate."""
        note = self._note_of(key.removeprefix(f"{self.stored.folder}/"))
        try:
            token = Token.parse(content)
            token.signed_under(self.authorities)
        except Fails:
            return False
        return token.imprint == sha256(note).digest()


@dataclass
class Count:
    """How many bits were flipped, who found how many, and what nobody but the watcher found, or nobody."""

    bits: Counter[Kind] = field(default_factory=Counter)
    items: dict[Kind, set[Thing]] = field(default_factory=dict)
    found: Counter[tuple[Kind, Finder]] = field(default_factory=Counter)
    watcher_alone: Counter[tuple[Kind, str]] = field(default_factory=Counter)
    nobody: Counter[tuple[Kind, str]] = field(default_factory=Counter)

    def add(self, flip: Flip, finders: frozenset[Finder]) -> None:
        kind, what = flip.thing.kind, (flip.thing.kind, flip.place.name)
        self.bits[kind] += 1
        self.items.setdefault(kind, set()).add(flip.thing)
        self.found.update((kind, finder) for finder in finders)
        self.nobody[what] += not finders
        self.watcher_alone[what] += finders == {Finder.WATCHER}

    def table(self) -> str:
        heads = ["kind", "items", "bits", *Finder, "nobody"]
        lines = ["".join(f"{head:>22}" if place == 0 else f"{head:>10}" for place, head in enumerate(heads))]
        for kind in self.items:
            finders = "".join(f"{self.found[kind, finder]:>10}" for finder in Finder)
            missed = sum(number for (one, _), number in self.nobody.items() if one is kind)
            lines.append(f"{kind:>22}{len(self.items[kind]):>10}{self.bits[kind]:>10}{finders}{missed:>10}")
        items, bits, missed = sum(map(len, self.items.values())), self.bits.total(), self.nobody.total()
        lines.append(f"{'together':>22}{items:>10}{bits:>10}{'':40}{missed:>10}")
        lines += [f"the watcher alone: {kind}, {name}: {number}" for (kind, name), number in (+self.watcher_alone).items()]
        lines += [f"nobody: {kind}, {name}: {number}" for (kind, name), number in (+self.nobody).items()]
        return "\n".join(lines)
