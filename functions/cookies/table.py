"""Published configs as entries of the register."""

import json
from dataclasses import dataclass

from functions.cookies.config import Published
from functions.ids import SiteKey
from functions.ledger.kinds import numbered
from functions.ledger.leaf import canonical
from functions.register.table import Register


@dataclass(frozen=True, slots=True)
class Configs:
    """The published configs of one tenant's sites."""

    register: Register

    def append(self, published: Published, *, site: SiteKey, log: str) -> None:
        """Raises `AlreadyRecorded` when the site has a config by that number."""
        leaf = canonical(published.leaf_members(site=site, log=log))
        beside = {"config": {"S": json.dumps(published.to_json())}}
        self.register.append(f"config#{site.site}", numbered(published.version), leaf, beside)

    def read(self, site: SiteKey, version: int) -> Published | None:
        item = self.register.read(f"config#{site.site}", numbered(version))
        return None if item is None else Published.from_json(json.loads(item["config"]["S"]))

    def newest_first(self, site: SiteKey, *, below: int | None = None, limit: int) -> list[Published]:
        bound = None if below is None else numbered(below)
        items = self.register.newest_first(f"config#{site.site}", below=bound, limit=limit)
        return [Published.from_json(json.loads(item["config"]["S"])) for item in items]
