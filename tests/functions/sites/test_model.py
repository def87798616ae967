from functions.ids import SiteKey
from functions.sites.model import IdentitySecret, Site

KEY = SiteKey("pk_aaaaaaaaaaaa_main")
SITE = Site(KEY, "Rosa", ("https://rosa.example",))


def secret(kid: str) -> IdentitySecret:
    return IdentitySecret(kid, "wrapped", "2026-03-01T12:00:00+00:00")


def test_a_site_goes_through_json_and_back() -> None:
    site = SITE.with_secret(secret("a"))

    assert Site.from_json(KEY, site.to_json()) == site


def test_two_secrets_live_at_a_time_and_the_older_of_two_goes() -> None:
    site = SITE.with_secret(secret("a")).with_secret(secret("b"))

    assert [one.kid for one in site.secrets] == ["a", "b"]
    assert [one.kid for one in site.with_secret(secret("c")).secrets] == ["b", "c"]


def test_a_site_that_moves_keeps_its_key_and_secrets() -> None:
    site = SITE.with_secret(secret("a"))

    moved = site.moved("Thyme", ("https://thyme.example",))

    assert (moved.name, moved.origins) == ("Thyme", ("https://thyme.example",))
    assert (moved.key, moved.secrets) == (site.key, site.secrets)
