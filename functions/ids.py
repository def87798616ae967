"""Identifiers, each with a type of its own, from the edge inwards."""

import re
import secrets
from base64 import b32encode
from typing import ClassVar, Self
from uuid import UUID

from functions.errors import Invalid, Violation


class Identifier(str):
    """A text that has been checked to look like the identifier that it says it is."""

    __slots__ = ()
    pattern: ClassVar[re.Pattern[str]]
    expected: ClassVar[str]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises `Invalid` for anything that cannot be one, before anybody is asked for it."""
        if not cls.pattern.fullmatch(text):
            raise Invalid(f"That is not {cls.expected}.", [Violation("", cls.expected)])
        return cls(text)


class TenantId(Identifier):
    """A merchant's account: sixty random bits."""

    __slots__ = ()
    pattern = re.compile(r"[a-z2-7]{12}")
    expected = "a tenant id: twelve letters a–z or digits 2–7"

    @classmethod
    def new(cls) -> Self:
        return cls(b32encode(secrets.token_bytes(8)).decode().lower()[:12])


class SiteId(Identifier):
    """A storefront within its tenant."""

    __slots__ = ()
    pattern = re.compile(r"[a-z0-9]{1,20}")
    expected = "a site id: one to twenty letters a–z or digits"


class SiteKey(Identifier):
    """What the snippet carries: public, and enough to find tenant and site."""

    __slots__ = ()
    pattern = re.compile(r"pk_[a-z2-7]{12}_[a-z0-9]{1,20}")
    expected = "a site key, as in the snippet: pk_, twelve letters a–z or digits 2–7, _, the site's id"

    @classmethod
    def of(cls, tenant: TenantId, site: SiteId) -> Self:
        return cls(f"pk_{tenant}_{site}")

    @property
    def tenant(self) -> TenantId:
        return TenantId(self.split("_")[1])

    @property
    def site(self) -> SiteId:
        return SiteId(self.split("_")[2])


class PolicyId(Identifier):
    """A document within its tenant; it stands in public addresses."""

    __slots__ = ()
    pattern = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
    expected = "a policy id: up to forty letters a–z, digits and inner hyphens"


class SubjectId(Identifier):
    """A data subject: 128 bits without meaning, never derived from who they are."""

    __slots__ = ()
    pattern = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
    expected = "a subject id: 22 characters of base64url"


class KeyPrefix(Identifier):
    """The public part of an API key, by which it is named."""

    __slots__ = ()
    pattern = re.compile(r"[0-9a-f]{12}")
    expected = "the prefix of an API key: twelve hexadecimal digits"


class RecordId(Identifier):
    """A UUIDv7 (RFC 9562, 5.7) made by the client: the key of a record and of its retries."""

    __slots__ = ()
    pattern = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    expected = "a UUIDv7 in lower case"

    @property
    def made_ms(self) -> int:
        """The client's clock when it made the id, Unix milliseconds."""
        return UUID(self).int >> 80
