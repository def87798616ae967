"""The JSON Schemas (draft 7, closed) beside the code, checked on the way in by compiled validators.

Good input is checked by fastjsonschema, which costs microseconds. Only for input it refuses is jsonschema loaded, to name
every violation; a test holds the two to the same verdict on every schema.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastjsonschema

from functions.errors import Invalid, Violation

if TYPE_CHECKING:
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import ValidationError

PACKAGE = Path(__file__).parent
MAX_VIOLATIONS = 20
PLAIN = re.compile(r"[A-Za-z0-9_-]{1,40}")


class Schema:
    """One schema file, compiled when it is first used.

    Args:
        path: relative to the package, such as `consents/schemas/submission.json`.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """As it is called in the OpenAPI document: `consents/schemas/submission.json` is `ConsentsSubmission`."""
        noun, _, file = self.path.partition("/schemas/")
        return "".join(part.title() for part in f"{noun}-{file.removesuffix('.json')}".split("-"))

    def document(self) -> dict[str, Any]:
        return _document(self.path)

    def check(self, value: object) -> None:
        """Raises `Invalid` with each violation's pointer and what was expected, never with the value itself."""
        try:
            _validator(self.path)(value)
        except fastjsonschema.JsonSchemaValueException as error:
            violations = list(_violations(self.document(), value))
            raise Invalid("The request does not have the form that it should have.", violations) from error


@cache
def _document(path: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((PACKAGE / path).read_bytes())
    return document


@cache
def _validator(path: str) -> Callable[[object], object]:
    compiled: Callable[[object], object] = fastjsonschema.compile(_document(path), use_default=False, use_formats=False)
    return compiled


def _violations(document: dict[str, Any], value: object) -> Iterator[Violation]:
    # `format` is not checked by either: what a text must look like stands in a pattern or in the type it becomes.
    for _, error in zip(range(MAX_VIOLATIONS), _narrator()(document).iter_errors(value), strict=False):
        yield Violation(_pointer(error), _expected(error))


@cache
def _narrator() -> "type[Draft7Validator]":
    from jsonschema import Draft7Validator, ValidationError, validators  # noqa: PLC0415 - 60 ms that good requests must not pay

    def pattern(_validator: object, pattern: str, instance: object, _schema: object) -> "Iterator[ValidationError]":
        # ECMA 262's $ is the end of the text, Python's also the place before a last line break.
        if isinstance(instance, str) and not re.search(re.sub(r"(?<!\\)\$", r"\\Z", pattern), instance):
            yield ValidationError("does not match")

    def unique(_validator: object, wanted: bool, instance: object, _schema: object) -> "Iterator[ValidationError]":  # noqa: FBT001 - jsonschema's signature
        # jsonschema compares each with each, which a long list of a hostile sender makes into minutes.
        if wanted and isinstance(instance, list):
            told = {json.dumps(one, sort_keys=True) for one in instance}
            if len(told) != len(instance):
                yield ValidationError("repeats an item")

    narrator: type[Draft7Validator] = validators.extend(Draft7Validator, {"pattern": pattern, "uniqueItems": unique})  # type: ignore[no-untyped-call]  # a gap in its stubs
    return narrator


def _pointer(error: "ValidationError") -> str:
    """As far as its names are plain; where a schema leaves names open, one may be personal data put in the wrong place."""
    return "".join("/" + part for part in takewhile(PLAIN.fullmatch, map(str, error.absolute_path)))


def _expected(error: "ValidationError") -> str:
    """From the schema alone; jsonschema's own messages quote the input, which may be personal data."""
    schema: Any = error.schema
    rule: Any = error.validator_value
    match error.validator:
        case "required":
            present = error.instance if isinstance(error.instance, dict) else {}
            missing = [name for name in rule if name not in present]
            return f"the members {', '.join(missing)}"
        case "additionalProperties":
            return f"no other members than {', '.join(schema.get('properties', {}))}"
        case _:
            return schema.get("description") or f"{error.validator}: {json.dumps(rule, ensure_ascii=False)}"[:200]
