"""The published config: everything that a site shows and holds back in one version, and the files made from it.

`config.json` is the whole of it as RFC 8785 bytes; its SHA-256 names the version's folder on the CDN, stands in the ledger, and
so says for ever what a visitor was shown. docs/reference/storefront.md has the forms.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256, sha384
from typing import Any, Self

import rfc8785

from functions.clock import to_ms
from functions.cookies.model import OPTIONAL, Banner, Category
from functions.ids import SiteKey
from functions.policies.model import PolicyVersion
from functions.regimes.model import Regime

HOLE = '"__CONSENTINEL__"'
SCRIPT = "text/javascript; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The storefront's files as built, with a hole each for a config; the texts that come with them; the pages beside them."""

    build: str
    gate: str
    window: str
    texts: Mapping[str, Mapping[str, str]]
    pages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Published:
    """What the register keeps beside a config's leaf; `scope` is what a visitor who agreed to this version agreed to."""

    version: int
    epoch: int
    sha256: str
    build: str
    regimes: tuple[str, ...]
    languages: tuple[str, ...]
    scope: frozenset[str]
    published_at: datetime
    published_by: str
    gates: Mapping[str, str]
    pages: tuple[str, ...] = ()

    def leaf_members(self, *, site: SiteKey, log: str) -> dict[str, Any]:
        return {
            "typ": "consentinel/config/v1",
            "log": log,
            "at": to_ms(self.published_at),
            "site": site.site,
            "ver": self.version,
            "epoch": self.epoch,
            "sha256": self.sha256,
            "build": self.build,
        }

    def shown(self) -> dict[str, Any]:
        """As the merchant sees it."""
        return {
            "version": self.version,
            "epoch": self.epoch,
            "sha256": self.sha256,
            "build": self.build,
            "regimes": list(self.regimes),
            "languages": list(self.languages),
            "published_at": self.published_at.isoformat(),
            "published_by": self.published_by,
        }

    def to_json(self) -> dict[str, Any]:
        return {**self.shown(), "scope": sorted(self.scope), "gates": dict(self.gates), "pages": list(self.pages)}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        return cls(
            version=body["version"],
            epoch=body["epoch"],
            sha256=body["sha256"],
            build=body["build"],
            regimes=tuple(body["regimes"]),
            languages=tuple(body["languages"]),
            scope=frozenset(body["scope"]),
            published_at=datetime.fromisoformat(body["published_at"]),
            published_by=body["published_by"],
            gates=body["gates"],
            pages=tuple(body.get("pages", ())),  # a version from before there were any has none
        )


