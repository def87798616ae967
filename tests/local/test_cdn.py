import pytest

from functions.ids import SiteKey
from infra.local.origins.cdn import Cdn
from infra.local.origins.http import Answer, Request
from tests.support.aws import Account, Aws

SCRIPT = "text/javascript; charset=utf-8"


@pytest.fixture
def cdn(aws: Aws) -> Cdn:
    return Cdn(aws.s3, aws.settings.content_bucket)


@pytest.fixture
def site(tenant: Account) -> SiteKey:
    """With a gate for each regime."""
    for regime in ("opt-in", "opt-out"):
        tenant.content.point(f"s/{tenant.site}/gate.{regime}.js", f"/* {regime} */".encode(), SCRIPT)
    tenant.content.keep(f"s/{tenant.site}/abc/window.bg.js", b"/* window */", SCRIPT)
    return tenant.site


def get(cdn: Cdn, path: str, **headers: str) -> Answer:
    return cdn.answer(Request("GET", path, {name.replace("_", "-"): value for name, value in headers.items()}))


@pytest.mark.parametrize(
    ("country", "gate"),
    [("US", b"/* opt-out */"), ("BG", b"/* opt-in */"), ("XX", b"/* opt-in */"), ("", b"/* opt-in */")],
)
def test_the_gate_is_the_one_of_the_viewers_country(cdn: Cdn, site: SiteKey, country: str, gate: bytes) -> None:
    answered = get(cdn, f"/s/{site}/gate.js", cloudfront_viewer_country=country)

    assert answered.body == gate
    assert answered.headers["Vary"] == "CloudFront-Viewer-Country"
    assert answered.headers["Cache-Control"] == "public, max-age=60"


def test_no_country_at_all_is_opt_in(cdn: Cdn, site: SiteKey) -> None:
    assert get(cdn, f"/s/{site}/gate.js").body == b"/* opt-in */"


def test_a_person_plays_a_country_by_the_address(cdn: Cdn, site: SiteKey) -> None:
    assert get(cdn, f"/viewer/US/s/{site}/gate.js", cloudfront_viewer_country="BG").body == b"/* opt-out */"


def test_an_immutable_file_is_served_as_it_was_kept_and_open_to_every_origin(cdn: Cdn, site: SiteKey) -> None:
    answered = get(cdn, f"/s/{site}/abc/window.bg.js")

    assert (answered.status, answered.body) == (200, b"/* window */")
    assert answered.headers["Content-Type"] == SCRIPT
    assert answered.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answered.headers["Access-Control-Allow-Origin"] == "*"
    assert answered.headers["X-Content-Type-Options"] == "nosniff"
    assert answered.headers["ETag"].startswith('"')


def test_who_has_a_file_already_is_told_so_without_the_file(cdn: Cdn, site: SiteKey) -> None:
    etag = get(cdn, f"/s/{site}/gate.js").headers["ETag"]

    again = get(cdn, f"/s/{site}/gate.js", if_none_match=f'"other", W/{etag}')
    from_elsewhere = get(cdn, f"/s/{site}/gate.js", if_none_match=etag, cloudfront_viewer_country="US")

    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
    assert (from_elsewhere.status, from_elsewhere.body) == (200, b"/* opt-out */")


def test_what_has_just_been_replaced_is_served_new(cdn: Cdn, site: SiteKey, tenant: Account) -> None:
    tenant.content.point(f"s/{site}/gate.opt-in.js", b"/* new */", SCRIPT)

    assert get(cdn, f"/s/{site}/gate.js").body == b"/* new */"


def test_what_is_not_there_is_a_404_in_words(cdn: Cdn, neighbour: Account) -> None:
    answered = get(cdn, f"/s/{neighbour.site}/gate.js")

    assert (answered.status, answered.headers["Content-Type"]) == (404, "text/plain; charset=utf-8")


def test_only_the_public_folders_are_looked_into(cdn: Cdn, aws_calls: list[str]) -> None:
    assert get(cdn, "/private/key").status == 404
    assert get(cdn, "/").status == 404
    assert aws_calls == []


def test_the_cdn_can_only_be_read(cdn: Cdn, site: SiteKey) -> None:
    answered = cdn.answer(Request("PUT", f"/s/{site}/gate.opt-in.js", {}, b"/* mine */"))

    assert (answered.status, answered.headers["Allow"]) == (405, "GET, HEAD")
