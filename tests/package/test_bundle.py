"""The zip: what has to be in it, what must not be, how large it may be, and that it can be made again."""

import re
import subprocess
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path
from zipfile import ZipFile

import pytest

from functions.disputes.tasks import TOOLS
from infra import packages
from infra.bundle import Incomplete, bundle, read_folder, write
from infra.package import Package
from infra.packages import ROOT, Target

LICENCE = re.compile(r"licen[cs]e", re.IGNORECASE)
MEGABYTE = 1_000_000
# What was measured; more than this is a decision, not an accident.
AT_MOST = {"zip": 23 * MEGABYTE, "unpacked": 69 * MEGABYTE}
# PEP 552: bytecode that goes by the hash of its source, and does not look.
UNCHECKED_HASH = b"\x01\0\0\0"
COMPILED = {
    "_cffi_backend.cpython-311-x86_64-linux-gnu.so": "cffi, for cryptography",
    "cryptography/hazmat/bindings/_rust.abi3.so": "keys, sealing, signatures",
    "nh3/nh3.abi3.so": "sanitised HTML of documents",
    "rfc3161_client/_rust.abi3.so": "time stamps, asked for and checked",
    "rpds/rpds.cpython-311-x86_64-linux-gnu.so": "jsonschema, which names what is wrong with a request",
}


@pytest.fixture(scope="module")
def names(package: Package) -> set[str]:
    with ZipFile(package.bundle) as opened:
        return set(opened.namelist())


def below(folder: str, pattern: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob(pattern)}


def test_the_functions_travel_with_their_schemas_and_tables(names: set[str]) -> None:
    wanted = below("functions", "*.py") | below("functions", "*.json")

    assert {name for name in wanted if not name.startswith("functions/cli/")} <= names
    assert {"app.py", "chalice/app.py", "chalice/__init__.py"} <= names


def test_the_tools_that_go_into_a_dispute_pack_travel(names: set[str]) -> None:
    assert {path.relative_to(ROOT).as_posix() for path in TOOLS.values()} <= names


def test_the_storefronts_files_travel_and_their_sources_do_not(names: set[str]) -> None:
    assert below("banner/dist", "*.js*") | below("banner/dist", "*.html") | below("banner/texts", "*.json") <= names
    assert not [name for name in names if name.startswith(("banner/src", "banner/test", "banner/build"))]


def test_nothing_travels_that_only_a_developer_or_an_operator_needs(names: set[str]) -> None:
    roots = {name.partition("/")[0] for name in names}

    assert not roots & {"tests", "infra", "docs", "admin", "sdk", "node_modules", "typer", "rich", "moto", "pip", "setuptools"}
    assert not [name for name in names if "/tests/" in name or name.endswith(".pyi")]
    commands = {name for name in names if name.startswith("functions/cli/") and "__pycache__" not in name}
    assert commands == {"functions/cli/verify.py"}


def test_of_aws_only_the_services_that_the_functions_use_are_described(names: set[str]) -> None:
    described = {name.split("/")[2] for name in names if name.startswith("botocore/data/") and name.count("/") > 2}

    assert described == {"dynamodb", "kms", "s3", "sesv2", "sqs"}


def test_every_module_travels_compiled_and_its_source_is_not_looked_at_again(package: Package) -> None:
    with ZipFile(package.bundle) as opened:
        entries = {name: opened.read(name) for name in opened.namelist() if name.startswith(("functions/", "botocore/"))}
    modules = [name for name in entries if name.endswith(".py")]

    assert len(modules) > 100
    for name in modules:
        bytecode = entries[cache_from_source(name)]
        assert bytecode[:4] == MAGIC_NUMBER
        assert bytecode[4:8] == UNCHECKED_HASH
        assert bytecode[8:16] == source_hash(entries[name])


def test_the_compiled_wheels_are_the_known_ones(names: set[str]) -> None:
    assert {name for name in names if ".so" in name} == set(COMPILED)


def test_licences_travel_with_what_they_license(names: set[str]) -> None:
    described = {name for name in names if ".dist-info/" in name}
    travelling = {name.partition("/")[0] for name in described}

    assert len(travelling) > 20
    assert travelling - {name.partition("/")[0] for name in described if LICENCE.search(name)} == set()


def test_the_bundle_is_no_larger_than_it_was(package: Package) -> None:
    with ZipFile(package.bundle) as opened:
        unpacked = sum(entry.file_size for entry in opened.infolist())

    assert package.bundle.stat().st_size <= AT_MOST["zip"]
    assert unpacked <= AT_MOST["unpacked"]


def test_the_same_sources_give_the_same_bytes_in_another_process(package: Package, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "infra.package", "--out", str(tmp_path)], cwd=ROOT, check=True, capture_output=True)

    assert (tmp_path / package.bundle.name).read_bytes() == package.bundle.read_bytes()
    assert (tmp_path / package.template.name).read_bytes() == package.template.read_bytes()


@pytest.mark.parametrize("folder", ["functions", "banner"])
def test_a_bundle_without_a_part_of_the_product_is_not_made(folder: str) -> None:
    files = {f"functions/{name}": content for name, content in read_folder(ROOT / "functions").items()}
    files |= {"app.py": b"", "chalice/app.py": b"", "banner/texts/en.json": b"{}"}
    files |= dict.fromkeys(("banner/dist/manifest.json", "banner/dist/receipts.html", "banner/dist/verify.html"), b"")
    partly = {name: content for name, content in files.items() if not name.startswith(f"{folder}/")}

    with pytest.raises(Incomplete, match=f"lacks {folder}/"):
        bundle(write(partly), ROOT / "docs")


def test_wheels_are_asked_for_that_lambdas_linux_can_load() -> None:
    older, newer = Target("3.11", "x86_64"), Target("3.13", "arm64")

    assert next(older.platforms()) == "manylinux_2_26_x86_64"
    assert next(newer.platforms()) == "manylinux_2_34_aarch64"
    assert list(older.platforms())[-1] == "manylinux2014_x86_64"
    assert not [line for line in packages.requirements() if line.startswith("chalice")]


@pytest.mark.prove
def test_a_bundle_for_arm_has_arms_machine_code(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "infra.package", "--out", str(tmp_path), "--architecture", "arm64"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )

    with ZipFile(tmp_path / "deployment.zip") as opened:
        libraries = {name: opened.read(name) for name in opened.namelist() if ".so" in name}
    assert len(libraries) == len(COMPILED)
    for name, content in libraries.items():
        assert content[:4] == b"\x7fELF", name
        assert int.from_bytes(content[18:20], "little") == 0xB7, f"{name} is not for AArch64"
    assert '"arm64"' in (tmp_path / "template.json").read_text()
