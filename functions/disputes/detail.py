"""The last part of the report: what the windows said, and each act with all that the record has."""

from collections.abc import Iterator

from functions.disputes.account import Account, Standing, Told
from functions.disputes.paper import BODY, Paper
from functions.disputes.words import Words, clean, moment

BUTTONS = ("accept_all", "reject_all", "customise", "save")
HEAD_MM = 8


def windows(paper: Paper, account: Account, words: Words) -> None:
    """Each published window that an act names, in each language that it was answered in."""
    if account.windows:
        paper.heading(words.say("windows"))
        paper.paragraph(words.say("windows_text"))
    for window in sorted(account.windows, key=lambda one: (one.version, one.language)):
        buttons = " · ".join(window.texts[name] for name in BUTTONS if name in window.texts)
        said = [
            clean(window.texts[name])
            for name in ("banner_title", "banner_description", "withdraw_note")
            if name in window.texts
        ]
        label = f"{words.say('window', version=window.version)} ({window.language})"
        told = [*said, words.say("buttons", names=buttons), words.say("file"), window.sha256]
        paper.pairs([(label, "\n".join(told))])


def details(paper: Paper, account: Account, words: Words) -> None:
    if account.told:
        paper.heading(words.say("details"), needs_mm=60)
    for number, one in enumerate(account.told, 1):
        rows = list(_detail(one, words))
        paper.keep_together(HEAD_MM + paper.height_of(rows))
        paper.write_lines(f"{number}. {moment(one.at)}", size=BODY, bold=True)
        paper.pairs(rows)


def _detail(one: Told, words: Words) -> Iterator[tuple[str, str]]:
    yield words.say("record"), one.id
    if one.standing not in {Standing.ALTERED, Standing.MISSING}:
        yield from _act(one, words)
    yield words.say("column_proof"), "\n".join(_proof(one, words))


def _act(one: Told, words: Words) -> Iterator[tuple[str, str]]:
    says = one.says
    place = words.say("on_site", section=words.one("section", says["sec"]), site=says["site"])
    yield words.say("column_act"), "\n".join([f"{words.one('act', says['act'])}: {place}", *_bound(one, words)])
    yield words.say("column_about"), "\n".join(_about(one, words))
    yield words.say("shown"), "\n".join(_shown(one, words))
    yield words.say("who_it_was"), "\n".join(_person(one, words))


def _bound(one: Told, words: Words) -> Iterator[str]:
    if "sub" in one.says:
        yield words.say("submission", id=one.says["sub"])
    if "prev" in one.says:
        yield words.say("previous", id=one.says["prev"])


def _about(one: Told, words: Words) -> Iterator[str]:
    says = one.says
    if "pol" in says:
        title = one.title or words.say("untitled", id=says["pol"]["id"])
        yield words.say("document", title=title, version=says["pol"]["ver"])
        digest, folder = says["pol"]["sha256"], "texts"
    else:
        yield words.say("window", version=says["cfg"]["ver"])
        yield words.say("granted", names=words.categories(name for name, granted in says["cat"].items() if granted))
        yield words.say("not_granted", names=words.categories(name for name, granted in says["cat"].items() if not granted))
        digest, folder = says["cfg"]["sha256"], "windows"
    yield f"{words.say('text_hash')}:"
    yield digest
    yield words.say("kept", folder=folder) if one.kept else words.say("not_kept")


def _shown(one: Told, words: Words) -> Iterator[str]:
    screen = one.says["ui"]
    layer, gesture = words.one("layer", screen["layer"]), words.one("gesture", screen["via"])
    yield words.say("shown_text", layer=layer, language=screen["lang"], gesture=gesture)
    if screen["gpc"]:
        yield words.say("gpc")
    if "build" in screen:
        yield words.say("build")
        yield screen["build"]


def _person(one: Told, words: Words) -> Iterator[str]:
    personal = one.personal
    if personal is None:
        yield words.say("erased")
    else:
        named = [clean(personal[member]) for member in ("name", "email") if member in personal]
        yield from ([", ".join(named)] if named else [])
    yield words.one("identity_long", one.says["idv"])
    if personal and "ip" in personal:
        yield words.say("address", value=personal["ip"])
    if personal and "user_agent" in personal.get("device", {}):
        yield f"{words.say('device')}: {clean(personal['device']['user_agent'])}"


def _proof(one: Told, words: Words) -> Iterator[str]:
    yield words.one("proof_long", one.standing, at="–" if one.signed_at is None else moment(one.signed_at))
    if one.stamp is not None:
        yield words.say("dated" if one.stamp.confirmed else "stamped", at=moment(one.stamp.at))
