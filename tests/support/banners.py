"""A window with something of everything, and a small bundle in place of the built one."""

from dataclasses import replace

from functions.cookies.config import Bundle
from functions.cookies.model import Banner, Category, CategorySettings, Cookie, Vendor

NAMES = (
    *("banner_title", "accept_all", "reject_all"),
    *(f"{category}_{part}" for category in Category for part in ("title", "description")),
)
BUNDLE = Bundle(
    build="b" * 64,
    gate='(()=>{const config="__CONSENTINEL__";start(config)})();\n',
    window='(()=>{const config="__CONSENTINEL__";show(config)})();\n',
    texts={language: {name: f"{name} in {language}" for name in NAMES} for language in ("en", "bg", "de")},
)

ANALYTICS = Vendor("Google", Category.PERFORMANCE, ("google-analytics.com", "googletagmanager.com"))
PIXEL = Vendor("Meta", Category.TARGETING, ("connect.facebook.net",))
PAYMENT = Vendor("Stripe", Category.NECESSARY, ("js.stripe.com",))
GA = Cookie("_ga", "prefix", Category.PERFORMANCE, "Google", {"en": "Statistics", "bg": "Статистика"}, {"en": "2 years"})
CART = Cookie("cart", "exact", Category.NECESSARY, "Rosa", {"bg": "Количка"}, {"bg": "Сесия"})

ON = CategorySettings(default=True)
BANNER = Banner(
    languages=("bg", "en"),
    categories={category: CategorySettings() for category in Category} | {Category.PERFORMANCE: ON, Category.NECESSARY: ON},
    cookies=(GA, CART),
    vendors=(ANALYTICS, PIXEL, PAYMENT),
)


def with_vendors(*vendors: Vendor) -> Banner:
    return replace(BANNER, vendors=vendors)
