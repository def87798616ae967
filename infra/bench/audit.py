"""`python -m infra.bench.audit`: what an audit costs beside bare SHA-256 over the same bytes, and how much memory it holds.

Canonical leaves are made as they are needed, outside of what is timed; ratios are of the processor time of one run, in which
the contenders take turns. Reading the tables is left out: this is about what has to be computed, whatever it is read from.
"""

import argparse
import gc
import resource
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from time import process_time

from functions.audit.entries import disagreement, misfit
from functions.audit.regrowing import Regrown
from functions.clock import to_ms
from functions.ids import RecordId
from functions.ledger.kinds import EntryRef, shard
from functions.ledger.leaf import canonical, leaf_hash
from functions.ledger.model import MOST_LEAVES, Candidate

ORIGIN = "log.example/0d2f0d2f0d2f0d2f0d2f0d2f0d2f0d2f"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
# Reading what leaves say takes some hundred times as long: so many of them tell its price.
DEEP = 20_000


def leaves(count: int) -> Iterator[list[bytes]]:
    """Records of an act on a document, in batches."""
    template = canonical(
        {
            "typ": "consentinel/consent/v1",
            "log": ORIGIN,
            "id": f"019a0000-0000-7000-8000-{0:012x}",
            "at": to_ms(NOW),
            "at_client": to_ms(NOW),
            "site": "main",
            "sid": "AAAAAAAAAAAAAAAAAAAAAA",
            "act": "given",
            "sec": "checkout",
            "idv": "none",
            "pii": "x" * 43,
            "pol": {"id": "privacy", "ver": 3, "sha256": "ab" * 32, "lang": "bg"},
            "ui": {"build": "cd" * 32, "lang": "bg", "gpc": False},
        }
    )
    before, _, after = template.partition(b"8000-000000000000")
    for start in range(0, count, MOST_LEAVES):
        numbers = range(start, min(start + MOST_LEAVES, count))
        yield [b"%b8000-%012x%b" % (before, number, after) for number in numbers]


@dataclass
class Timed:
    """Seconds of processor time, by contender."""

    bare: float = 0
    leaf_hashing: float = 0
    audit: float = 0

    def run(self, name: str, work: Callable[..., None], *what: object) -> None:
        started = process_time()
        work(*what)
        setattr(self, name, getattr(self, name) + process_time() - started)


def bare(batch: Sequence[bytes]) -> None:
    for leaf in batch:
        sha256(leaf).digest()


def hashed(batch: Sequence[bytes]) -> None:
    for leaf in batch:
        leaf_hash(leaf)


def audited(batch: Sequence[bytes], hashes: Sequence[bytes], tree: Regrown) -> None:
    """Each leaf against tree and register, and the tree with its tiles grown from the hashes."""
    for leaf, stated in zip(batch, hashes, strict=True):
        if disagreement(stated, leaf, stated):
            raise ValueError(leaf)
    for _ in tree.grow(hashes):
        pass


def deeply(batch: Sequence[bytes]) -> None:
    for leaf in batch:
        record = RecordId(leaf.partition(b'"id":"')[2][:36].decode())
        candidate = Candidate.of(EntryRef(shard(record), record), leaf, leaf_hash(leaf))
        if misfit(candidate, origin=ORIGIN, year=NOW.year, sequenced_at=NOW):
            raise ValueError(leaf)


def measure(count: int) -> tuple[Timed, Regrown]:
    timed, tree = Timed(), Regrown()
    for batch in leaves(count):
        hashes = [leaf_hash(leaf) for leaf in batch]
        timed.run("bare", bare, batch)
        timed.run("leaf_hashing", hashed, batch)
        timed.run("audit", audited, batch, hashes, tree)
    return timed, tree


def deep_ratio(count: int) -> float:
    timed = Timed()
    for batch in leaves(count):
        timed.run("bare", bare, batch)
        timed.run("audit", deeply, batch)
    return timed.audit / timed.bare


def held(count: int) -> float:
    """The most memory that Python held while auditing so many, in kB."""
    gc.collect()
    tracemalloc.start()
    tree = Regrown()
    for batch in leaves(count):
        audited(batch, [leaf_hash(leaf) for leaf in batch], tree)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    count = parser.parse_args().records
    length = len(next(leaves(1))[0])
    timed, tree = measure(count)
    print(f"{count:,} leaves of {length} bytes; root {tree.frontier.root.hex()}")
    hashing, audit, deep = timed.bare / timed.leaf_hashing, timed.audit / timed.bare, deep_ratio(min(count, DEEP))
    print(f"bare SHA-256  {timed.bare:.2f} s")
    print(f"leaf hashing  {timed.leaf_hashing:.2f} s: {hashing:.2f} of the speed (goal: 0.5 or more)")
    print(f"audit         {timed.audit:.2f} s: {audit:.1f} x (goal: 5 or less)")
    print(f"--deep adds   {deep:.0f} x, taken from {min(count, DEEP):,}; receipts aside")
    for number in (count // 10, count):
        print(f"memory at {number:,}: {held(number):.0f} kB held by Python at the most")
    print(f"resident: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at the most")


if __name__ == "__main__":
    main()
