"""Which function is called with what: the app says the function, the template where it takes from and how often it tries."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalice.app import Chalice
from chalice.utils import to_cfn_resource_name

from infra.local.gateway import lambda_context
from infra.local.resources import Resources
from infra.local.template import resolve

TIMEOUT_MS = 60_000
Event = dict[str, Any]
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """A function and what it is bound to; `kind` and `properties` as SAM has them, references resolved."""

    name: str
    kind: str
    properties: Mapping[str, Any]
    batch_size: int
    handler: Callable[[Event, object], Any]

    def call(self, event: Event) -> Any:  # noqa: ANN401 - what a function answers
        return self.handler(event, lambda_context(self.name, TIMEOUT_MS))

    def failed(self, records: list[Record], identify: Callable[[Record], str]) -> set[str]:
        """Call with a batch and give the identifiers of what failed; an answer that names none of the batch fails all of it.

        What the function raises is raised: then all has failed.
        """
        answer = self.call({"Records": records})
        if "ReportBatchItemFailures" not in self.properties.get("FunctionResponseTypes", ()):
            return set()
        named = {one.get("itemIdentifier") for one in (answer or {}).get("batchItemFailures", ())}
        every = {identify(record) for record in records}
        return every if named - every else named


def sources_of(app: Chalice, resources: Resources) -> list[Source]:
    """Each event source of the app, with what the template says of it."""
    return [_source(app, config, resources) for config in app.event_sources]


def _source(app: Chalice, config: Any, resources: Resources) -> Source:  # noqa: ANN401 - one of Chalice's configs
    function = resources.template.resources.get(to_cfn_resource_name(config.name), {})
    bound = next(iter(function.get("Properties", {}).get("Events", {}).values()), None)
    handler = app.handler_map[config.name]
    if bound is None:
        schedule = {"Schedule": str(getattr(config.schedule_expression, "to_string", lambda: config.schedule_expression)())}
        return Source(config.name, "Schedule", schedule, 1, handler)
    properties = resolve(bound["Properties"], resources.attribute)
    return Source(config.name, bound["Type"], properties, getattr(config, "batch_size", 1), handler)


def wanted(source: Source, record: Record) -> bool:
    """Whether a filter of the source lets the record through; patterns are lists of plain values, nested in objects."""
    filters = [json.loads(one["Pattern"]) for one in source.properties.get("FilterCriteria", {}).get("Filters", ())]
    return not filters or any(_matches(pattern, record) for pattern in filters)


def _matches(pattern: Any, value: Any) -> bool:  # noqa: ANN401 - any part of a pattern
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(_matches(part, value.get(name)) for name, part in pattern.items())
    return value in pattern
