"""The app's API on a port, on moto."""

from collections.abc import Iterator
from types import ModuleType

import pytest
from chalice.test import Client

from infra.local.origins.http import Answer, Request
from infra.local.origins.server import Server
from tests.support.aws import Aws


@pytest.fixture(scope="session")
def app(aws: Aws) -> ModuleType:  # noqa: ARG001 - the environment it makes is where the app finds itself
    import app

    return app


@pytest.fixture(scope="session")
def api(app: ModuleType) -> Iterator[str]:
    """The address that operations stand below."""
    client = Client(app.app)

    def answer(request: Request) -> Answer:
        answered = client.http.request(request.method, request.target, headers=dict(request.headers), body=request.body)
        return Answer(answered.status_code, answered.body, answered.headers)

    with Server(answer) as server:
        yield f"{server.address}/v1"
