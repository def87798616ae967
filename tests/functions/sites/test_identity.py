import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.errors import Invalid
from functions.ids import SiteKey, TenantId
from functions.sites.identity import VerifiedIdentity, verified_identity
from functions.sites.model import IdentitySecret, Site
from functions.vault.model import TenantKeys, base64url

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
EVENT = "0199f0a0-0000-7000-8000-000000000001"
KEYS = TenantKeys(TenantId("aaaaaaaaaaaa"), bytes(range(32)))
SECRET, OLDER, FOREIGN = "s" * 64, "o" * 64, "f" * 64


def site_of(name: str, **secrets: str) -> Site:
    key = SiteKey(f"pk_aaaaaaaaaaaa_{name}")
    kept = [
        IdentitySecret(kid, b64encode(KEYS.wrap(secret.encode(), about=f"{key}#{kid}")).decode(), NOW.isoformat())
        for kid, secret in secrets.items()
    ]
    return Site(key, name, ("https://rosa.example",), tuple(kept))


SITE = site_of("main", older=OLDER, newer=SECRET)
OTHER_SITE = site_of("other", newer=SECRET)

CLAIMS: dict[str, Any] = {
    "aud": "consent",
    "site": SITE.key,
    "events": [EVENT],
    "email": "ann@example.com",
    "name": "Ann",
    "iat": AT,
    "exp": AT + 300,
}


def token(changes: dict[str, Any] | None = None, *, secret: str = SECRET, kid: Any = "newer", alg: str = "HS256") -> str:
    claims = {name: value for name, value in {**CLAIMS, **(changes or {})}.items() if value is not None}
    return jwt.encode(claims, secret, algorithm=alg, headers={"kid": kid} if kid is not None else {})


def by_hand(header: dict[str, Any], claims: Any, *, secret: str = SECRET) -> str:
    signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{base64url(hmac.digest(secret.encode(), signed.encode(), 'sha256'))}"


def identity_of(
    text: str, *, site: Site = SITE, events: frozenset[str] = frozenset({EVENT}), at: datetime = NOW
) -> VerifiedIdentity:
    return verified_identity(text, site=site, events=events, keys=KEYS, now=at)


@pytest.mark.parametrize(
    "text",
    [token(), token(secret=OLDER, kid="older"), by_hand({"alg": "HS256", "kid": "newer"}, CLAIMS)],
    ids=["newer", "older", "by hand"],
)
def test_a_token_by_either_live_secret_says_who_it_is(text: str) -> None:
    assert identity_of(text) == VerifiedIdentity("ann@example.com", "Ann")


def test_a_name_may_be_missing() -> None:
    assert identity_of(token({"name": None})) == VerifiedIdentity("ann@example.com", None)


@pytest.mark.parametrize("seconds", [-5, 0, 1, 299])
def test_a_token_holds_from_just_before_it_was_made_until_it_expires(seconds: int) -> None:
    assert identity_of(token(), at=NOW + timedelta(seconds=seconds)).email == "ann@example.com"


