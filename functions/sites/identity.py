"""Identity tokens: the shop's server says who is at the browser, for one act and five minutes at the most.

A token is a JWT signed with HS256 by one of the site's live secrets; which secret is said by its `kid`, and the key alone
decides the algorithm. Claims: `aud` `consent`, `site` the site key, `events` the ids of the acts it is for, `email`, `name`
if known, `iat` and `exp`.
"""

from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from functions.errors import Invalid
from functions.sites.model import Site

MAX_EMAIL = 254
MAX_NAME = 200
LIFETIME_S = 300
LEEWAY_S = 5


class Unwrapping(Protocol):
    """The tenant's root key."""

    def unwrap(self, wrapped: bytes, *, about: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class VerifiedIdentity:
    """Whom the shop vouches for."""

    email: str
    name: str | None


def verified_identity(token: str, *, site: Site, events: frozenset[str], keys: Unwrapping, now: datetime) -> VerifiedIdentity:
    """Raises `Invalid` saying which part of the token does not hold."""
    import jwt  # noqa: PLC0415 - only submissions that carry a token pay for it

    try:
        kid = jwt.get_unverified_header(token).get("kid")
        secret = next((one for one in site.secrets if one.kid == kid), None)
        if secret is None:
            raise Invalid("The identity token names a key that this site does not have.")
        key = keys.unwrap(b64decode(secret.wrapped), about=f"{site.key}#{secret.kid}")
        claims = jwt.decode(
            token,
            key,
            algorithms=["HS256"],
            audience="consent",
            options={
                "require": ["exp", "iat", "aud"],
                "strict_aud": True,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.InvalidTokenError as error:
        raise Invalid("The identity token is not signed by this site for consent.") from error
    _check(claims, site=site, events=events, now=now)
    return VerifiedIdentity(claims["email"], claims.get("name"))


def _check(claims: dict[str, Any], *, site: Site, events: frozenset[str], now: datetime) -> None:
    issued, expires = claims["iat"], claims["exp"]
    if not isinstance(issued, int) or not isinstance(expires, int) or expires - issued > LIFETIME_S:
        raise Invalid("The identity token lives longer than five minutes.")
    if not issued - LEEWAY_S <= now.timestamp() < expires:
        raise Invalid("The identity token has expired, or is not valid yet.")
    if claims.get("site") != site.key or not _names(claims.get("events"), events):
        raise Invalid("The identity token is for another site or other acts.")
    if not _is_text(claims.get("email"), MAX_EMAIL) or not _is_text(claims.get("name", "-"), MAX_NAME):
        raise Invalid("The identity token does not say whom it is about.")


def _names(claim: object, events: frozenset[str]) -> bool:
    """Exactly these acts: a token that somebody got hold of is good for nothing else."""
    return isinstance(claim, list) and all(isinstance(one, str) for one in claim) and frozenset(claim) == events


def _is_text(claim: object, longest: int) -> bool:
    return isinstance(claim, str) and 0 < len(claim) <= longest and not any("\ud800" <= one <= "\udfff" for one in claim)
