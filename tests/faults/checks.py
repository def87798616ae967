"""What must be true of a tenant after a story, whatever happened in it: everything derived anew from what is stored."""

from collections import Counter
from typing import Any

from functions.dynamo import Item
from functions.ledger.keys import Verifier
from functions.ledger.kinds import EntryRef
from functions.ledger.leaf import leaf_hash
from functions.ledger.proof import LogProof
from functions.ledger.tree import Frontier
from tests.faults.story import Story, rows


def check(story: Story) -> None:
    """Raises `AssertionError` for anything lost, doubled, half-written or left open."""
    entries = _entries(story)
    assert Counter(_kind(ref) for ref in entries) >= Counter({"consent": 3, "erasure": 1})
    assert {act["id"] for act in story.acts} == {ref.key for ref in entries if _kind(ref) == "consent"}
    _check_log(story, entries)
    _check_listings(story)
    _check_erased(story)


def _entries(story: Story) -> dict[EntryRef, Item]:
    mine = [item for item in rows(story.aws, story.aws.settings.register_table) if _is_mine(story, item)]
    return {EntryRef(item["pk"]["S"].partition("#")[2], item["sk"]["S"]): item for item in mine}


def _is_mine(story: Story, item: Item) -> bool:
    return str(item["pk"]["S"]).startswith(f"{story.shop.tenant}#")


def _kind(ref: EntryRef) -> str:
    return ref.partition.partition("#")[0]


def _check_log(story: Story, entries: dict[EntryRef, Item]) -> None:
    """Every entry is in the tree once, under the place that its locator says, and its proof holds."""
    wiring, tenant, year = story.app.wiring, story.shop.tenant, story.now.year
    log = wiring.log_rows(tenant, year)
    batches = list(log.batches(0, 10_000))
    refs = [ref for batch in batches for ref in batch.refs]
    hashes = [hashed for batch in batches for hashed in batch.hashes]
    head = log.head()
    assert Counter(refs) == Counter(dict.fromkeys(entries, 1))
    assert hashes == [leaf_hash(entries[ref]["leaf"]["B"]) for ref in refs]
    assert (head.frontier, head.finished) == (Frontier().extended(hashes), head.v)
    assert {ref: place.index for ref, place in wiring.places(tenant).find(refs).items()} == {
        ref: i for i, ref in enumerate(refs)
    }
    wiring.signing(tenant, year).sign(now=story.now)
    verifier = Verifier.parse(log.head().signed.vkey)
    for ref, hashed in zip(refs, hashes, strict=True):
        proof = wiring.log_reader(tenant, year).proof(ref)
        assert LogProof.parse(proof.text).verify(hashed, verifier).size <= len(refs)


def _check_listings(story: Story) -> None:
    listed = {record["id"]: record["state"] for record in story.shop.register()}
    assert listed == {act["id"]: "erased" for act in story.acts}


def _check_erased(story: Story) -> None:
    """No key, no look-up, and nothing that waits to be done."""
    vault: list[Any] = [item for item in rows(story.aws, story.aws.settings.vault_table) if _is_mine(story, item)]
    assert not [item for item in vault if "wrapped" in item and "#subject#" in item["pk"]["S"]]
    assert not [item for item in vault if "#email#" in item["pk"]["S"] or "lookup" in item["sk"]["S"]]
    states = [one["state"] for one in story.shop.call("GET", "/erasures").json["erasures"]]
    assert states == ["done"]
