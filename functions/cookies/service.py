"""Setting up a site's window and publishing it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from functions.cookies.config import SCRIPT, Bundle, Edition, Published, files, folder, scope_of
from functions.cookies.model import Banner
from functions.errors import Conflict, Invalid, NotFound, Violation
from functions.ids import PolicyId, SiteId, SiteKey
from functions.paging import numbered_page
from functions.policies.model import PolicyVersion, whole_ms
from functions.regimes.model import STRICTEST, regimes
from functions.workspace.model import Documents

MAX_SCOPE = 4000


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
class Addresses:
    """Where the published files say that API and CDN are."""

    api: str
    cdn: str


def load_bundle(folder_of_banner: Path) -> Bundle:
    """Read what the build made; raises `FileNotFoundError` where it has not been run."""
    dist = folder_of_banner / "dist"
    manifest = json.loads((dist / "manifest.json").read_bytes())
    texts = {path.stem: json.loads(path.read_bytes()) for path in sorted((folder_of_banner / "texts").glob("??.json"))}
    return Bundle(manifest["build"], (dist / "gate.js").read_text("utf-8"), (dist / "window.js").read_text("utf-8"), texts)


def read_banner(site: SiteId, *, documents: Documents) -> tuple[Banner, int]:
    """The settings and their version; a site that nobody has set up yet has the defaults, version 0."""
    try:
        stored = documents.read(_name(site))
    except NotFound:
        return Banner(), 0
    return Banner.from_json(stored.body), stored.version


def change_banner(site: SiteId, banner: Banner, *, after: int, bundle: Bundle, documents: Documents) -> int:
    """The new version.

    Raises:
        Conflict: `after` is not the present version.
        Invalid: a language has no texts, or a text has a name that the window does not know.
    """
    _check(banner, bundle)
    if after == 0:
        return documents.create(_name(site), banner.to_json()).version
    return documents.update(_name(site), banner.to_json(), after=after).version


def _name(site: SiteId) -> str:
    return f"banner#{site}"


def _check(banner: Banner, bundle: Bundle) -> None:
    spoken = sorted(bundle.texts)
    violations = [
        Violation(f"/languages/{position}", f"one of {', '.join(spoken)}")
        for position, language in enumerate(banner.languages)
        if language not in bundle.texts
    ]
    known = bundle.texts["en"]
    violations += [
        Violation(f"/texts/{language}/{name}", f"one of {', '.join(known)}")
        for language, texts in banner.texts.items()
        for name in texts
        if name not in known
    ]
    if violations:
        raise Invalid("The window cannot be shown like this.", violations)


def publish(  # noqa: PLR0913 - what, where, by whom, when
    site: SiteKey,
    *,
    after: int,
    ask_again: bool,
    served: tuple[str, ...],
    documents: Documents,
    configs: PublishedConfigs,
    in_force: Callable[[PolicyId], PolicyVersion],
    bundle: Bundle,
    content: Files,
    addresses: Addresses,
    log: str,
    by: str,
    now: datetime,
) -> Published:
    """Publish config `after` + 1: first its files, then its entry, and the pointers to it last.

    The epoch grows, and with it every visitor is asked again, when the merchant says so or when there is something that an
    earlier visitor did not agree to; whatever only goes away, or becomes necessary, asks nobody.

    Raises:
        Conflict: `after` is not the newest, or somebody published at the same moment.
        Invalid: a linked document has no version in force.
    """
    banner, _ = read_banner(site.site, documents=documents)
    newest = next(iter(configs.newest_first(site, limit=1)), None)
    present = newest.version if newest else 0
    if after != present:
        raise Conflict(f"Version {present} is the newest, and this was published from version {after}.")
    policies = _linked(banner, in_force)
    scope = scope_of(banner, policies)
    if len(scope) > MAX_SCOPE:
        raise Invalid(f"A site can declare {MAX_SCOPE} cookies and domains at the most.")
    widened = newest is None or bool(scope - newest.scope)
    edition = Edition(
        site=site,
        version=present + 1,
        epoch=(newest.epoch if newest else 0) + (1 if widened or ask_again else 0),
        banner=banner,
        policies=policies,
        regimes=tuple(regimes()[name] for name in served),
        bundle=bundle,
        published_at=whole_ms(now),
        published_by=by,
    )
    published = _kept(edition, scope, content=content, addresses=addresses)
    configs.append(published, site=site, log=log)
    point_at_newest(site, configs=configs, content=content)
    return published


def _linked(banner: Banner, in_force: Callable[[PolicyId], PolicyVersion]) -> tuple[PolicyVersion, ...]:
    found, violations = [], []
    for position, policy in enumerate(banner.policies):
        try:
            found.append(in_force(policy))
        except NotFound:
            violations.append(Violation(f"/policies/{position}", "a document with a version in force"))
    if violations:
        raise Invalid("The window links to a document that has no version in force.", violations)
    return tuple(found)


def _kept(edition: Edition, scope: frozenset[str], *, content: Files, addresses: Addresses) -> Published:
    made = list(files(edition, api=addresses.api, cdn=addresses.cdn))
    digest = sha256(made[0].content).hexdigest()
    for file in made:
        content.keep(folder(edition.site, digest) + file.name, file.content, file.content_type)
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
