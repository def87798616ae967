"""What a third party answers, by what it is asked for."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from enum import StrEnum
from html import escape
from http import HTTPStatus
from pathlib import Path, PurePosixPath

from infra.local.origins.http import HTML, JSON, Answer, Request
from infra.local.recorder.vendors import imprint_of


class Kind(StrEnum):
    """What a browser wants to make of the answer."""

    SCRIPT = "script"
    STYLE = "style"
    IMAGE = "image"
    FONT = "font"
    PAGE = "page"
    EVENTS = "events"
    DATA = "data"
    NOTHING = "nothing"


DESTINATIONS: Mapping[str, Kind] = {
    "script": Kind.SCRIPT,
    "worker": Kind.SCRIPT,
    "sharedworker": Kind.SCRIPT,
    "serviceworker": Kind.SCRIPT,
    "audioworklet": Kind.SCRIPT,
    "paintworklet": Kind.SCRIPT,
    "style": Kind.STYLE,
    "image": Kind.IMAGE,
    "font": Kind.FONT,
    "iframe": Kind.PAGE,
    "frame": Kind.PAGE,
    "embed": Kind.PAGE,
    "object": Kind.PAGE,
    "document": Kind.PAGE,
    "json": Kind.DATA,
    "manifest": Kind.DATA,
}
SUFFIXES: Mapping[str, Kind] = {
    ".js": Kind.SCRIPT,
    ".mjs": Kind.SCRIPT,
    ".css": Kind.STYLE,
    ".gif": Kind.IMAGE,
    ".png": Kind.IMAGE,
    ".jpg": Kind.IMAGE,
    ".svg": Kind.IMAGE,
    ".woff2": Kind.FONT,
    ".html": Kind.PAGE,
    ".json": Kind.DATA,
}

GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c000000000100010000020144003b")
STYLE = "/* a third party's style */\n"
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{host}</title>
<body style="margin:0;display:grid;place-content:center;min-height:100vh;font:1rem/1.5 system-ui;background:#20242c;color:#fff">
<p>{host}</p></body></html>
"""
SCRIPT = Path(__file__).with_name("vendor.js").read_text("utf-8")


def kind_of(request: Request) -> Kind:
    """By what the browser says it is for; where it does not say, by the address."""
    if request.headers.get("accept", "").startswith("text/event-stream"):
        return Kind.EVENTS
    destination = DESTINATIONS.get(request.headers.get("sec-fetch-dest", ""))
    suffix = SUFFIXES.get(PurePosixPath(request.path).suffix)
    # A preload by fetch, a form and a beacon have no destination; what is sent wants no answer.
    return destination or (Kind.NOTHING if request.method == "POST" else suffix or Kind.NOTHING)


def answer(request: Request) -> Answer:
    """As an obliging third party: open to every origin, and with a cookie of its own."""
    if request.method == "OPTIONS":
        return Answer(HTTPStatus.NO_CONTENT, b"", _open_to(request))
    given = CONTENTS[kind_of(request)](request)
    return Answer(given.status, given.body, {**given.headers, **_open_to(request), "Set-Cookie": _cookie(request)})


def _script(request: Request) -> str:
    made = asdict(imprint_of(request.host, request.path))
    return SCRIPT.replace('"__ME__"', json.dumps(request.host + request.path)).replace('"__MADE__"', json.dumps(made))


CONTENTS: Mapping[Kind, Callable[[Request], Answer]] = {
    Kind.SCRIPT: lambda request: Answer.of("text/javascript; charset=utf-8", _script(request)),
    Kind.STYLE: lambda _: Answer.of("text/css; charset=utf-8", STYLE),
    Kind.IMAGE: lambda _: Answer.of("image/gif", GIF),
    Kind.FONT: lambda _: Answer.of("font/woff2", b""),
    Kind.PAGE: lambda request: Answer.of(HTML, PAGE.format(host=escape(request.host))),
    Kind.EVENTS: lambda _: Answer.of("text/event-stream", "data: hello\n\n"),
    Kind.DATA: lambda _: Answer.of(JSON, "{}"),
    Kind.NOTHING: lambda _: Answer(HTTPStatus.NO_CONTENT),
}


def _open_to(request: Request) -> dict[str, str]:
    origin = request.headers.get("origin", "*")
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers": request.headers.get("access-control-request-headers", "content-type"),
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "no-store",
        "Vary": "Origin",
    }
    return headers if origin == "*" else {**headers, "Access-Control-Allow-Credentials": "true"}


def _cookie(request: Request) -> str:
    # A browser takes a cookie for other sites' pages only over TLS.
    return "third_party=1; Path=/" + ("; SameSite=None; Secure" if request.scheme == "https" else "")
