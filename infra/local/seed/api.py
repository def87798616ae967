"""A small client of the API, for the seed and for the shop's server."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SECONDS = 30


class Refused(Exception):
    """The API answered with a problem document."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('title')}: {problem.get('detail')} {problem.get('violations', '')}")
        self.status = status


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Calls operations below `base` (with its version, without a slash at the end) with a key, or as anybody.

    Every method gives the answer's body and raises `Refused`.
    """

    base: str
    key: str = ""

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        return self._call("GET", path, None)

    def find(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """None where there is nothing."""
        try:
            return self.get(path)
        except Refused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def post(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return self._call("POST", path, body)

    def put(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return self._call("PUT", path, body)

    def _call(self, method: str, path: str, body: dict[str, Any] | None) -> Any:  # noqa: ANN401 - JSON
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = Request(self.base + path, data, headers, method=method)  # noqa: S310 - the stack's own API
        try:
            with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
                return json.loads(answer.read())
        except HTTPError as refused:
            with refused:
                raise Refused(refused.code, _problem(refused)) from refused


def _problem(refused: HTTPError) -> dict[str, Any]:
    """The gateway's own answers are no problem documents."""
    try:
        body = json.loads(refused.read())
    except ValueError:
        return {"title": refused.reason}
    return body if isinstance(body, dict) else {"title": refused.reason}
