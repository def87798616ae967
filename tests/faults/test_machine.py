"""Whatever visitors, the stream, crashes and an intruder do, in any order: the ledger is the list of what was accepted."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from functions.audit.ports import Scope
from functions.audit.reading import Named, stored
from functions.audit.service import Auditor, State
from functions.clock import utc_now
from functions.ledger.kinds import EntryRef
from tests.faults.faults import Crash, Faults, Kind
from tests.faults.story import Story, forget
from tests.support.storefront import Browser, decision

CRASHES = (Kind.CRASH_BEFORE, Kind.CRASH_AFTER, Kind.THROTTLED, Kind.REPLY_LOST_FOR_GOOD)


# Ids and sizes differ from run to run, so that what is drawn does not depend on them.
NUMBERS = st.integers(0, 9999)
Thing = TypeVar("Thing")


def picked(things: Sequence[Thing], which: int) -> Thing:
    return things[which % len(things)]


def shuffled(things: list[Any], seed: int) -> None:
    random.Random(seed).shuffle(things)  # noqa: S311 - chance that can be repeated


class Accepted:
    """An act in the model: who sent it, what they sent, and the receipt they have."""

    def __init__(self, browser: Browser, act: dict[str, Any], receipt: dict[str, Any]) -> None:
        self.browser, self.act, self.receipt = browser, act, receipt


class Register(RuleBasedStateMachine):
    """The model is a list; everything else is the platform."""

    story_of: ClassVar[Callable[[], Story]]
    acts = Bundle("acts")

    @initialize()
    def opened(self) -> None:
        self.story = type(self).story_of()
        self.model: list[Accepted] = []
        self.erased: set[str] = set()
        self.told: list[dict[str, Any]] = []
        self.waiting: list[dict[str, Any]] = []

    def _take(self) -> None:
        new = self.story.stream.records()
        self.waiting += new
        self.told += new

    def _submit(self, browser: Browser, act: dict[str, Any]) -> Accepted:
        answer = browser.submit(act)
        assert answer.status == 201, answer.text
        accepted = Accepted(browser, act, answer.json["records"][0]["receipt"])
        self.model.append(accepted)
        self._take()
        return accepted

    @rule(target=acts, given=st.sets(st.sampled_from(["performance", "functional", "targeting"])))
    def append(self, given: set[str]) -> Accepted:
        return self._submit(self.story.shop.browser(), decision(self.story.shop, utc_now(), *given))

    @rule(one=acts)
    def retry(self, one: Accepted) -> None:
        answer = one.browser.submit(one.act)
        if one.browser.secret in self.erased:
            assert answer.status in {401, 409, 410}, answer.text
        else:
            assert (answer.status, answer.json["records"][0]["receipt"]) == (200, one.receipt)

    @rule(one=acts)
    def replay_with_other_content(self, one: Accepted) -> None:
        answer = one.browser.submit({**one.act, "at_client": one.act["at_client"] + 1})
        assert answer.status in {409, 410}, answer.text

    @precondition(lambda self: any(one.browser.secret not in self.erased for one in self.model))
    @rule(target=acts, which=NUMBERS)
    def withdraw(self, which: int) -> Accepted:
        one = picked([one for one in self.model if one.browser.secret not in self.erased], which)
        act = decision(self.story.shop, utc_now(), act="withdrawn", previous=one.act["id"])
        return self._submit(one.browser, act)

    @rule(one=consumes(acts))
    def erase(self, one: Accepted) -> None:
        body = {"record": one.act["id"], "how": "shred", "reason": "They asked."}
        assert self.story.shop.call("POST", "/erasures", body).status in {202, 410}
        for message in self.story.stream.queue(self.story.aws_queue("upkeep_queue")):
            record = {"messageId": "1", "body": message, "eventSource": "aws:sqs", "receiptHandle": "1"}
            assert self.story.app.upkeep({"Records": [record]}, None) == {"batchItemFailures": []}
        self.erased.add(one.browser.secret)
        self._take()

    @rule(seed=NUMBERS, quarters=st.integers(0, 4))
    def sequence(self, seed: int, quarters: int) -> None:
        """Some of what waits, in any order."""
        shuffled(self.waiting, seed)
        some = len(self.waiting) * quarters // 4
        self._deliver(self.waiting[:some])
        self.waiting = self.waiting[some:]

    @precondition(lambda self: self.told)
    @rule(seed=NUMBERS, count=st.integers(1, 4))
    def redeliver(self, seed: int, count: int) -> None:
        again = list(self.told)
        shuffled(again, seed)
        self._deliver(again[:count])

    @rule(at=st.integers(0, 8), kind=st.sampled_from(CRASHES))
    def crash_in_sequencing(self, at: int, kind: Kind) -> None:
        try:
            with Faults(at=at, kind=kind).on():
                self.story.stream.sequence(self.waiting)
        except Crash:
            forget(self.story.app)

    @rule()
    def sign(self) -> None:
        self.story.app.wiring.signing(self.story.shop.tenant, self.story.now.year).sign(now=utc_now())

    @rule(at=st.integers(0, 30), kind=st.sampled_from(CRASHES))
    def crash_in_signing(self, at: int, kind: Kind) -> None:
        try:
            with Faults(at=at, kind=kind).on():
                message = f'{{"do": "sign", "tenant": "{self.story.shop.tenant}", "year": {self.story.now.year}}}'
                record = {"messageId": "1", "body": message, "eventSource": "aws:sqs", "receiptHandle": "1"}
                self.story.app.ledger({"Records": [record]}, None)
        except Crash:
            forget(self.story.app)

    @precondition(lambda self: self._placed())
    @rule(which=NUMBERS, bit=NUMBERS)
    def tamper(self, which: int, bit: int) -> None:
        """Somebody changes an entry that is in the tree: the audit says so, until it is as it was."""
        register, tenant = self.story.aws.settings.register_table, self.story.shop.tenant
        ref = picked(self._placed(), which)
        client: Any = self.story.aws.dynamodb
        item = client.get_item(TableName=register, Key={"pk": {"S": f"{tenant}#{ref.partition}"}, "sk": {"S": ref.key}})["Item"]
        flipped = bytearray(item["leaf"]["B"])
        flipped[bit // 8 % len(flipped)] ^= 1 << bit % 8
        client.put_item(TableName=register, Item={**item, "leaf": {"B": bytes(flipped)}})
        assert self._audited().disagreements
        client.put_item(TableName=register, Item=item)
        assert len(self.story.stream.records()) == 2

    @rule()
    def audit(self) -> None:
        tally = self._audited()
        assert tally.disagreements == 0, tally.first

    @invariant()
    def no_entry_is_in_the_tree_twice_and_none_that_was_not_accepted(self) -> None:
        if not hasattr(self, "story"):
            return
        placed = Counter(self._placed())
        assert set(placed.values()) <= {1}
        consents = {ref.key for ref in placed if ref.partition.startswith("consent#")}
        assert consents <= {one.act["id"] for one in self.model}

    def teardown(self) -> None:
        """In the end everything that was accepted is in the tree, and the audit agrees."""
        if not hasattr(self, "story"):
            return
        self._take()
        self._deliver(self.waiting)
        consents = {ref.key for ref in self._placed() if ref.partition.startswith("consent#")}
        assert consents == {one.act["id"] for one in self.model}
        self.sign()
        self.audit()
        self.story.leave()

    def _deliver(self, records: list[dict[str, Any]]) -> None:
        assert self.story.stream.deliver(records) == []

    def _placed(self) -> list[EntryRef]:
        log = self.story.app.wiring.log_rows(self.story.shop.tenant, self.story.now.year)
        return [ref for batch in log.batches(0, 10_000) for ref in batch.refs]

    def _audited(self) -> Any:
        auditor = Auditor(*stored(self.story.app.wiring), Named((self.story.shop.tenant,)), Scope(), State(deep=True))
        while not auditor.done:
            auditor.step(now=utc_now())
        return auditor.state.tally


def machine(story_of: Callable[[], Story]) -> type[Register]:
    return type("Machine", (Register,), {"story_of": staticmethod(story_of)})


CHECKS = list(HealthCheck)


def test_the_ledger_is_the_list_of_what_was_accepted(story_of: Callable[[], Story]) -> None:
    short = settings(max_examples=5, stateful_step_count=20, deadline=None, suppress_health_check=CHECKS)
    run_state_machine_as_test(machine(story_of), settings=short)


@pytest.mark.prove
def test_the_ledger_is_the_list_of_what_was_accepted_in_ten_thousand_steps(story_of: Callable[[], Story]) -> None:
    long = settings(max_examples=200, stateful_step_count=50, deadline=None, suppress_health_check=CHECKS)
    run_state_machine_as_test(machine(story_of), settings=long)
