"""The zip that Lambda unpacks, without what nobody needs there, and of the same bytes for the same sources."""

import io
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

Files = Mapping[str, bytes]
# Every service that functions/ has a client of; a client of another would fail at once, in tests/package as well.
SERVICES = ("dynamodb", "kms", "s3", "sesv2", "sqs")
NEEDED = (
    *("app.py", "chalice/app.py", "functions/web.py", "functions/cli/verify.py"),
    *("banner/dist/manifest.json", "banner/dist/receipts.html", "banner/dist/verify.html", "banner/texts/en.json"),
)
COMPILE = ("-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash")

SUPERFLUOUS = tuple(
    map(
        re.compile,
        (
            r"(^|/)__pycache__/",
            r"(^|/)(tests?|examples)/",
            r"^bin/",
            r"\.(pyi|c|h|pxd|pyx)$",
            # Of a package's description its version and its licences stay.
            r"^[^/]+\.dist-info/(?!METADATA$|licen[cs]es/|LICEN[CS]E|NOTICE|COPYING)",
            rf"^botocore/data/(?!({'|'.join(SERVICES)})/)[^/]+/",
            r"^botocore/data/[^/]+/[^/]+/examples-1\.json",
            r"^dateutil/zoneinfo/dateutil-zoneinfo\.tar\.gz$",
            # Half of the bundle: pictures, of which no report has any, and what makes fontTools faster without being needed.
            r"^(PIL|pillow\.libs|pillow-[^/]+\.dist-info)/",
            r"^fontTools/.+\.so$",
            # The operator's command line runs on the operator's machine; of it the verifier goes into dispute packs.
            r"^functions/cli/(?!verify\.py$)",
        ),
    )
)


class Incomplete(LookupError):
    """Something that the functions need is missing from the bundle."""


def bundle(app: bytes, packages: Path) -> bytes:
    """The zip, of the one that Chalice made of the app and of the folder with the packages.

    Raises:
        Incomplete: functions/ or banner/ is not in it.
    """
    files = pruned({**read_folder(packages), **read_zip(app)})
    missing = [name for name in NEEDED if name not in files]
    if missing:
        raise Incomplete(f"The bundle lacks {', '.join(missing)}; is the banner built, and are the sources where they were?")
    return write({**files, **compiled(files)})


def read_zip(content: bytes) -> Files:
    with ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name) for name in opened.namelist() if not name.endswith("/")}


def read_folder(folder: Path) -> Files:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def pruned(files: Files) -> Files:
    return {name: content for name, content in files.items() if not any(rule.search(name) for rule in SUPERFLUOUS)}


def compiled(files: Files) -> Files:
    """Bytecode beside every module; without it a cold start takes twice as long, as Lambda cannot keep what it compiles.

    It names the hash of its source, which is not looked at again (PEP 552). A process of its own makes it, because what is
    dumped depends on which strings a process happens to know already.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            if name.endswith(".py"):
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        subprocess.run([sys.executable, "-I", "-S", *COMPILE, "-s", folder, folder], check=True)
        return {name: content for name, content in read_folder(Path(folder)).items() if name.endswith(".pyc")}


def write(files: Files) -> bytes:
    """In order of name, without the files' own times and rights; an entry made like this is of 1980."""
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED, compresslevel=9) as opened:
        for name in sorted(files):
            entry = ZipInfo(name)
            entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
            opened.writestr(entry, files[name], compresslevel=9)
    return content.getvalue()


def sizes(bundle_path: Path) -> list[tuple[str, int]]:
    """Deflated bytes by package, the largest first."""
    parts: Counter[str] = Counter()
    with ZipFile(bundle_path) as opened:
        for entry in opened.infolist():
            parts[entry.filename.partition("/")[0]] += entry.compress_size
    return parts.most_common()
