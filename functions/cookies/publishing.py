"""Publishing a site's window: files first, then the entry in the register, the pointers to it last."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any, Protocol

from functions.cookies.config import SCRIPT, Bundle, Edition, Published, files, folder, linked, scope_of
from functions.cookies.model import Banner
from functions.cookies.pages import HTML, Addresses, pages
from functions.errors import AlreadyRecorded, Conflict, Invalid, NotFound, Violation
from functions.ids import PolicyId, SiteKey
from functions.paging import numbered_page
from functions.policies.model import PolicyVersion, whole_ms
from functions.regimes.model import STRICTEST, regimes

MAX_SCOPE = 4000
# So that the entry fits a row of DynamoDB, which has 400 KB at the most.
MAX_SCOPE_CHARACTERS = 300_000


class PublishedConfigs(Protocol):
    """The published configs of one tenant's sites."""

    def append(self, published: Published, *, site: SiteKey, log: str) -> None: ...
    def read(self, site: SiteKey, version: int) -> Published | None: ...
    def newest_first(self, site: SiteKey, *, below: int | None = None, limit: int) -> list[Published]: ...


class Files(Protocol):
    """The content bucket."""

    def keep(self, key: str, content: bytes, content_type: str) -> None: ...
    def point(self, key: str, content: bytes, content_type: str) -> None: ...
    def read(self, key: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Press:
    """Where the windows of one site are published.

    Args:
        in_force: the version of a document that is in force; raises `NotFound` where there is none.
        served: the regimes that the tenant's sites serve.
        log: origin of the log that the entry goes into.
    """

    site: SiteKey
    configs: PublishedConfigs
    content: Files
    in_force: Callable[[PolicyId], PolicyVersion]
    served: tuple[str, ...]
    bundle: Bundle
    addresses: Addresses
    log: str

    def publish(self, banner: Banner, *, after: int, by: str, now: datetime, ask_again: bool = False) -> Published:
        """Publish config `after` + 1.

        The epoch grows, and with it every visitor is asked again, when the merchant says so or when there is something that an
        earlier visitor did not agree to; whatever only goes away, or becomes necessary, asks nobody.

        Raises:
            Conflict: `after` is not the newest, or somebody published at the same moment.
            Invalid: a linked document has no version in force.
        """
        newest = newest_published(self.site, configs=self.configs)
        present = newest.version if newest else 0
        if after != present:
            raise Conflict(f"Version {present} is the newest, and this was published from version {after}.")
        policies = self._linked(banner)
        scope = scope_of(banner, policies)
        if len(scope) > MAX_SCOPE or sum(map(len, scope)) > MAX_SCOPE_CHARACTERS:
            raise Invalid(
                f"A site can declare {MAX_SCOPE} cookies and domains at the most, {MAX_SCOPE_CHARACTERS} characters in all."
            )
        widened = newest is None or bool(scope - newest.scope)
        edition = Edition(
            site=self.site,
            version=present + 1,
            epoch=(newest.epoch if newest else 0) + (1 if widened or ask_again else 0),
            banner=banner,
            policies=policies,
            regimes=tuple(regimes()[name] for name in self.served),
            bundle=self.bundle,
            published_at=whole_ms(now),
            published_by=by,
        )
        published = self._kept(edition, scope)
        try:
            self.configs.append(published, site=self.site, log=self.log)
        except AlreadyRecorded as error:
            raise Conflict(f"Somebody published version {published.version} at the same moment.") from error
        point_at_newest(self.site, configs=self.configs, content=self.content)
        return published

    def follow(self, *, by: str, now: datetime) -> Published | None:
        """Publish the newest config again when a document that it links to has another version in force; else None.

        Settings that the merchant has changed since and not published stay unpublished. A material version widens what is
        agreed to, so every visitor is asked again.

        Raises:
            Conflict: somebody published at the same moment.
        """
        newest = newest_published(self.site, configs=self.configs)
        if newest is None:
            return None
        config: dict[str, Any] = json.loads(self.content.read(folder(self.site, newest.sha256) + "config.json"))
        banner = Banner.from_json(config["banner"])
        if linked(self._linked(banner)) == config["policies"]:
            return None
        return self.publish(banner, after=newest.version, by=by, now=now)

    def _linked(self, banner: Banner) -> tuple[PolicyVersion, ...]:
        found, violations = [], []
        for position, policy in enumerate(banner.policies):
            try:
                found.append(self.in_force(policy))
            except NotFound:
                violations.append(Violation(f"/policies/{position}", "a document with a version in force"))
        if violations:
            raise Invalid("The window links to a document that has no version in force.", violations)
        return tuple(found)

    def _kept(self, edition: Edition, scope: frozenset[str]) -> Published:
        made = [*files(edition, api=self.addresses.api, cdn=self.addresses.cdn), *pages(edition, self.addresses)]
        digest = sha256(made[0].content).hexdigest()
        for file in made:
            self.content.keep(folder(edition.site, digest) + file.name, file.content, file.content_type)
        return Published(
            version=edition.version,
            epoch=edition.epoch,
            sha256=digest,
            build=edition.bundle.build,
            regimes=tuple(regime.id for regime in edition.regimes),
            languages=edition.banner.languages,
            scope=scope,
            published_at=edition.published_at,
            published_by=edition.published_by,
            gates={file.name: file.integrity for file in made if file.name.startswith("gate.")},
            pages=tuple(file.name for file in made if file.content_type == HTML),
        )


def list_published(site: SiteKey, *, after: str | None, configs: PublishedConfigs) -> tuple[list[Published], str | None]:
    """Newest first; `after` is the cursor of the page before."""
    return numbered_page(after, partial(configs.newest_first, site), lambda published: published.version)


def point_at_newest(site: SiteKey, *, configs: PublishedConfigs, content: Files) -> None:
    """Make the site's fixed addresses show its newest config.

    Safe to repeat and to race: whoever wrote looks again, so the last look always sees what it wrote as the newest. The stream
    calls it too, so that a publisher who died before it is made up for.
    """
    newest = newest_published(site, configs=configs)
    while newest is not None:
        _point(site, newest, content)
        latest = newest_published(site, configs=configs)
        if latest == newest:
            return
        newest = latest


def newest_published(site: SiteKey, *, configs: PublishedConfigs) -> Published | None:
    return next(iter(configs.newest_first(site, limit=1)), None)


def _point(site: SiteKey, published: Published, content: Files) -> None:
    base = folder(site, published.sha256)
    for regime in regimes():
        # A regime that the site does not serve gets the strictest gate, and never one of an older version.
        name = f"gate.{regime if regime in published.regimes else STRICTEST}.js"
        content.point(f"s/{site}/gate.{regime}.js", content.read(base + name), SCRIPT)
    for page in published.pages:
        content.point(f"s/{site}/{page}", content.read(base + page), HTML)
    pointer = {
        "version": published.version,
        "sha256": published.sha256,
        "published_at": published.published_at.isoformat(),
        "gates": {
            name.removeprefix("gate.").removesuffix(".js"): {"path": f"/{base}{name}", "integrity": integrity}
            for name, integrity in published.gates.items()
        },
    }
    content.point(f"s/{site}/current.json", json.dumps(pointer).encode(), "application/json")
