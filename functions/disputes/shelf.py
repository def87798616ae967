"""What was on the visitor's screen, byte for byte, looked up by the hash that the record names."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from functions.cookies.config import folder
from functions.errors import NotFound
from functions.ids import SiteId, SiteKey, TenantId
from functions.policies.model import PolicyVersion


class Content(Protocol):
    """The content bucket."""

    def read(self, key: str) -> bytes:
        """Raises `NotFound`."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The texts and windows of one tenant; what is gone, or is not what its hash says, is None.

    Args:
        tenant: whose they are.
        content: where they stand.
        version_of: the version of a document that a leaf names, None when the register does not have it any more.
    """

    tenant: TenantId
    content: Content
    version_of: Callable[[dict[str, Any]], PolicyVersion | None]

    def title(self, policy: dict[str, Any]) -> str | None:
        version = self.version_of(policy)
        return version.titles.get(policy["lang"]) if version else None

    def text(self, policy: dict[str, Any]) -> bytes | None:
        """Its Markdown."""
        return self._read(f"t/{policy['sha256']}.md", policy["sha256"])

    def page(self, policy: dict[str, Any]) -> bytes | None:
        """The HTML that was rendered from it."""
        version = self.version_of(policy)
        text = version.texts.get(policy["lang"]) if version else None
        return self._read(f"t/{text.html_sha256}.html", text.html_sha256) if text else None

    def window(self, config: dict[str, Any], *, site: str) -> bytes | None:
        """Its `config.json`."""
        key = SiteKey.of(self.tenant, SiteId(site))
        return self._read(folder(key, config["sha256"]) + "config.json", config["sha256"])

    def _read(self, key: str, digest: str) -> bytes | None:
        try:
            content = self.content.read(key)
        except NotFound:
            return None
        return content if sha256(content).hexdigest() == digest else None
