"""Where the shop's server finds the documents that its footer links to: by the public API, as any shop's would."""

from dataclasses import dataclass
from urllib.parse import quote

from infra.local.seed.api import ApiClient


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a site."""

    api: ApiClient
    site: str

    def address(self, policy: str, language: str) -> str | None:
        """Of the page of the version in force; None for a document that there is not, or not in that language."""
        version = self.api.find(f"/policies/{quote(policy, safe='')}?site={self.site}")
        return version["texts"].get(language, {}).get("url") if version else None
