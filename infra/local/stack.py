"""The parts in the order in which they need each other, and what each is told of the others."""

import importlib
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

import botocore.session

from functions.ids import SiteId, SiteKey
from infra.local import resources
from infra.local.api import ApiServer
from infra.local.authority import Authority
from infra.local.engines import Engine, engine_of
from infra.local.gateway import Gateway
from infra.local.mails import MailOutbox
from infra.local.origins.cdn import CdnOrigin
from infra.local.origins.shop import ShopOrigin
from infra.local.ports import Ports, check_free, listening
from infra.local.pump import Pump
from infra.local.recorder import Recorder
from infra.local.seed import Seeded, seed
from infra.local.seed.account import TENANT
from infra.local.seed.api import ApiClient
from infra.local.seed.demo import SITE
from infra.local.shop.documents import Documents
from infra.local.shop.pages import Surroundings


class Part(Protocol):
    """What runs from `start` to `stop`."""

    def start(self) -> Any:  # noqa: ANN401 - itself
        """Returns when it serves."""

    def stop(self) -> None:
        """Returns when it has ended."""


Started = TypeVar("Started", bound=Part)


@dataclass(frozen=True, slots=True)
class Addresses:
    """What to open, or to point a program at."""

    api: str
    cdn: str
    shop: str
    mails: str
    recorder: str
    authority: str
    engine: str


@dataclass
class Stack:
    """Everything, in this process and the engine's. One a process: the app finds its deployment in the environment.

    Args:
        state: directory that all data is in.
        engine: `moto`, `ministack`, or the address of one that runs.
        ports: where the parts listen.
    """

    state: Path
    engine: str = "moto"
    ports: Ports = field(default_factory=Ports)
    running: ExitStack = field(default_factory=ExitStack, init=False)
    aws: Engine = field(init=False)
    api: ApiServer = field(init=False)
    cdn: CdnOrigin = field(init=False)
    shop: ShopOrigin = field(init=False)
    mails: MailOutbox = field(init=False)
    recorder: Recorder = field(init=False)
    authority: Authority = field(init=False)
    seeded: Seeded = field(init=False)

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.running.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.running.close()

    @property
    def addresses(self) -> Addresses:
        return Addresses(
            api=self.api.address,
            cdn=self.cdn.address,
            shop=self.shop.address,
            mails=self.mails.address,
            recorder=self.recorder.address,
            authority=self.authority.address,
            engine=self.aws.address,
        )

    def _start(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        self.api = listening("api", self.ports.api, lambda port: ApiServer(port=port))
        self.running.callback(self.api.stop)
        listening("engine", self.ports.engine, check_free)
        self.aws = self._started(engine_of(self.engine, state=self.state, port=self.ports.engine))
        self.mails = self._listening("mails", lambda port: MailOutbox(self.aws.address, file=self.state / "mails", port=port))
        deployment = self._deployment()
        self.cdn = self._listening(
            "cdn", lambda port: CdnOrigin(deployment.client("s3"), deployment.attribute("ContentBucket", "Ref"), port=port)
        )
        self.authority = self._listening("authority", lambda port: Authority(self.state / "authority", port=port))
        os.environ.update(self._addresses())
        module = importlib.import_module("app")
        self.api.start(Gateway(module.app))
        self.running.callback(self.api.stop)  # before the engine that it talks to
        self._started(Pump(module.app, deployment, self.state / self.kind))
        self._open_shop(module.wiring)

    def _addresses(self) -> dict[str, str]:
        """The settings that are parameters of a deployment and known only now."""
        return {
            "CONSENTINEL_API_BASE": self.api_base,
            "CONSENTINEL_CDN_BASE": self.cdn.address,
            "CONSENTINEL_TIMESTAMP_AUTHORITY": self.authority.address,
            "CONSENTINEL_TIMESTAMP_ROOTS": self.authority.root,
        }

    @property
    def api_base(self) -> str:
        return f"{self.api.address}/v1"

    @property
    def kind(self) -> str:
        """Data of one engine means nothing to another."""
        return self.engine if self.engine.isalpha() else "other"

    def _deployment(self) -> resources.Resources:
        """The resources of the template; from here on this process talks to this engine."""
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(resources.aws_environment(self.aws.address))
        os.environ["AWS_ENDPOINT_URL_SESV2"] = self.mails.address
        deployment = resources.make(botocore.session.get_session())
        os.environ.update(deployment.settings())
        return deployment

    def _open_shop(self, wiring: Any) -> None:  # noqa: ANN401 - a Wiring, whose module can be imported once there is an app
        tls = self.ports.recorder_tls
        self.recorder = self._listening("recorder", lambda port: Recorder(http_port=port, https_port=tls))
        site = SiteKey.of(TENANT, SiteId(SITE))
        behind = {"recorder": self.recorder.address, "mails": self.mails.address, "api": self.api_base}
        around = Surroundings(site, self.cdn.address, behind)
        documents = Documents(ApiClient(self.api_base), site)
        self.shop = listening("shop", self.ports.shop, lambda port: ShopOrigin(around, documents.address, port=port))
        key_file = self.state / self.kind / "api-key"
        self.seeded = seed(self.api_base, origins=[self.shop.address], wiring=wiring, key_file=key_file)
        self._started(self.shop)

    def _listening(self, part: str, make: Callable[[int], Started]) -> Started:
        return self._started(listening(part, getattr(self.ports, part), make))

    def _started(self, part: Started) -> Started:
        self.running.callback(part.stop)
        part.start()
        return part
