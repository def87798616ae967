"""A document is published in versions that never change, and everybody can read each of them."""

from datetime import datetime, timedelta
from hashlib import sha256

from tests.support.aws import Aws
from tests.support.http import Answer
from tests.support.storefront import Shop

BULGARIAN = "# Общи условия\n\n" + "Тези условия уреждат покупката от магазина. " * 2500
ENGLISH = "# Terms and conditions\n\n" + "These terms govern what you buy from the shop. " * 4300


def read(shop: Shop, path: str) -> Answer:
    return shop.http.send("GET", f"/v1/policies/terms{path}", query={"site": shop.site})


def test_a_policy_of_200_kb_in_two_languages_is_published_twice_and_both_versions_stay_readable(aws: Aws, shop: Shop) -> None:
    first = {"bg": BULGARIAN, "en": ENGLISH}
    second = {"bg": f"{BULGARIAN}\nНово.", "en": f"{ENGLISH}\nNew."}
    assert all(len(text.encode()) > 200_000 for text in first.values())

    one = shop.publish_policy("terms", "contract_terms", first)
    two = shop.publish_policy("terms", "contract_terms", second, after=1, material=False, change_note="A word added.")

    assert (one.status, two.status) == (201, 201)
    for number, texts in ((1, first), (2, second)):
        for language, text in texts.items():
            shown = read(shop, f"/versions/{number}/texts/{language}").json
            assert shown["markdown"] == text
            assert shown["sha256"] == sha256(text.encode()).hexdigest()
            page = shown["url"].removeprefix(aws.settings.cdn_base + "/")
            assert sha256(aws.content.read(page)).hexdigest() in page
    assert read(shop, "").json["version"] == 2
    assert [version["version"] for version in read(shop, "/versions").json["versions"]] == [2, 1]
    assert two.json["material_version"] == 1


def test_of_two_who_write_from_the_same_version_the_second_is_told_and_nothing_is_lost(shop: Shop) -> None:
    shop.publish_policy("terms", "contract_terms", {"bg": "Първа"})
    draft = {"change_note": "", "material": True, "after": 1}

    ann = shop.call("POST", "/policies/terms/versions", draft | {"texts": {"bg": "Втора, от Ана"}})
    bob = shop.call("POST", "/policies/terms/versions", draft | {"texts": {"bg": "Втора, от Борис"}})

    assert (ann.status, bob.status) == (201, 409)
    assert "Version 2 is the newest" in bob.json["detail"]
    assert read(shop, "/versions/2/texts/bg").json["markdown"] == "Втора, от Ана"


def test_a_version_for_later_is_readable_and_not_in_force_yet(shop: Shop, now: datetime) -> None:
    shop.publish_policy("terms", "contract_terms", {"bg": "Първа"})
    later = (now + timedelta(days=30)).isoformat()

    shop.publish_policy("terms", "contract_terms", {"bg": "Втора"}, after=1, effective_at=later)

    assert read(shop, "").json["version"] == 1
    assert read(shop, "/versions/2").json["effective_at"] > now.isoformat()


def test_a_document_without_a_version_and_one_of_the_neighbour_are_not_found(shop: Shop, neighbours_shop: Shop) -> None:
    neighbours_shop.publish_policy("terms", "contract_terms", {"bg": "Условията на съседа"})

    assert read(shop, "").status == 404
    assert read(shop, "/versions/1").status == 404
    assert read(shop, "/versions/1/texts/bg").status == 404
    assert read(shop, "/versions").json["versions"] == []
    assert "terms" not in shop.call("GET", "/policies").text


def test_titles_change_for_versions_to_come_and_not_for_those_that_were_published(shop: Shop) -> None:
    shop.publish_policy("terms", "contract_terms", {"bg": "Първа"})

    renamed = shop.call("PUT", "/policies/terms", {"version": 1, "titles": {"bg": "Общи условия"}})
    stale = shop.call("PUT", "/policies/terms", {"version": 1, "titles": {"bg": "Условия"}})

    assert (renamed.status, stale.status) == (200, 409)
    assert read(shop, "/versions/1").json["titles"] == {"bg": "Terms"}


def test_the_preview_is_made_by_the_renderer_that_publishes(aws: Aws, shop: Shop) -> None:
    text = "# Заглавие\n\n<script>alert(1)</script> [връзка](javascript:alert(1)) **важно**"
    shop.publish_policy("terms", "contract_terms", {"bg": text})

    preview = shop.call("POST", "/previews", {"text": text})

    page = read(shop, "/versions/1/texts/bg").json["url"].removeprefix(aws.settings.cdn_base + "/")
    assert preview.json["html"] in aws.content.read(page).decode()
    assert "<script" not in preview.json["html"]
    assert "javascript:" not in preview.json["html"].replace("[връзка](javascript:alert(1))", "")
