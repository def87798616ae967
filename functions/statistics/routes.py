"""How many decided what, by day, as the merchant reads it."""

from typing import TYPE_CHECKING

from chalice.app import ChaliceAuthorizer

from functions.authority.edge import MerchantApi
from functions.authority.model import Scope
from functions.clock import utc_now
from functions.ids import SiteId
from functions.schema import Schema
from functions.statistics.days import MOST_DAYS, Period
from functions.statistics.service import read_days
from functions.statistics.tasks import statistics_of
from functions.web import Call, Reply

if TYPE_CHECKING:
    from functions.wiring import Wiring

DAYS = Schema("statistics/schemas/days.json")


def merchant(wiring: "Wiring", authorizer: ChaliceAuthorizer) -> MerchantApi:
    api = MerchantApi(__name__, authorizer)

    @api.operation(
        "GET",
        "/v1/admin/statistics",
        summary="Visitors' decisions by day, and of each day by act, category, section, language, site and config.",
        scope=Scope.STATISTICS_READ,
        query={
            "from": f"the first day, such as 2026-11-25; at most {MOST_DAYS} days, by default the thirty up to the last",
            "to": "the last day, by default today in UTC",
            "site": "a site id; by default all sites",
        },
        answers={200: DAYS},
    )
    def get_statistics(call: Call) -> Reply:
        period = Period.parse(call.query("from"), call.query("to"), today=utc_now().date())
        wanted = call.query("site")
        site = SiteId.parse(wanted) if wanted is not None else None
        days = read_days(period, site=site, counting=statistics_of(call.who.tenant, wiring=wiring))
        return Reply(200, {"from": str(period.first), "to": str(period.last), "site": site, "days": days})

    return api
