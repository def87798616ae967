import json
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from infra.local.origins.cdn import Cdn
from infra.local.origins.http import Request
from infra.local.seed import Seeded, seed
from infra.local.seed.api import ApiClient, Refused
from infra.local.shop.documents import Documents
from infra.local.shop.words import FOLDER
from tests.support.aws import Aws

ORIGINS = ["http://127.0.0.1:8789", "http://localhost:8789"]
DOCUMENTS = ("terms", "privacy", "cookies", "personal-data")


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / ".local" / "owner.key"


@pytest.fixture
def seeded(api: str, app: ModuleType, key_file: Path) -> Seeded:
    return seed(api, origins=ORIGINS, wiring=app.wiring, key_file=key_file)


@pytest.fixture
def merchant(api: str, seeded: Seeded) -> ApiClient:
    return ApiClient(api, seeded.api_key)


def everything(merchant: ApiClient) -> dict[str, Any]:
    """Of the account, what a second seed could have changed."""
    versions = {policy: merchant.get(f"/admin/policies/{policy}/versions") for policy in DOCUMENTS}
    addresses = ("/admin/tenant", "/admin/policies", "/admin/sites", "/admin/sites/shop/banner", "/admin/sites/shop/configs")
    return {**versions, **{address: merchant.get(address) for address in (*addresses, "/admin/keys")}}


def test_the_demo_has_a_profile_four_documents_a_site_and_a_published_window(merchant: ApiClient, seeded: Seeded) -> None:
    tenant = merchant.get("/admin/tenant")
    site = merchant.get("/admin/sites/shop")
    [config] = merchant.get("/admin/sites/shop/configs")["configs"]

    assert tenant["profile"]["company"] == "Rosa & Thyme EOOD"
    assert sorted(one["id"] for one in merchant.get("/admin/policies")["policies"]) == sorted(DOCUMENTS)
    assert site["origins"] == ORIGINS
    assert (seeded.site_key, seeded.snippet) == ("pk_rosaandthyme_shop", site["snippet"])
    assert (config["version"], config["languages"]) == (1, ["bg", "en"])


@pytest.mark.parametrize("language", ["bg", "en"])
@pytest.mark.parametrize("policy", DOCUMENTS)
def test_each_document_is_published_as_it_stands_in_the_project(
    merchant: ApiClient, seeded: Seeded, policy: str, language: str
) -> None:
    source = (FOLDER / "seed" / "policies" / f"{policy}.{language}.md").read_bytes()

    text = merchant.get(f"/policies/{policy}/versions/1/texts/{language}?site={seeded.site_key}")

    assert text["sha256"] == sha256(source).hexdigest()
    assert text["markdown"].encode() == source


def test_a_second_start_changes_nothing(api: str, app: ModuleType, seeded: Seeded, merchant: ApiClient, key_file: Path) -> None:
    before = everything(merchant)

    again = seed(api, origins=ORIGINS, wiring=app.wiring, key_file=key_file)

    assert again == seeded
    assert everything(merchant) == before


def test_what_the_merchant_has_changed_since_stays(api: str, app: ModuleType, merchant: ApiClient, key_file: Path) -> None:
    tenant = merchant.get("/admin/tenant")
    changed = {**tenant, "profile": {**tenant["profile"], "contact_phone": "+359 2 000 00 00"}}
    merchant.put("/admin/tenant", changed)

    seed(api, origins=ORIGINS, wiring=app.wiring, key_file=key_file)

    assert merchant.get("/admin/tenant")["profile"] == changed["profile"]


def test_a_lost_key_file_gets_a_new_key_to_the_same_account(api: str, app: ModuleType, seeded: Seeded, key_file: Path) -> None:
    key_file.unlink()

    again = seed(api, origins=ORIGINS, wiring=app.wiring, key_file=key_file)

    assert (again.tenant, again.site_key) == (seeded.tenant, seeded.site_key)
    assert again.api_key != seeded.api_key
    assert ApiClient(api, again.api_key).get("/admin/tenant")["profile"]["company"] == "Rosa & Thyme EOOD"


def test_a_key_that_opens_nothing_any_more_is_replaced(api: str, app: ModuleType, seeded: Seeded, key_file: Path) -> None:
    key_file.write_text("ck_rosaandthyme_000000000000." + "A" * 43, "ascii")

    again = seed(api, origins=ORIGINS, wiring=app.wiring, key_file=key_file)

    assert again.site_key == seeded.site_key
    assert key_file.read_text("ascii").strip() == again.api_key
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_another_origin_joins_those_of_the_site(api: str, app: ModuleType, seeded: Seeded, key_file: Path) -> None:
    seed(api, origins=["http://127.0.0.1:9999"], wiring=app.wiring, key_file=key_file)

    merchant = ApiClient(api, seeded.api_key)
    site = merchant.get("/admin/sites/shop")
    merchant.put("/admin/sites/shop", {"version": site["version"], "name": site["name"], "origins": ORIGINS})
    assert site["origins"] == [*ORIGINS, "http://127.0.0.1:9999"]


def test_the_window_holds_every_vendor_of_the_shop_by_its_category(aws: Aws, seeded: Seeded) -> None:
    cdn = Cdn(aws.s3, aws.settings.content_bucket)

    gate = cdn.answer(Request("GET", f"/s/{seeded.site_key}/gate.js")).body.decode()

    start = gate.index('{"site":"pk_rosaandthyme_shop"')
    config, _ = json.JSONDecoder().raw_decode(gate[start:])
    assert config["regime"]["id"] == "opt-in"
    assert {category: len(hosts) for category, hosts in config["hosts"].items()} == {
        "necessary": 0,
        "performance": 5,
        "functional": 4,
        "targeting": 7,
    }


def test_the_shop_finds_the_version_in_force_by_the_public_api(api: str, aws: Aws, seeded: Seeded) -> None:
    documents = Documents(ApiClient(api), seeded.site_key)

    address = documents.address("privacy", "bg") or ""

    path = address.removeprefix(aws.settings.cdn_base)
    page = Cdn(aws.s3, aws.settings.content_bucket).answer(Request("GET", path)).body.decode()
    assert "<h1>Политика за поверителност</h1>" in page
    assert documents.address("privacy", "fr") is None
    assert documents.address("nothing", "bg") is None


def test_a_refusal_says_what_is_the_matter(api: str, seeded: Seeded) -> None:
    with pytest.raises(Refused, match="409 Conflict: Version 1 is the newest"):
        ApiClient(api, seeded.api_key).post("/admin/sites/shop/configs", {"after": 0})
