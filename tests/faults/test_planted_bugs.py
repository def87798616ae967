"""Negative controls: two bugs that the checks of this folder must find. If one of them passes, the checks are worth nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest

from functions.consents.entry import Entry
from functions.consents.model import Submission
from functions.consents.service import Desk, Records
from functions.consents.visitor import Visitor
from functions.errors import Conflict
from functions.ledger.model import Head
from functions.sequencer.service import Sequencer
from tests.faults.faults import Crash, Faults, Kind
from tests.faults.story import Story
from tests.support.aws import Account
from tests.support.logs import TestLog
from tests.support.storefront import decision


class Forgetful(Sequencer):
    """Does not finish what another run left undone."""

    def repaired(self, *, now: datetime) -> Head:  # noqa: ARG002 - as the sequencer has it
        return self.log.head() or Head.new(self.origin, self.receipts)


def sequenced_after_a_crash(log: TestLog, now: datetime, kind: type[Sequencer]) -> int:
    """The size of a log of five entries, whose first sequencer ended with its commit, before anything else."""
    candidates = log.entered(now, 5)
    with Faults(at=2, kind=Kind.CRASH_AFTER).on() as faults, pytest.raises(Crash):
        log.sequencer.sequence(candidates, now=now)
    assert faults.calls[-1] == "dynamodb.TransactWriteItems"
    own = log.sequencer
    kind(own.log, own.places, own.following, own.origin, own.receipts).sequence(candidates, now=now)
    head = log.account.log(now.year).head()
    assert head is not None
    return head.size


def test_without_the_repair_entries_would_be_in_the_tree_twice(tenant: Account, neighbour: Account, now: datetime) -> None:
    assert sequenced_after_a_crash(TestLog(tenant, now.year), now, Forgetful) == 10
    assert sequenced_after_a_crash(TestLog(neighbour, now.year), now, Sequencer) == 5


@dataclass(frozen=True)
class Uncompared:
    """Calls every record that is there already a conflict."""

    records: Records

    def append(self, entry: Entry) -> Entry | None:
        if self.records.append(entry) is not None:
            raise Conflict("There is a record by this id.")
        return None


def submitted(story: Story, compared: Callable[[Records], Records]) -> None:
    """One act, the answer to whose insert is lost, so that the SDK sends it again."""
    wiring, site = story.app.wiring, story.shop.site
    desk = Desk(
        site=wiring.site(site),
        ip_mode=wiring.tenant(site.tenant).ip_mode,
        vault=wiring.vault(site.tenant),
        records=compared(wiring.records(site.tenant)),
        references=wiring.references(site.tenant),
        log_host=wiring.settings.log_host,
    )
    body = {"acts": [decision(story.shop, story.now)], "secret": "A" * 22}
    submission = Submission.from_json(body, now=story.now)
    visitor = Visitor.of("203.0.113.7", lambda _: "")
    wiring.config(site, 1)
    with Faults(at=1, kind=Kind.REPLY_LOST).on():
        desk.record(submission, visitor, now=story.now)


def test_without_the_compare_an_act_whose_answer_was_lost_would_be_refused(story_of: Callable[[], Story]) -> None:
    submitted(story_of(), lambda records: records)

    with pytest.raises(Conflict):
        submitted(story_of(), Uncompared)
