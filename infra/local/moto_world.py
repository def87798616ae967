"""What moto keeps in memory, made repeatable and storable.

Under one lock moto is a function of its state, the request, the time and its random numbers. `Fate` fixes the last two, so that
a journaled request does the same when it is replayed: the same message ids and receipt handles, version ids and sequence
numbers. Only KMS draws keys from the operating system; what KMS has is therefore kept by snapshots, which hold every key.
"""

import io
import pickle
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from threading import Condition, Lock
from typing import Any

import moto
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key
from moto.core import utils
from moto.core.model_instances import model_data
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodbstreams.models import dynamodbstreams_backends
from moto.kms.models import kms_backends
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from moto.s3.utils import _VersionedKeyStore
from moto.ses.models import ses_backends
from moto.sqs.models import sqs_backends

from infra.local.wire import Answer, Request

SERVICES: dict[str, Any] = {
    "dynamodb": dynamodb_backends,
    "kms": kms_backends,
    "s3": s3_backends,
    "ses": ses_backends,
    "sqs": sqs_backends,
}
ITERATORS = 1000


class OtherVersion(Exception):
    """The snapshot was made by another moto, whose objects may differ."""


class MotoWorld:
    """moto's server without a server; one a process, because moto's memory is the process's."""

    def __init__(self) -> None:
        self.fate = Fate()
        self.fate.prepare()
        forget_instances()
        self.app = DomainDispatcherApplication(create_backend_app)

    def execute(self, request: Request) -> Answer:
        self.fate.set(request.at, request.seed)
        said: list[Any] = []
        environ = {
            **request.environ,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        chunks = self.app(environ, lambda status, headers, _=None: said.extend((status, headers)))
        answer = Answer(said[0], said[1], b"".join(chunks))
        forget_iterators()
        return answer

    def marks(self) -> list[tuple[int, int]]:
        everything = [vars(queue)["_messages"] for queue in _queues()]  # the public list hides what was received
        return [(len(messages), sum(one.approximate_receive_count for one in messages)) for messages in everything]

    def dump(self) -> bytes:
        state = {service: list(backends.iter_backends()) for service, backends in SERVICES.items()}
        file = io.BytesIO()
        _Pickler(file, protocol=pickle.HIGHEST_PROTOCOL).dump((moto.__version__, state, s3_backends.bucket_accounts))
        return file.getvalue()

    def load(self, snapshot: bytes) -> None:
        """Raises `OtherVersion`."""
        # Our own file, made by `dump` beside the journal.
        version, state, bucket_accounts = pickle.loads(snapshot)  # noqa: S301
        if version != moto.__version__:
            raise OtherVersion(f"This state was made with moto {version}, and this is moto {moto.__version__}.")
        for service, backends in state.items():
            for account, region, backend in backends:
                SERVICES[service][account][region] = backend
        s3_backends.bucket_accounts.update(bucket_accounts)


@dataclass
class Fate:
    """The time that moto sees, and the seed of what it draws."""

    now: datetime | None = None

    def prepare(self) -> None:
        """Put this clock in the place of moto's."""
        real = utils.utcnow
        for module in [one for name, one in sys.modules.items() if name.startswith("moto.")]:
            if getattr(module, "utcnow", None) is real:
                module.utcnow = self.utcnow  # type: ignore[attr-defined]  # checked in the line above

    def utcnow(self) -> datetime:
        """Naive, as moto wants it."""
        return (self.now or datetime.now(UTC)).replace(tzinfo=None)

    def set(self, at: float, seed: int) -> None:
        self.now = datetime.fromtimestamp(at, UTC)
        mock_random.seed(seed)


class _Forgetful(list[object]):
    """moto keeps every object it ever made, for its dashboard; an engine that runs for days must not."""

    def append(self, _: object) -> None:
        pass


def forget_instances() -> None:
    """Keep lists of instances for sent mails only, which are read from there."""
    for service, models in model_data.items():
        if service not in {"ses", "sesv2"}:
            for model in models.values():
                model.instances_tracked = _Forgetful()  # type: ignore[attr-defined]  # each model has it


def forget_iterators() -> None:
    """Let go of stream iterators but the last ones; moto keeps every one it ever gave."""
    for _, _, backend in dynamodbstreams_backends.iter_backends():
        iterators: dict[str, object] = vars(backend)["shard_iterators"]
        for old in list(iterators)[: max(len(iterators) - ITERATORS, 0)]:
            del iterators[old]


def _queues() -> Iterator[Any]:
    for _, _, backend in sqs_backends.iter_backends():
        yield from vars(backend)["queues"].values()


class _Pickler(pickle.Pickler):
    """Knows the objects in moto's memory that pickle does not, and one whose `items` hide all versions but the last."""

    def reducer_override(self, thing: Any) -> Any:  # noqa: ANN401 - pickle's signature
        match thing:
            case _VersionedKeyStore():
                return _versioned, (list(thing.lists()),)
            case Condition():
                return Condition, ()
            case SpooledTemporaryFile():
                return _spooled, (_content(thing),)
            case EllipticCurvePrivateKey() | RSAPrivateKey():
                return _private_key, (thing.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),)
            case _ if isinstance(thing, type(Lock())):
                return Lock, ()
        return NotImplemented


def _content(file: SpooledTemporaryFile[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _versioned(lists: list[tuple[str, list[Any]]]) -> _VersionedKeyStore:
    store = _VersionedKeyStore()
    for key, versions in lists:
        store.setlist(key, versions)
    return store


def _spooled(content: bytes) -> SpooledTemporaryFile[bytes]:
    file = SpooledTemporaryFile(len(content) + 1)  # noqa: SIM115 - lives as long as the object it is a part of
    file.write(content)
    return file


def _private_key(der: bytes) -> Any:  # noqa: ANN401 - either kind
    return load_der_private_key(der, None)
