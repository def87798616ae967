"""The demo shop's documents, site and window. What is there already stays as it is."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.wiring import Wiring
from infra.local.seed.account import TENANT, owner
from infra.local.seed.api import ApiClient

DATA = Path(__file__).parent.parent / "shop" / "seed"
SITE = "shop"
NAME = "Rosa & Thyme"
LANGUAGES = ("bg", "en")


@dataclass(frozen=True, slots=True)
class Seeded:
    """How to get at the demo's account."""

    tenant: str
    site_key: str
    snippet: str
    api_key: str


def seed(api: str, *, origins: Iterable[str], wiring: Wiring, key_file: Path) -> Seeded:
    """Make what is missing; a second time nothing is, and nothing changes.

    Args:
        api: address of the running API with its version, such as http://127.0.0.1:8787/v1.
        origins: where the shop's pages come from; they are added to the site's.
        wiring: of the same deployment, to open the account by.
        key_file: keeps the owner's API key between starts.
    """
    tenant = _read("tenant.json")
    merchant = owner(api, wiring=wiring, name=tenant["name"], file=key_file)
    _profile(merchant, tenant["profile"])
    for policy in _read("policies.json"):
        _policy(merchant, policy)
    site = _site(merchant, list(origins))
    _window(merchant, build=wiring.bundle.build)
    return Seeded(str(TENANT), site["key"], site["snippet"], merchant.key)


def _read(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((DATA / name).read_bytes())


def _profile(merchant: ApiClient, profile: dict[str, Any]) -> None:
    present = merchant.get("/admin/tenant")
    if not present["profile"]:
        merchant.put("/admin/tenant", {**present, "profile": profile})


def _policy(merchant: ApiClient, policy: dict[str, Any]) -> None:
    address = f"/admin/policies/{policy['id']}"
    if merchant.find(address) is None:
        merchant.post("/admin/policies", policy)
    if not merchant.get(f"{address}/versions")["versions"]:
        texts = {language: (DATA / "policies" / f"{policy['id']}.{language}.md").read_text("utf-8") for language in LANGUAGES}
        draft = {"after": 0, "texts": texts, "change_note": "", "material": True}
        merchant.post(f"{address}/versions", draft)


def _site(merchant: ApiClient, origins: list[str]) -> dict[str, Any]:
    site: dict[str, Any] | None = merchant.find(f"/admin/sites/{SITE}")
    if site is None:
        site = merchant.post("/admin/sites", {"site": SITE, "name": NAME, "origins": origins})
    missing = [origin for origin in origins if origin not in site["origins"]]
    if missing:
        change = {"version": site["version"], "name": site["name"], "origins": [*site["origins"], *missing]}
        site = merchant.put(f"/admin/sites/{SITE}", change)
    return site


def _window(merchant: ApiClient, *, build: str) -> None:
    """A new build of the banner is published like any change, and asks no visitor again."""
    if merchant.get(f"/admin/sites/{SITE}/banner")["version"] == 0:
        merchant.put(f"/admin/sites/{SITE}/banner", {"version": 0, **_read("banner.json")})
    newest = next(iter(merchant.get(f"/admin/sites/{SITE}/configs")["configs"]), None)
    if newest is None or newest["build"] != build:
        merchant.post(f"/admin/sites/{SITE}/configs", {"after": newest["version"] if newest else 0})
