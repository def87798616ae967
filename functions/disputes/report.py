"""The report of a dispute pack, for a judge: who, what, when, which text, what is proven and how to check it."""

from collections import Counter
from collections.abc import Callable, Iterator

from functions.disputes.account import Account, Standing, Told
from functions.disputes.detail import details, windows
from functions.disputes.paper import Paper, labelled
from functions.disputes.words import Words, clean, moment

COMMAND = "python verify.py dispute-{id}.zip"
COLUMNS = ("no", "at", "act", "about", "identity", "proof")
WIDTHS = (5, 15, 25, 25, 16, 14)


def report(account: Account) -> bytes:
    """The PDF, in the language of the account."""
    words = Words(account.language)
    made = words.say("made", at=moment(account.made_at), id=account.dispute.id)
    paper = Paper(
        language=account.language,
        title=words.say("title"),
        footer=made,
        pages=words.say("page", page="{page}", pages="{pages}"),
        at=account.made_at,
    )
    for part in (_opening, _parties, _summary, _acts, _proofs, _checking, windows, details):
        part(paper, account, words)
    return bytes(paper.output())


def _opening(paper: Paper, account: Account, words: Words) -> None:
    paper.title_of(words.say("title"), words.say("subtitle"))
    paper.heading(words.say("what"))
    for text in words.all("what_text", controller=account.controller["party_name"]):
        paper.paragraph(text)
    paper.paragraph(words.say("times"))


def _parties(paper: Paper, account: Account, words: Words) -> None:
    dispute = account.dispute
    paper.heading(words.say("who"))
    paper.pairs(
        [
            (words.say("controller"), "\n".join(_controller(account, words))),
            *labelled(words.say("subject"), _subject(account, words)),
            (words.say("asked"), words.say("asked_text", at=moment(dispute.requested_at), by=dispute.requested_by)),
            (words.say("found"), words.say(f"by_{dispute.by}")),
            (words.say("reason"), clean(dispute.reason)),
        ]
    )


def _controller(account: Account, words: Words) -> Iterator[str]:
    told = account.controller
    yield clean(told["party_name"])
    if told["party_registration"]:
        yield words.say("registration", value=told["party_registration"])
    for name in ("party_address", "party_email", "party_phone", "party_contact"):
        if told[name]:
            yield clean(told[name])


def _subject(account: Account, words: Words) -> Iterator[str]:
    """The ids, then every address and name that was opened, with how far each can be believed."""
    yield from (words.say("subject_id", id=subject) for subject in account.dispute.subjects)
    named = Counter(
        (clean(one.personal[member]), one.says["idv"])
        for one in account.told
        for member in ("email", "name")
        if one.personal and member in one.personal
    )
    for (value, verification), count in sorted(named.items()):
        yield words.say("named", value=value, how=words.one("identity", verification), count=words.records(count))
    if not named:
        yield words.say("subject_none")


def _summary(paper: Paper, account: Account, words: Words) -> None:
    counts = account.counts
    paper.heading(words.say("summary"))
    if not account.told:
        paper.paragraph(words.say("summary_none"))
        return
    summary = words.say(
        "summary_text",
        records=words.records(counts.records),
        first=moment(account.told[0].at),
        last=moment(account.told[-1].at),
        proven=counts.proven,
        opened=counts.opened,
        texts=counts.texts,
        anchors=counts.anchors,
    )
    paper.paragraph(summary)
    _warn(paper, words, "lost", counts.lost, words.records)
    _warn(paper, words, "left_out", counts.left_out, words.records)
    _warn(paper, words, "texts_lost", counts.texts_lost, str)


def _warn(paper: Paper, words: Words, name: str, count: int, worded: Callable[[int], str]) -> None:
    if count:
        paper.paragraph(words.say(name, count=worded(count)), alarm=True)


def _acts(paper: Paper, account: Account, words: Words) -> None:
    if account.told:
        paper.heading(words.say("acts"))
        heads = [words.say(f"column_{column}") for column in COLUMNS]
        rows = [_row(number, one, words) for number, one in enumerate(account.told, 1)]
        paper.grid([heads, *rows], widths=WIDTHS, headed=True)


def _row(number: int, one: Told, words: Words) -> list[str]:
    at, proof = f"{one.at:%Y-%m-%d}\n{one.at:%H:%M:%S}", words.one("proof", one.standing)
    if one.standing in {Standing.ALTERED, Standing.MISSING}:
        return [str(number), at, "–", "–", "–", proof]
    says = one.says
    place = words.say("on_site", section=words.one("section", says["sec"]), site=says["site"])
    return [str(number), at, f"{words.one('act', says['act'])}\n{place}", _about(one, words), _identity(one, words), proof]


def _about(one: Told, words: Words) -> str:
    says = one.says
    if "pol" in says:
        title = one.title or words.say("untitled", id=says["pol"]["id"])
        return words.say("document", title=title, version=says["pol"]["ver"])
    granted = words.categories(name for name, granted in says["cat"].items() if granted)
    return f"{words.say('window', version=says['cfg']['ver'])}\n{words.say('granted', names=granted)}"


def _identity(one: Told, words: Words) -> str:
    how = words.one("identity", one.says["idv"])
    return how if one.personal is not None else f"{how}; {words.say('erased')}"


def _proofs(paper: Paper, account: Account, words: Words) -> None:
    stamps = [one.stamp for one in account.told if one.stamp is not None]
    paper.heading(words.say("proofs"))
    paper.points(words.all("proofs_text"))
    if stamps:
        confirmed = all(stamp.confirmed for stamp in stamps)
        paper.points([words.say("proofs_dated" if confirmed else "proofs_stamped")])
    paper.heading(words.say("limits"))
    paper.points(words.all("limits_text"))


def _checking(paper: Paper, account: Account, words: Words) -> None:
    paper.heading(words.say("check"))
    paper.points(words.all("check_text"))
    paper.fixed(COMMAND.format(id=account.dispute.id))
    paper.heading(words.say("keys"))
    for key in account.keys:
        paper.fixed(key)
