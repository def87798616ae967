from datetime import UTC, datetime

import pytest

from functions.clock import to_ms
from functions.erasures.model import Erasure, State, leaf_members
from functions.ids import SubjectId
from functions.ledger.kinds import KEY_OF
from functions.ledger.leaf import canonical, members
from functions.vault.mark import How, Mark, Why

SID = SubjectId("A" * 22)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNTIL = datetime(2031, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize("done_at", [None, NOW])
@pytest.mark.parametrize(("how", "until"), [(How.SHREDDED, None), (How.RESTRICTED, UNTIL)])
def test_a_request_is_read_back_as_it_is_written(how: How, until: datetime | None, done_at: datetime | None) -> None:
    erasure = Erasure(SID, how, "a letter", "key:0123456789ab", NOW, until, done_at)

    assert Erasure.from_json(erasure.to_json()) == erasure
    assert erasure.state is (State.PENDING if done_at is None else State.DONE)


@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize(("how", "until"), [(How.SHREDDED, None), (How.RESTRICTED, UNTIL)])
def test_a_leaf_says_what_was_done_and_nothing_of_whom(how: How, until: datetime | None, why: Why) -> None:
    leaf = canonical(leaf_members(SID, Mark(how, why, until), log="log.example/0", at=NOW))

    says = members(leaf)
    assert set(says) - {"until"} == {"typ", "log", "at", "sid", "how", "why"}
    assert says.get("until") == (to_ms(until) if until else None)
    assert str(KEY_OF[says["typ"]](says)) == f"erasure {SID}#{how}"
