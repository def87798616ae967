"""The PynamoDB model of a workspace document."""

from functools import cache

from pynamodb.attributes import UnicodeAttribute, VersionAttribute
from pynamodb.exceptions import PutError
from pynamodb.models import Model


class DocumentTaken(Exception):  # noqa: N818 - a fact, not a fault
    """The document is not in the version that the change was made from."""


@cache
def _model(table: str) -> type[Model]:
    class DocumentRow(Model):
        class Meta:
            table_name = table
            connect_timeout_seconds = 2
            read_timeout_seconds = 5

        pk = UnicodeAttribute(hash_key=True)
        sk = UnicodeAttribute(range_key=True)
        body = UnicodeAttribute()
        version = VersionAttribute()

    return DocumentRow


def save(table: str, tenant: str, name: str, body: str, *, after: int | None) -> int:
    """Write the version that follows `after` (None: the first), and only that one; gives its number.

    Raises:
        DocumentTaken: another version is there.
    """
    row = _model(table)(tenant, name, body=body)
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
