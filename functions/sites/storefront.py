"""The edge that storefront pages call: which site, from where, and what a browser may read of the answer.

The site key stands in the query (`?site=`), because a preflight has nothing else to tell a site by. An origin is no
authentication; it keeps one shop's page from speaking for another in an honest browser, and no more.
"""

from typing import Protocol

from chalice.app import Request

from functions.errors import Forbidden, Malformed
from functions.ids import SiteKey
from functions.sites.model import Site
from functions.web import Access, Admission, Api, Call, Operation, Reply, View, query_values

PREFLIGHT_SECONDS = 600


class SitesByKey(Protocol):
    """Finds a site by its public key."""

    def __call__(self, key: SiteKey) -> Site: ...


class StorefrontApi(Api):
    """Operations for a site's own pages, each with its preflight."""

    access = Access.PUBLIC

    def __init__(self, import_name: str, sites: SitesByKey) -> None:
        super().__init__(import_name)
        self.sites = sites
        self.paths: dict[str, list[str]] = {}

    def admit(self, operation: Operation, request: Request) -> Admission:
        """The site; raises `Malformed` without a site key, `NotFound` for one of nobody's, `Forbidden` for a foreign origin."""
        keys = query_values(request, "site")
        if len(keys) != 1:
            raise Malformed("Say which site, once: ?site= and the site key of the snippet.")
        origin = request.headers.get("origin")
        if origin is None and operation.method not in {"GET", "HEAD"}:
            raise Forbidden("This can only be called by a page of the site; the request has no Origin.")
        site = self.sites(SiteKey.parse(keys[0]))
        if origin is not None and origin not in self.origins_of(site):
            raise Forbidden("This origin is not one of the site's. The merchant can add it in the site's settings.")
        headers = {"Vary": "Origin"}
        if origin is not None:
            headers["Access-Control-Allow-Origin"] = origin
        return Admission(site, headers)

    def origins_of(self, site: Site) -> tuple[str, ...]:
        """Whose pages may call, and read what is answered."""
        return site.origins

    def mount(self, operation: Operation, view: View) -> None:
        if operation.path not in self.paths:
            self.paths[operation.path] = []
            super().mount(Operation("OPTIONS", operation.path, self.access, "CORS preflight", {204: None}), self.preflight)
        self.paths[operation.path].append(operation.method)
        super().mount(operation, view)

    def preflight(self, call: Call, **_path: str) -> Reply:
        """Exactly the origins that may call, exactly the path's methods, and no credentials."""
        headers = {
            "Access-Control-Allow-Methods": ", ".join(self.paths[call.operation.path]),
            "Access-Control-Allow-Headers": "content-type, authorization",
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        }
        return Reply(204, None, headers)
