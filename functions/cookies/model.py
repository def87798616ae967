"""Categories, declarations of cookies and vendors, and the settings of a site's window."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from functions.ids import PolicyId


class Category(StrEnum):
    """What a cookie or a third party is for; all but the necessary waits for consent (Directive 2002/58/EC, Art. 5(3))."""

    NECESSARY = "necessary"
    PERFORMANCE = "performance"
    FUNCTIONAL = "functional"
    TARGETING = "targeting"


OPTIONAL = (Category.PERFORMANCE, Category.FUNCTIONAL, Category.TARGETING)


@dataclass(frozen=True, slots=True)
class Cookie:
    """A declared cookie or storage key; `match` is `exact` or `prefix`, `purposes` and `lifetimes` are by language."""

    name: str
    match: str
    category: Category
    provider: str
    purposes: dict[str, str]
    lifetimes: dict[str, str]

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        return cls(
            body["name"], body["match"], Category(body["category"]), body["provider"], body["purposes"], body["lifetimes"]
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "match": self.match,
            "category": self.category.value,
            "provider": self.provider,
            "purposes": self.purposes,
            "lifetimes": self.lifetimes,
        }


@dataclass(frozen=True, slots=True)
class Vendor:
    """A third party and the domains that serve it; a domain covers its subdomains."""

    name: str
    category: Category
    domains: tuple[str, ...]

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        return cls(body["name"], Category(body["category"]), tuple(body["domains"]))

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "category": self.category.value, "domains": list(self.domains)}


@dataclass(frozen=True, slots=True)
class CategorySettings:
    """How a category is shown: its switch before a choice, and the merchant's own words by language."""

    default: bool = False
    titles: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        return cls(body["default"], body["titles"], body["descriptions"])

    def to_json(self) -> dict[str, Any]:
        return {"default": self.default, "titles": self.titles, "descriptions": self.descriptions}


@dataclass(frozen=True, slots=True)
class Banner:
    """The window of a site as its merchant has set it, before it is published."""

    layout: str = "bar"
    languages: tuple[str, ...] = ("en",)
    categories: dict[Category, CategorySettings] = field(
        default_factory=lambda: {category: CategorySettings() for category in Category}
    )
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    theme: dict[str, str] = field(default_factory=dict)
    unknown: str = "block"
    signals: tuple[str, ...] = ("google",)
    policies: tuple[PolicyId, ...] = ()
    cookies: tuple[Cookie, ...] = ()
    vendors: tuple[Vendor, ...] = ()

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        return cls(
            layout=body["layout"],
            languages=tuple(body["languages"]),
            categories={category: CategorySettings.from_json(body["categories"][category]) for category in Category},
            texts=body["texts"],
            theme=body["theme"],
            unknown=body["unknown"],
            signals=tuple(body["signals"]),
            policies=tuple(map(PolicyId.parse, body["policies"])),
            cookies=tuple(map(Cookie.from_json, body["cookies"])),
            vendors=tuple(map(Vendor.from_json, body["vendors"])),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "layout": self.layout,
            "languages": list(self.languages),
            "categories": {category.value: settings.to_json() for category, settings in self.categories.items()},
            "texts": self.texts,
            "theme": self.theme,
            "unknown": self.unknown,
            "signals": list(self.signals),
            "policies": list(self.policies),
            "cookies": [cookie.to_json() for cookie in self.cookies],
            "vendors": [vendor.to_json() for vendor in self.vendors],
        }

    def hosts(self) -> dict[Category, list[str]]:
        """The domains of each category's vendors, in order."""
        return {
            category: sorted({domain for vendor in self.vendors if vendor.category is category for domain in vendor.domains})
            for category in Category
        }

    def scope(self) -> Iterator[str]:
        """What a visitor who agrees agrees to, item by item; the necessary is not asked about."""
        for vendor in self.vendors:
            if vendor.category in OPTIONAL:
                yield from (f"host {domain} {vendor.category}" for domain in vendor.domains)
        for cookie in self.cookies:
            if cookie.category in OPTIONAL:
                yield f"cookie {cookie.match} {cookie.name} {cookie.category}"
