"""The PynamoDB model of a workspace document."""

from functools import cache

from pynamodb.attributes import UnicodeAttribute, VersionAttribute
from pynamodb.exceptions import PutError
from pynamodb.models import Model


class DocumentTaken(Exception):
    """The document is not in the version that the change was made from."""


class DocumentRow(Model):
    """A document, whichever table it is in."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    body = UnicodeAttribute()
    version = VersionAttribute()


@cache
def _row_of(table: str) -> type[DocumentRow]:
    class Row(DocumentRow):
        class Meta:
            table_name = table
            connect_timeout_seconds = 2
            read_timeout_seconds = 5

    return Row


def save(table: str, tenant: str, name: str, body: str, *, after: int | None) -> int:
    """Write the version that follows `after` (None: the first), and only that one; gives its number.

    Raises:
        DocumentTaken: another version is there.
    """
    row = _row_of(table)(tenant, name, body=body)
    if after is not None:
        row.version = after
    try:
        row.save()
    except PutError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        raise DocumentTaken(name) from error
    version: int = row.version
    return version
