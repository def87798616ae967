"""The OpenAPI 3.1 document, made from the operations that app.py mounts; `python -m infra.openapi` writes it."""

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from functions.schema import Schema
from functions.settings import PREFIX, Settings
from functions.web import PROBLEMS, Access, Api, Operation

TARGET = Path(__file__).parent.parent / "docs" / "reference" / "openapi.json"
VERSION = "1.0.0"
DESCRIPTION = (
    "Consent and data-subject rights for online stores. Every refusal is a problem document (RFC 9457) that says what to do. "
    "Retrying an act is safe: what was recorded once is answered the same again. Any other change carries the version that it "
    "was made from, so a second one is a conflict and does nothing."
)
SITE = {
    "name": "site",
    "in": "query",
    "required": True,
    "description": "The site key of the snippet.",
    "schema": {"type": "string", "pattern": "^pk_[a-z2-7]{12}_[a-z0-9]{1,20}$"},
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "description": "what kind of refusal it is"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what to do about it"},
        "violations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "expected"],
                "properties": {
                    "pointer": {"type": "string", "description": "where in the request, a JSON Pointer (RFC 6901)"},
                    "expected": {"type": "string", "description": "what belongs there"},
                },
            },
        },
    },
}
SECURITY: dict[Access, list[dict[str, list[str]]]] = {
    Access.PUBLIC: [],
    Access.SUBJECT: [{"subjectToken": []}],
    Access.MERCHANT: [{"apiKey": []}],
}


def document(apis: Iterable[Api]) -> dict[str, Any]:
    operations = [one for api in apis for one in api.operations if one.method != "OPTIONS"]
    paths: dict[str, dict[str, Any]] = {}
    for operation in sorted(operations, key=lambda one: (one.path, one.method)):
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    schemas = {schema.name: _inlined(schema) for operation in operations for schema in _schemas(operation)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Consentinel",
            "version": VERSION,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted({**schemas, "Problem": PROBLEM}.items())),
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A merchant's API key, ck_TENANT_PREFIX.SECRET.",
                },
                "subjectToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The subject token of this browser, from the answer to its first act.",
                },
            },
        },
    }


def _schemas(operation: Operation) -> Iterator[Schema]:
    yield from filter(None, (operation.body, *operation.answers.values()))


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [_tag(operation)],
        "summary": operation.summary,
        "security": SECURITY[operation.access],
        "parameters": list(_parameters(operation)),
        "responses": {
            **{str(status): _answer(schema) for status, schema in operation.answers.items()},
            **{str(status): _refusal(title) for status, title in sorted(_refusals(operation))},
            "default": _refusal("That is our fault"),
        },
    }
    if operation.scope is not None:
        described["description"] = f"Needs the right `{operation.scope}`."
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": _reference(operation.body)}}}
    return described


def _tag(operation: Operation) -> str:
    parts = operation.path.strip("/").split("/")[1:]
    return parts[1] if parts[0] in {"admin", "me"} else parts[0]


def _parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", operation.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    if operation.access is not Access.MERCHANT:
        yield SITE
    for name, meaning in operation.query.items():
        schema = {"type": "string", "maxLength": 200}
        yield {"name": name, "in": "query", "required": False, "description": meaning, "schema": schema}


def _refusals(operation: Operation) -> Iterator[tuple[int, str]]:
    needs_body = {413, 415}
    for status, title in PROBLEMS.values():
        if status in needs_body and operation.body is None:
            continue
        yield status, title


def _answer(schema: Schema | None) -> dict[str, Any]:
    if schema is None:
        return {"description": "Done."}
    return {"description": "Done.", "content": {"application/json": {"schema": _reference(schema)}}}


def _refusal(title: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": title, "content": content}


def _reference(schema: Schema) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema.name}"}


def _inlined(schema: Schema) -> dict[str, Any]:
    """Its definitions stand within it, so references to them start at the document's root here."""
    text = json.dumps({name: value for name, value in schema.document().items() if name != "$schema"})
    moved: dict[str, Any] = json.loads(text.replace('"#/definitions/', f'"#/components/schemas/{schema.name}/definitions/'))
    return moved


def main() -> None:
    # The app finds its deployment in the environment; for its document any will do.
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    for setting in fields(Settings):
        os.environ.setdefault(PREFIX + setting.name.upper(), "none")

    from app import apis  # noqa: PLC0415 - reads the environment when it is imported

    TARGET.write_text(json.dumps(document(apis), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{TARGET} is up to date.")


if __name__ == "__main__":
    main()
