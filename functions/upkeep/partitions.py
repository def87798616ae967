"""Where the register has a tenant's entries, other than consent records: by what the tenant's documents name."""

from collections.abc import Callable, Iterator

from functions.workspace.model import Documents

# By the prefix of a document's name: the partition of the entries that are made about it.
NAMED: dict[str, Callable[[str], str]] = {
    "policy#": lambda rest: f"policy#{rest}",
    "site#": lambda rest: f"config#{rest}",
}
ALWAYS = ("erasure", "tamper", "closing")


def partitions_of(documents: Documents) -> Iterator[str]:
    """A page of documents at a time."""
    yield from ALWAYS
    for prefix, partition in NAMED.items():
        after: str | None = None
        while True:
            page = documents.page(prefix, after=after)
            yield from dict.fromkeys(partition(document.name.removeprefix(prefix)) for document in page.documents)
            after = page.after
            if after is None:
                break
