from base64 import b64decode
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.anchors.authority import TimestampAuthority
from functions.anchors.model import AnchorKind, AnchorRow, AuthorityUnavailable, CheckpointRef, StampRefused
from functions.anchors.service import Anchoring, anchors_of
from functions.mail.model import Letter, LetterKind
from infra.local.authority import Authority
from infra.local.origins.http import Answer
from infra.local.origins.server import Server
from tests.functions.anchors.conftest import YEAR, Countdown, Crash, Log
from tests.functions.anchors.judge import verifies

CALLS = 10
DAY = timedelta(days=1)


@dataclass
class Posted:
    """`functions.mail.model.Letters`."""

    letters: list[Letter] = field(default_factory=list)

    def post(self, letter: Letter) -> None:
        self.letters.append(letter)


@pytest.fixture
def posted() -> Posted:
    return Posted()


@pytest.fixture
def anchoring(log: Log, posted: Posted, authority: Authority) -> Anchoring:
    return of(log, posted, TimestampAuthority(authority.address, authority.root))


def of(log: Log, posted: Posted, authority: TimestampAuthority | None) -> Anchoring:
    return Anchoring(log.account.id, log.checkpoints, log.rows, log.objects, posted, authority)


def sizes(log: Log, kind: AnchorKind = AnchorKind.RFC3161) -> list[int]:
    return [row.ref.size for row in log.rows.all(kind, YEAR)]


def shown(log: Log) -> list[dict[str, Any]]:
    anchors = anchors_of(YEAR, rows=log.rows, checkpoints=log.checkpoints, objects=log.objects)
    return [anchor.to_json() for anchor in anchors]


def test_the_newest_checkpoint_is_mailed_and_stamped(
    log: Log, anchoring: Anchoring, posted: Posted, authority: Authority, now: datetime
) -> None:
    log.grow(now)
    note = log.grow(now)

    anchoring.anchor(YEAR, now=now)

    stamp = log.objects.read(f"{log.id}/anchor/2.tsr")
    assert stamp is not None
    assert verifies(stamp, note.encode(), authority.root)
    assert posted.letters == [Letter(log.account.id, LetterKind.CHECKPOINT, "2026 2")]
    assert (sizes(log), sizes(log, AnchorKind.MAIL)) == ([2], [2])


def test_receipts_are_given_kind_note_and_token_the_smallest_first(
    log: Log, anchoring: Anchoring, authority: Authority, now: datetime
) -> None:
    first = log.grow(now)
    anchoring.anchor(YEAR, now=now)
    second = log.grow(now)
    log.objects.put_once(f"{log.id}/anchor/2.tsr", TimestampAuthority(authority.address).stamp(second.encode(), now=now))
    anchoring.anchor(YEAR, now=now + DAY)

    found = shown(log)

    assert [(one["kind"], one["checkpoint"]) for one in found] == [("rfc3161", first), ("rfc3161", second)]
    for one in found:
        assert set(one) == {"kind", "checkpoint", "token"}
        assert verifies(b64decode(one["token"]), one["checkpoint"].encode(), authority.root)
    assert not verifies(b64decode(found[0]["token"]), second.encode(), authority.root)


def test_a_second_time_on_the_same_day_changes_nothing_though_the_log_has_grown(
    log: Log, anchoring: Anchoring, posted: Posted, now: datetime
) -> None:
    log.grow(now)
    anchoring.anchor(YEAR, now=now)
    log.grow(now)

    anchoring.anchor(YEAR, now=now)

    assert (len(posted.letters), sizes(log)) == (1, [1])


def test_a_log_that_has_not_grown_is_not_anchored_again_on_another_day(
    log: Log, anchoring: Anchoring, posted: Posted, now: datetime
) -> None:
    log.grow(now)
    anchoring.anchor(YEAR, now=now)

    anchoring.anchor(YEAR, now=now + DAY)

    assert (len(posted.letters), sizes(log)) == (1, [1])


def test_the_next_day_brings_the_next_anchor(log: Log, anchoring: Anchoring, posted: Posted, now: datetime) -> None:
    log.grow(now)
    replace(anchoring, authority=None).anchor(YEAR, now=now - DAY)
    log.rows.enter(AnchorRow(AnchorKind.RFC3161, CheckpointRef(YEAR, 1), now - DAY, "key"))
    log.grow(now)

    anchoring.anchor(YEAR, now=now)

    assert [letter.about for letter in posted.letters] == ["2026 1", "2026 2"]
    assert (sizes(log), sizes(log, AnchorKind.MAIL)) == ([1, 2], [1, 2])


@pytest.mark.parametrize("grown", [True, False])
def test_what_nobody_signed_is_not_anchored(
    log: Log, anchoring: Anchoring, posted: Posted, now: datetime, *, grown: bool
) -> None:
    if grown:
        log.grow(now, signed=False)

    anchoring.anchor(YEAR, now=now)

    assert (posted.letters, sizes(log)) == ([], [])