REFUSED = {
    "nothing": "",
    "no token": "a.b.c",
    "two parts": token().rpartition(".")[0],
    "no signature": token().rpartition(".")[0] + ".",
    "alg none": by_hand({"alg": "none", "kid": "newer"}, CLAIMS).rpartition(".")[0] + ".",
    "alg None": by_hand({"alg": "None", "kid": "newer"}, CLAIMS),
    "another algorithm": token(alg="HS512"),
    "a longer hash of the right secret": token(alg="HS384"),
    "a public key's algorithm": by_hand({"alg": "RS256", "kid": "newer"}, CLAIMS),
    "no algorithm": by_hand({"kid": "newer"}, CLAIMS),
    "an unknown critical header": by_hand({"alg": "HS256", "kid": "newer", "crit": ["x"], "x": 1}, CLAIMS),
    "no kid": token(kid=None),
    "an unknown kid": token(kid="newest"),
    "the other live secret's kid": token(kid="older"),
    "a kid that is no text": by_hand({"alg": "HS256", "kid": 1}, CLAIMS),
    "a foreign secret": token(secret=FOREIGN),
    "an empty secret": by_hand({"alg": "HS256", "kid": "newer"}, CLAIMS, secret=""),
    "no audience": token({"aud": None}),
    "the portal's audience": token({"aud": "subject"}),
    "both audiences": token({"aud": ["consent", "subject"]}),
    "an audience that contains it": token({"aud": "consents"}),
    "no expiry": token({"exp": None}),
    "no issue": token({"iat": None}),
    "five minutes and a second": token({"exp": AT + 301}),
    "a lifetime in fractions": by_hand({"alg": "HS256", "kid": "newer"}, {**CLAIMS, "exp": AT + 299.5}),
    "an expiry as text": by_hand({"alg": "HS256", "kid": "newer"}, {**CLAIMS, "exp": str(AT + 300)}),
    "an expiry beyond every clock": token({"exp": 10**400}),
    "an issue beyond every clock": token({"iat": 10**400, "exp": 10**400 + 1}),
    "an issue that is true": token({"iat": True}),
    "expired": token({"iat": AT - 300, "exp": AT}),
    "long expired": token({"iat": AT - 9000, "exp": AT - 8700}),
    "not valid yet": token({"iat": AT + 6, "exp": AT + 200}),
    "another site": token({"site": OTHER_SITE.key}),
    "no site": token({"site": None}),
    "another event": token({"events": ["0199f0a0-0000-7000-8000-000000000002"]}),
    "one event more": token({"events": [EVENT, "0199f0a0-0000-7000-8000-000000000002"]}),
    "events that are a text": token({"events": EVENT}),
    "events that are no texts": token({"events": [[EVENT]]}),
    "half a surrogate in the name": token({"name": "\ud800"}),
    "a name without an end": token({"name": "x" * 201}),
    "no event": token({"events": None}),
    "no events at all": token({"events": []}),
    "no address": token({"email": None}),
    "an address that is no text": token({"email": ["ann@example.com"]}),
    "a name that is no text": token({"name": {"first": "Ann"}}),
    "claims that are no object": by_hand({"alg": "HS256", "kid": "newer"}, [1]),
    "a header that is no object": by_hand([], CLAIMS),  # type: ignore[arg-type]  # as it may come in
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_any_other_token_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        identity_of(text)

    assert "identity token" in refusal.value.detail
    assert "ann" not in refusal.value.detail


def test_a_token_of_another_site_of_the_same_tenant_is_refused_even_under_the_same_kid() -> None:
    with pytest.raises(Invalid):
        identity_of(token(), site=OTHER_SITE)


def test_a_token_cannot_be_used_for_another_submission() -> None:
    with pytest.raises(Invalid, match="other acts"):
        identity_of(token(), events=frozenset({"0199f0a0-0000-7000-8000-000000000002"}))


def test_a_site_without_secrets_has_no_verified_customers() -> None:
    with pytest.raises(Invalid):
        identity_of(token(), site=site_of("main"))


@settings(deadline=None, max_examples=120)
@given(st.integers(0, len(token()) - 1), st.sampled_from("AQgw09_-."))
def test_a_token_with_any_character_changed_is_refused_or_says_the_same(position: int, character: str) -> None:
    text = token()
    changed = text[:position] + character + text[position + 1 :]

    try:
        identity = identity_of(changed)
    except Invalid:
        return

    # The last character of a signature has bits that mean nothing; nothing else may be changed.
    assert identity == identity_of(text)
    assert changed == text or position == len(text) - 1


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9_-]{0,20}\.[A-Za-z0-9_-]{0,20}\.[A-Za-z0-9_-]{0,20}", fullmatch=True))
def test_no_text_upsets_it(text: str) -> None:
    with pytest.raises(Invalid):
        identity_of(text)
