"""The app as the gateway calls it, authorizer included; every answer is held to what its operation declares."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from chalice.app import Chalice
from chalice.test import Client
from jsonschema import Draft7Validator

from functions.web import Api, Operation
from infra.openapi import PROBLEM


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Http:
    """Sends requests to the app."""

    def __init__(self, app: Chalice, apis: tuple[Api, ...]) -> None:
        self.app = app
        self.operations = {one.id: one for api in apis for one in api.operations}
        self.client = Client(app)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """`body` goes out as JSON, `raw` as it is."""
        sent = dict(headers or {})
        if body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            sent = {"Content-Type": "application/json", **sent}
        target = path + (f"?{urlencode(query)}" if query else "")
        response = self.client.http.request(method, target, headers=sent, body=raw or b"")
        answer = Answer(response.status_code, _lowered(response.headers), response.body.decode())
        self._hold(method, path, answer)
        return answer

    def _hold(self, method: str, path: str, answer: Answer) -> None:
        operation = self._operation(method, path)
        if operation is None:
            assert answer.status in {401, 403}, f"the gateway knows no {method} {path}, and answers {answer.status}"
        elif answer.headers.get("content-type") == "application/problem+json":
            _conforms(json.dumps(PROBLEM), answer.json)
            assert answer.json["status"] == answer.status
        elif not _by_gateway(answer):
            assert answer.status in operation.answers, f"{operation.id} does not declare {answer.status}: {answer.text}"
            schema = operation.answers[answer.status]
            if schema is not None:
                _conforms(json.dumps(schema.document()), answer.json)

    def _operation(self, method: str, path: str) -> Operation | None:
        parts = path.strip("/").split("/")
        fitting = [one for one in self.operations.values() if one.method == method and _fits(one.path, parts)]
        return min(fitting, key=lambda one: one.path.count("{"), default=None)


def _fits(template: str, parts: list[str]) -> bool:
    wanted = template.strip("/").split("/")
    return len(wanted) == len(parts) and all(w.startswith("{") or w == p for w, p in zip(wanted, parts, strict=True))


def _by_gateway(answer: Answer) -> bool:
    """The gateway's own refusals, before the app is asked: no key, or a key that opens nothing."""
    return answer.status in {401, 403} and set(answer.json) <= {"message", "Message"}


@cache
def _validator(schema: str) -> Draft7Validator:
    return Draft7Validator(json.loads(schema))


def _conforms(schema: str, document: Any) -> None:
    errors = [f"{list(error.absolute_path)}: {error.message}" for error in _validator(schema).iter_errors(document)]
    assert not errors, errors


def _lowered(headers: Mapping[str, Any]) -> dict[str, str]:
    flat = {name.lower(): value for name, value in headers.items()}
    return {name: value[0] if isinstance(value, list) else str(value) for name, value in flat.items()}
