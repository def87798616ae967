"""The audit: everything derived anew from the stored bytes, log by log, and then the register against the logs.

It goes step by step. Between any two the state is a small JSON document, and whoever has it can go on from there.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from functions.audit.logs import LogAudit
from functions.audit.model import Finding, Kind, Tally
from functions.audit.ports import Objects, Position, Rows, Scope, Tenants
from functions.audit.register import RegisterAudit
from functions.audit.walking import Walk

# Before the first release nobody had a log.
FIRST_YEAR = 2025


class Phase(StrEnum):
    """How far an audit has come."""

    LOGS = "logs"
    REGISTER = "register"
    DONE = "done"


@dataclass
class State:
    """An audit between two steps: where it goes on, and what it has found."""

    deep: bool = False
    phase: Phase = Phase.LOGS
    tenant: str | None = None
    year: int = 0
    walk: Walk | None = None
    kept_met: list[int] = field(default_factory=list)
    scan: Position | None = None
    tally: Tally = field(default_factory=Tally)

    def to_json(self) -> dict[str, Any]:
        return {
            "deep": self.deep,
            "phase": self.phase.value,
            "tenant": self.tenant,
            "year": self.year,
            "walk": None if self.walk is None else self.walk.to_json(),
            "kept_met": self.kept_met,
            "scan": self.scan,
            "tally": self.tally.to_json(),
        }

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Self:
        walk = None if said["walk"] is None else Walk.from_json(said["walk"])
        phase, tally = Phase(said["phase"]), Tally.from_json(said["tally"])
        return cls(said["deep"], phase, said["tenant"], said["year"], walk, said["kept_met"], said["scan"], tally)


@dataclass(frozen=True)
class Auditor:
    """Reads what is stored; has no key but the public ones, and writes nothing."""

    rows: Rows
    objects: Objects
    tenants: Tenants
    scope: Scope
    state: State

    @property
    def done(self) -> bool:
        return self.state.phase is Phase.DONE

    def step(self, *, now: datetime) -> None:
        """A page."""
        match self.state.phase:
            case Phase.LOGS:
                self._logs(now)
            case Phase.REGISTER:
                self._register(now)
            case Phase.DONE:
                return

    def _logs(self, now: datetime) -> None:
        state = self.state
        if state.tenant is None or state.year > now.year + 1:
            state.tenant, state.year = self.tenants.after(state.tenant), FIRST_YEAR
            if state.tenant is None:
                self._end_of_logs()
            return
        log = LogAudit(self.rows, self.objects, self.scope, state.tally, state.tenant, state.year, deep=state.deep)
        if state.walk is None:
            state.walk = log.begin()
        elif state.walk.ended:
            log.end(state.walk, now=now)
            state.kept_met = sorted({*state.kept_met, *log.met(state.walk)})
            state.walk = None
        else:
            log.step(state.walk)
        if state.walk is None:
            state.year += 1

    def _end_of_logs(self) -> None:
        for place, kept in enumerate(self.scope.kept):
            if place not in self.state.kept_met:
                self.state.tally.tell(Finding(Kind.KEPT, "", kept.origin, f"checkpoint/{kept.size}", "a log by that name"))
        self.state.phase = Phase.REGISTER

    @cached_property
    def _entries(self) -> RegisterAudit:
        return RegisterAudit(self.rows, self.tenants, self.state.tally)

    def _register(self, now: datetime) -> None:
        self.state.scan = self._entries.page(self.state.scan, scope=self.scope, now=now)
        if self.state.scan is None:
            self.state.phase = Phase.DONE
