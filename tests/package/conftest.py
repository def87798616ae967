"""The package as it deploys, built once."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import ZipFile

import pytest

from infra.bench.runtime import client_folder
from infra.package import Package, build
from tests.support.aws import Aws


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return build(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def template(package: Package) -> dict[str, Any]:
    template: dict[str, Any] = json.loads(package.template.read_bytes())
    return template


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"]
    return found


@pytest.fixture(scope="session")
def unpacked(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As Lambda has it in /var/task."""
    folder = tmp_path_factory.mktemp("task")
    with ZipFile(package.bundle) as opened:
        opened.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def runtime_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return client_folder(tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="session")
def app(aws: Aws) -> ModuleType:  # noqa: ARG001 - the environment it makes is where the app finds itself
    import app

    return app