def test_without_an_authority_the_mail_goes_out_all_the_same(log: Log, posted: Posted, now: datetime) -> None:
    log.grow(now)

    of(log, posted, None).anchor(YEAR, now=now)

    assert (len(posted.letters), sizes(log), shown(log)) == (1, [], [])


def test_an_authority_that_is_away_holds_up_no_mail_and_is_asked_again(
    log: Log, anchoring: Anchoring, posted: Posted, now: datetime
) -> None:
    log.grow(now)
    with Server(lambda _: Answer(503)) as away, pytest.raises(AuthorityUnavailable):
        of(log, posted, TimestampAuthority(away.address)).anchor(YEAR, now=now)
    assert sizes(log) == []

    anchoring.anchor(YEAR, now=now)

    assert (len(posted.letters), sizes(log)) == (1, [1])


def test_a_stamp_that_is_refused_is_never_kept(log: Log, posted: Posted, authority: Authority, now: datetime) -> None:
    note = log.grow(now)
    other = TimestampAuthority(authority.address).stamp(note.encode(), now=now)
    replay = Answer.of("application/timestamp-reply", other)

    with Server(lambda _: replay) as hostile, pytest.raises(StampRefused):
        of(log, posted, TimestampAuthority(hostile.address)).anchor(YEAR, now=now)

    assert log.objects.read(f"{log.id}/anchor/1.tsr") is None
    assert sizes(log) == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_a_run_that_stopped_anywhere_is_made_up_for_by_the_next(  # noqa: PLR0913 - what it stands on
    log: Log, anchoring: Anchoring, posted: Posted, authority: Authority, now: datetime, call: int, *, after: bool
) -> None:
    note = log.grow(now)
    countdown = Countdown(call, after)
    parts = ("checkpoints", "rows", "objects", "letters", "authority")
    fragile: Anchoring = replace(anchoring, **{part: countdown.over(getattr(anchoring, part)) for part in parts})
    with pytest.raises(Crash):
        fragile.anchor(YEAR, now=now)
    kept = log.objects.read(f"{log.id}/anchor/1.tsr")

    anchoring.anchor(YEAR, now=now)
    anchoring.anchor(YEAR, now=now)

    (anchor,) = shown(log)
    assert kept in {None, b64decode(anchor["token"])}
    assert verifies(b64decode(anchor["token"]), note.encode(), authority.root)
    assert set(map(str, posted.letters)) == {str(Letter(log.account.id, LetterKind.CHECKPOINT, "2026 1"))}
    assert len(posted.letters) <= 2
    assert (sizes(log), sizes(log, AnchorKind.MAIL)) == ([1], [1])


def test_an_anchor_makes_no_more_calls_than_the_crashes_were_tried_at(log: Log, anchoring: Anchoring, now: datetime) -> None:
    log.grow(now)
    countdown = Countdown(0, after=False)
    parts = ("checkpoints", "rows", "objects", "letters", "authority")
    counted: Anchoring = replace(anchoring, **{part: countdown.over(getattr(anchoring, part)) for part in parts})

    counted.anchor(YEAR, now=now)

    assert countdown.left == -CALLS


def test_what_somebody_put_in_the_place_of_a_stamp_gets_no_row(log: Log, anchoring: Anchoring, now: datetime) -> None:
    log.grow(now)
    log.objects.put_once(f"{log.id}/anchor/1.tsr", b"forged")

    with pytest.raises(StampRefused):
        anchoring.anchor(YEAR, now=now)

    assert sizes(log) == []


def test_a_neighbour_sees_none_of_it_and_has_anchors_of_their_own(
    log: Log, neighbours_log: Log, anchoring: Anchoring, posted: Posted, now: datetime
) -> None:
    log.grow(now)
    anchoring.anchor(YEAR, now=now)

    replace(of(neighbours_log, posted, None), authority=anchoring.authority).anchor(YEAR, now=now)

    assert (shown(neighbours_log), sizes(neighbours_log)) == ([], [])
    assert {letter.tenant for letter in posted.letters} == {log.account.id}
    theirs = neighbours_log.grow(now)
    replace(of(neighbours_log, posted, None), authority=anchoring.authority).anchor(YEAR, now=now)
    assert [one["checkpoint"] for one in shown(neighbours_log)] == [theirs]
    assert [one["checkpoint"] for one in shown(log)] != [theirs]


def test_another_years_log_is_another_log(log: Log, anchoring: Anchoring, now: datetime) -> None:
    log.grow(now)

    anchoring.anchor(YEAR - 1, now=now)

    assert sizes(log) == []


def test_an_anchor_whose_object_is_gone_shows_nothing(log: Log, now: datetime) -> None:
    log.grow(now)
    log.rows.enter(AnchorRow(AnchorKind.RFC3161, CheckpointRef(YEAR, 1), now, f"{log.id}/anchor/1.tsr"))

    assert shown(log) == []
