"""Documents that a JSON Schema allows, and such documents with one thing changed; for the keywords that the project uses."""

import re
from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]
TEXT = st.characters(codec="utf-8", exclude_categories=["Cs"])
SIMPLE = st.none() | st.booleans() | st.integers(-5, 2**53 - 1) | st.text(TEXT, max_size=8)
JUNK: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2**53 - 1,
    "",
    "x",
    "x\n",
    "ж" * 500,
    [],
    [None],
    [[]],
    {},
    {"canary": "canary"},
]
KNOWN = {
    *(
        "$schema",
        "$ref",
        "type",
        "enum",
        "const",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "items",
        "minItems",
    ),
    *(
        "maxItems",
        "uniqueItems",
        "contains",
        "properties",
        "required",
        "additionalProperties",
        "propertyNames",
        "minProperties",
    ),
    *("maxProperties", "definitions", "description", "title", "default", "examples"),
}


def valid(schema: dict[str, Any], root: dict[str, Any]) -> Strategy:
    """Raises `LookupError` for a keyword that it does not know, so that none is left out of the comparison unseen."""
    if set(schema) - KNOWN:
        raise LookupError(f"Teach tests/support/schemas.py about {sorted(set(schema) - KNOWN)}.")
    if "$ref" in schema:
        return valid(root["definitions"][schema["$ref"].removeprefix("#/definitions/")], root)
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", "null")
    return st.one_of([_of_type(kind, schema, root) for kind in ([kinds] if isinstance(kinds, str) else kinds)])


def _of_type(kind: str, schema: dict[str, Any], root: dict[str, Any]) -> Strategy:
    match kind:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum", -(2**53) + 1), schema.get("maximum", 2**53 - 1))
        case "string":
            return _text(schema)
        case "array":
            return _array(schema, root)
        case _:
            return _object(schema, root)


def _text(schema: dict[str, Any]) -> Strategy:
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength", 2**20)
    if "pattern" not in schema:
        return st.text(TEXT, min_size=shortest, max_size=min(longest, shortest + 12))
    matching = st.from_regex(ecma(schema["pattern"]), fullmatch=True)
    return matching.filter(lambda text: shortest <= len(text) <= longest and text.isprintable())


def _array(schema: dict[str, Any], root: dict[str, Any]) -> Strategy:
    fewest = schema.get("minItems", 0)
    most = min(schema.get("maxItems", 3), fewest + 2)
    items = valid(schema["items"], root) if "items" in schema else SIMPLE
    unique_by = repr if schema.get("uniqueItems") else None
    lists = st.lists(items, min_size=fewest, max_size=most, unique_by=unique_by)
    return lists.filter(lambda made: schema["contains"]["const"] in made) if "contains" in schema else lists


def _object(schema: dict[str, Any], root: dict[str, Any]) -> Strategy:
    members = {name: valid(part, root) for name, part in schema.get("properties", {}).items()}
    required = {name: members.pop(name, SIMPLE) for name in schema.get("required", ())}
    named = st.fixed_dictionaries(required, optional=members)
    others = schema.get("additionalProperties", False)
    if not isinstance(others, dict):
        return named
    fewest = schema.get("minProperties", 0)
    open_ended = st.dictionaries(
        _text(schema.get("propertyNames", {})), valid(others, root), min_size=fewest, max_size=fewest + 2
    )
    return st.tuples(named, open_ended).map(lambda parts: {**parts[1], **parts[0]})


def ecma(pattern: str) -> str:
    """With $ as the end of the text, as ECMA 262 has it."""
    return re.sub(r"(?<!\\)\$", r"\\Z", pattern)


def places(document: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    return [at, *(place for key, value in inner for place in places(value, (*at, key)))]


@st.composite
def changed(draw: st.DrawFn, document: Any) -> Any:
    """The document with one place of it replaced, removed, repeated, renamed or added to."""
    place = draw(st.sampled_from(places(document)))
    return _changed(document, place, draw)


def _changed(document: Any, place: tuple[Any, ...], draw: st.DrawFn) -> Any:
    if not place:
        return _other(document, draw)
    key, copy = place[0], document.copy()
    if len(place) > 1:
        copy[key] = _changed(document[key], place[1:], draw)
        return copy
    match draw(st.sampled_from(["replace", "remove", "rename"])):
        case "replace":
            copy[key] = _other(copy[key], draw)
        case "remove":
            del copy[key]
        case "rename" if isinstance(copy, dict):
            copy[key + "\n"] = copy.pop(key)
        case _:
            copy.append(copy[key])
    return copy


def _other(value: Any, draw: st.DrawFn) -> Any:
    near: list[Any] = []
    match value:
        case bool():
            near = [int(value), str(value)]
        case int():
            near = [value + 1, value - 1, str(value), bool(value)]
        case str():
            near = [value + "\n", "\n" + value, value.upper(), value + " ", value * 40]
        case list():
            near = [value + value, [*value, True, 1], value * 30]
        case dict():
            near = [{**value, "canary": "canary"}, {**value, "": None}]
    return draw(st.sampled_from(near + JUNK))
