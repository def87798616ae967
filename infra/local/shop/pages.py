"""The shop's pages as text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from infra.local.shop.catalogue import DELIVERY_CENTS, Product, price, products
from infra.local.shop.words import LANGUAGES, template, vendor, words

SECTIONS = ("registration", "contact", "checkout", "newsletter", "login")
COUNTRIES = ("", "BG", "US")
HEAD = ("google-tag", "google-tag-manager", "meta-pixel", "hotjar", "tiktok-pixel", "microsoft-uet")
AFTER_BODY = ("google-tag-manager-noscript",)
BEFORE_END = ("linkedin-insight", "tawk-to")
CURRENT = ' aria-current="page"'
NAVIGATION = {"nav_products": "", "nav_contact": "contact", "nav_account": "login", "nav_basket": "checkout"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a page needs to know of the stack around it.

    Args:
        site: the site key of the shop's snippet.
        cdn: where the snippet loads from, without a slash at the end.
        behind: for the demo strip: addresses of `recorder`, `mails` and `api`, those that there are.
    """

    site: str
    cdn: str
    behind: Mapping[str, str] = field(default_factory=dict)

    def gate(self, country: str) -> str:
        """The snippet's address; with a country, the one under which the CDN sees the visitor come from there."""
        viewer = f"/viewer/{country}" if country else ""
        return f"{self.cdn}{viewer}/s/{self.site}/gate.js"


@dataclass(frozen=True, slots=True)
class Visit:
    """One page in one language, for one visitor; `path` comes after the language."""

    language: str
    path: str
    country: str = ""
    items: tuple[str, ...] = ()


def render(name: str, visit: Visit, around: Surroundings) -> str:
    """A whole page from the template of that name; a section's title is the page's."""
    told = words(visit.language)
    product = products().get(visit.path.removeprefix("products/"))
    title = product.words[visit.language]["name"] if product else told[f"{name}_title"]
    body = template(name).substitute(told, language=visit.language, **_filled(name, visit, product))
    return template("layout").substitute(
        told,
        language=visit.language,
        title=title,
        path=escape(f"/{visit.language}/{visit.path}"),
        gate=escape(around.gate(visit.country)),
        vendors_in_head="".join(map(vendor, HEAD)),
        vendors_after_body="".join(map(vendor, AFTER_BODY)),
        vendors_before_end="".join(map(vendor, BEFORE_END)),
        navigation=_navigation(visit),
        languages=_languages(visit),
        demo_links=_links_behind(told, around),
        demo_countries=_countries(told, visit),
        body=body,
    )


def _filled(name: str, visit: Visit, product: Product | None) -> dict[str, str]:
    if product is not None:
        return _product(product, visit.language)
    match name:
        case "home":
            cards = "\n".join(_card(one, visit.language) for one in products().values())
            return {"products": cards, "video": vendor("youtube")}
        case "checkout":
            return _basket(visit)
        case _:
            return {}


def _product(product: Product, language: str) -> dict[str, str]:
    said = {f"product_{name}": escape(text) for name, text in product.words[language].items()}
    return {"slug": product.slug, "product_price": price(product.cents, language), **said}


def _card(product: Product, language: str) -> str:
    said = _product(product, language)
    return (
        f'<li><img src="/assets/{product.slug}.svg" alt="" width="400" height="300" loading="lazy"><div>'
        f'<h3><a href="/{language}/products/{product.slug}">{said["product_name"]}</a></h3><p>{said["product_text"]}</p>'
        f'<p class="price">{said["product_price"]} <small>{said["product_size"]}</small></p></div></li>'
    )


def _basket(visit: Visit) -> dict[str, str]:
    """What was picked; somebody who comes straight here finds a first suggestion."""
    picked = [products()[slug] for slug in visit.items if slug in products()] or [products()["rose-water"]]
    rows = (
        f'<li><img src="/assets/{one.slug}.svg" alt="" width="56" height="56">'
        f"<span>{escape(one.words[visit.language]['name'])}</span><span>{price(one.cents, visit.language)}</span></li>"
        for one in picked
    )
    return {
        "basket": "\n".join(rows),
        "delivery_price": price(DELIVERY_CENTS, visit.language),
        "total_price": price(DELIVERY_CENTS + sum(one.cents for one in picked), visit.language),
    }


def _navigation(visit: Visit) -> str:
    told = words(visit.language)
    return "\n".join(
        f'<a href="/{visit.language}/{path or "#products"}"{CURRENT if path and path == visit.path else ""}>{told[name]}</a>'
        for name, path in NAVIGATION.items()
    )


def _languages(visit: Visit) -> str:
    return "\n".join(
        f'<a href="/{language}/{visit.path}" lang="{language}" hreflang="{language}">{name}</a>'
        for language, name in LANGUAGES.items()
        if language != visit.language
    )


def _links_behind(told: Mapping[str, str], around: Surroundings) -> str:
    return "\n".join(
        f'<li><a href="{escape(address)}">{told[f"demo_{name}"]}</a></li>' for name, address in around.behind.items()
    )


def _countries(told: Mapping[str, str], visit: Visit) -> str:
    named = {country: told[f"demo_country_{country or 'unknown'}"] for country in COUNTRIES}
    return "\n".join(
        f'<button name="country" value="{country}" aria-pressed="{str(country == visit.country).lower()}">{name}</button>'
        for country, name in named.items()
    )
