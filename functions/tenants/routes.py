"""The account's own data."""

from typing import TYPE_CHECKING

from chalice.app import ChaliceAuthorizer

from functions.authority.edge import MerchantApi
from functions.authority.model import Scope
from functions.schema import Schema
from functions.tenants.model import Tenant
from functions.tenants.service import change_tenant, read_tenant
from functions.web import Call, Reply

if TYPE_CHECKING:
    from functions.wiring import Wiring

TENANT = Schema("tenants/schemas/tenant.json")


def merchant(wiring: "Wiring", authorizer: ChaliceAuthorizer) -> MerchantApi:
    api = MerchantApi(__name__, authorizer)

    @api.operation(
        "GET",
        "/v1/admin/tenant",
        summary="The account: company, contacts, regimes, and how much of a visitor's address is kept.",
        scope=Scope.TENANT_READ,
        answers={200: TENANT},
    )
    def get_tenant(call: Call) -> Reply:
        tenant, version = read_tenant(call.who.tenant, documents=wiring.documents(call.who.tenant))
        return Reply(200, {"version": version, **tenant.to_json()})

    @api.operation(
        "PUT",
        "/v1/admin/tenant",
        summary="Change it; `version` is the one that was read, and the answer has the next.",
        scope=Scope.TENANT_WRITE,
        body=TENANT,
        answers={200: TENANT},
    )
    def put_tenant(call: Call) -> Reply:
        body = call.body()
        tenant = Tenant.from_json(call.who.tenant, body)
        version = change_tenant(tenant, after=body["version"], documents=wiring.documents(tenant.id))
        return Reply(200, {"version": version, **tenant.to_json()})

    return api