@dataclass(frozen=True, slots=True)
class Edition:
    """What goes into one version, before it has been turned into bytes."""

    site: SiteKey
    version: int
    epoch: int
    banner: Banner
    policies: tuple[PolicyVersion, ...]
    regimes: tuple[Regime, ...]
    bundle: Bundle
    published_at: datetime
    published_by: str

    def document(self) -> bytes:
        """`config.json`."""
        return rfc8785.dumps(
            {
                "site": self.site,
                "version": self.version,
                "epoch": self.epoch,
                "build": self.bundle.build,
                "published_at": to_ms(self.published_at),
                "published_by": self.published_by,
                "regimes": [regime.id for regime in self.regimes],
                "banner": self.banner.to_json(),
                "texts": {language: dict(self.texts(language)) for language in self.banner.languages},
                "policies": linked(self.policies),
            }
        )

    def texts(self, language: str) -> Mapping[str, str]:
        """The project's words with the merchant's over them."""
        return {**self.bundle.texts[language], **self.banner.texts.get(language, {})}

    def gate_config(self, regime: Regime, *, api: str, base: str) -> dict[str, Any]:
        hosts = self.banner.hosts()
        return {
            "site": self.site,
            "version": self.version,
            "epoch": self.epoch,
            "build": self.bundle.build,
            "api": api,
            "base": base,
            "regime": {
                "id": regime.id,
                "model": regime.model,
                "reprompt_days": regime.reprompt_days,
                "gpc": regime.gpc,
            },
            "languages": list(self.banner.languages),
            "layout": self.banner.layout,
            "default": self._switched_on(regime),
            "unknown": self.banner.unknown,
            "hosts": {category.value: hosts[category] for category in Category},
            "cookies": [[cookie.name, cookie.match, cookie.category.value] for cookie in self.banner.cookies],
            "signals": list(self.banner.signals),
        }

    def window_config(self, language: str, *, cdn: str) -> dict[str, Any]:
        texts = self.texts(language)
        return {
            "language": language,
            "direction": "ltr",
            "layout": self.banner.layout,
            "texts": dict(texts),
            "categories": [self._category(category, language, texts) for category in Category],
            "links": [_link(policy, language, cdn) for policy in self.policies],
            "theme": self.banner.theme,
        }

    def _switched_on(self, regime: Regime) -> list[str]:
        # CJEU C-673/17 (Planet49): a box that is ticked beforehand is no consent.
        if regime.model == "opt-in":
            return []
        return [category.value for category in OPTIONAL if self.banner.categories[category].default]

    def _category(self, category: Category, language: str, texts: Mapping[str, str]) -> dict[str, Any]:
        settings = self.banner.categories[category]
        return {
            "id": category.value,
            "title": settings.titles.get(language) or texts[f"{category}_title"],
            "description": settings.descriptions.get(language) or texts[f"{category}_description"],
            "cookies": [
                {
                    "name": cookie.name + ("*" if cookie.match == "prefix" else ""),
                    "provider": cookie.provider,
                    "purpose": self._worded(cookie.purposes, language),
                    "lifetime": self._worded(cookie.lifetimes, language),
                }
                for cookie in self.banner.cookies
                if cookie.category is category
            ],
        }

    def _worded(self, texts: Mapping[str, str], language: str) -> str:
        """In the visitor's language, else in the site's first, else in any that there is."""
        return texts.get(language) or texts.get(self.banner.languages[0]) or next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True)
class File:
    """A file of the CDN: its path below the version's folder, its bytes and their type."""

    name: str
    content: bytes
    content_type: str

    @property
    def integrity(self) -> str:
        """As Subresource Integrity writes it."""
        return "sha384-" + b64encode(sha384(self.content).digest()).decode()


def folder(site: SiteKey, digest: str) -> str:
    return f"s/{site}/{digest}/"


def files(edition: Edition, *, api: str, cdn: str) -> Iterator[File]:
    """Every file of a version, `config.json` first."""
    document = edition.document()
    yield File("config.json", document, "application/json")
    base = f"{cdn}/{folder(edition.site, sha256(document).hexdigest())}"
    for regime in edition.regimes:
        gate = filled(edition.bundle.gate, edition.gate_config(regime, api=api, base=base))
        yield File(f"gate.{regime.id}.js", gate, SCRIPT)
    for language in edition.banner.languages:
        window = filled(edition.bundle.window, edition.window_config(language, cdn=cdn))
        yield File(f"window.{language}.js", window, SCRIPT)


def filled(script: str, config: dict[str, Any]) -> bytes:
    """The script with its hole filled, safe inside an inline script of any page too."""
    value = json.dumps(config, ensure_ascii=False, separators=(",", ":"))
    value = value.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    before, hole, after = script.partition(HOLE)
    if not hole or HOLE in after:
        raise LookupError("A built script has one hole for its config.")
    return f"{before}{value}{after}".encode()


def linked(policies: tuple[PolicyVersion, ...]) -> list[dict[str, Any]]:
    """The documents of a window as `config.json` names them."""
    return [
        {
            "id": policy.policy,
            "version": policy.number,
            "texts": {language: text.sha256 for language, text in policy.texts.items()},
        }
        for policy in policies
    ]


def scope_of(banner: Banner, policies: tuple[PolicyVersion, ...]) -> frozenset[str]:
    """What is agreed to: optional vendors and cookies, and the material versions of the documents linked."""
    linked = {f"policy {policy.policy} {policy.material_version}" for policy in policies}
    return frozenset(banner.scope()) | linked


def _link(policy: PolicyVersion, language: str, cdn: str) -> dict[str, str]:
    spoken: str = language if language in policy.texts else next(iter(policy.texts))
    return {
        "kind": policy.kind.value,
        "title": policy.titles[spoken],
        "url": f"{cdn}/t/{policy.texts[spoken].html_sha256}.html",
    }
