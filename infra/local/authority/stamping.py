"""Time-stamps made by `openssl ts`."""

import subprocess
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from infra.local.authority.identity import ROOT, Identity

SECONDS = 10
CONFIG = """[tsa]
default_tsa = local
[local]
serial = {serial}
signer_cert = {certificate}
signer_key = {key}
signer_digest = sha256
{chain}
default_policy = 1.3.6.1.4.1.55555.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class CannotStamp(Exception):
    """openssl is missing or failed; what it said is the message."""


def stamped(query: bytes, identity: Identity, *, chain: bool) -> bytes:
    """The answer to a query (RFC 3161, 2.4.1 and 2.4.2), DER; what is no query is answered with a rejection."""
    with TemporaryDirectory() as folder:
        work = Path(folder)
        # Random, so that no two stamps share one whatever ends when: openssl's own counter is a file that it writes over.
        (work / "serial").write_text(f"{token_hex(16).upper()}\n")
        (work / "openssl.cnf").write_text(_config(work / "serial", identity, chain=chain))
        (work / "query").write_bytes(query)
        _run("ts", "-reply", "-config", work / "openssl.cnf", "-queryfile", work / "query", "-out", work / "reply")
        return (work / "reply").read_bytes()


def _config(serial: Path, identity: Identity, *, chain: bool) -> str:
    certificates = f"certs = {identity.folder / ROOT}" if chain else ""
    return CONFIG.format(serial=serial, certificate=identity.certificate, key=identity.key, chain=certificates)


def _run(*arguments: str | Path) -> None:
    try:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=SECONDS)
    except FileNotFoundError as error:
        raise CannotStamp("There is no openssl on the PATH.") from error
    except subprocess.CalledProcessError as error:
        raise CannotStamp(error.stderr.decode("utf-8", "replace")) from error
