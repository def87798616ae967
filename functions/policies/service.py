"""Making a document, publishing a version of it, finding the one in force."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from functions.content import hexdigest
from functions.errors import AlreadyRecorded, Conflict, Invalid, NotFound, Violation
from functions.ids import PolicyId
from functions.paging import PAGE, numbered_page
from functions.policies.model import Policy, PolicyVersion, Text, whole_ms
from functions.workspace.model import Documents


class Versions(Protocol):
    """The versions of one tenant's documents."""

    def append(self, version: PolicyVersion, *, log: str) -> None: ...
    def read(self, policy: PolicyId, number: int) -> PolicyVersion | None: ...
    def newest_first(self, policy: PolicyId, *, below: int | None = None, limit: int) -> list[PolicyVersion]: ...


class Texts(Protocol):
    """Where texts are kept by their hash."""

    def keep(self, key: str, content: bytes, content_type: str) -> None: ...
    def read(self, key: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """What a merchant wants to publish; `after` is the version that it was written from, 0 for none."""

    after: int
    texts: Mapping[str, str]
    change_note: str
    material: bool
    effective_at: datetime


def create_policy(policy: Policy, *, documents: Documents) -> Policy:
    """Raises `Conflict` when there is a document by that id."""
    documents.create(f"policy#{policy.id}", policy.to_json())
    return policy


def read_policy(policy: PolicyId, *, documents: Documents) -> tuple[Policy, int]:
    """The document and the version of its settings; raises `NotFound`."""
    stored = documents.read(f"policy#{policy}")
    return Policy.from_json(policy, stored.body), stored.version


def rename_policy(policy: PolicyId, titles: dict[str, str], *, after: int, documents: Documents) -> tuple[Policy, int]:
    """Other titles, for the versions to come; raises `NotFound`, and `Conflict` when `after` is not the present version."""
    present, _ = read_policy(policy, documents=documents)
    renamed = replace(present, titles=titles)
    return renamed, documents.update(f"policy#{policy}", renamed.to_json(), after=after).version


def list_policies(*, after: str | None, documents: Documents) -> tuple[list[Policy], str | None]:
    page = documents.page("policy#", after=after)
    policies = [Policy.from_json(PolicyId(one.name.removeprefix("policy#")), one.body) for one in page.documents]
    return policies, page.after


def publish(  # noqa: PLR0913 - what, where, by whom, when
    policy: Policy, draft: Draft, *, versions: Versions, texts: Texts, log: str, by: str, now: datetime
) -> PolicyVersion:
    """Enter version `after` + 1. The texts are kept first, so that a version never names a text that is not there.

    Raises:
        Conflict: the draft was not written from the newest version, or somebody published at the same moment.
        Invalid: a language has no title, or the effective date lies in the past.
    """
    newest = next(iter(versions.newest_first(policy.id, limit=1)), None)
    present = newest.number if newest else 0
    if draft.after != present:
        raise Conflict(f"Version {present} is the newest, and this was written from version {draft.after}.")
    untitled = sorted(set(draft.texts) - set(policy.titles))
    if untitled:
        raise Invalid("Every language needs a title.", [Violation(f"/texts/{one}", "a title") for one in untitled])
    if draft.effective_at < now and draft.after > 0:
        raise Invalid("A version cannot take effect in the past.", [Violation("/effective_at", "now or later")])
    version = PolicyVersion(
        policy=policy.id,
        number=present + 1,
        kind=policy.kind,
        titles={language: policy.titles[language] for language in draft.texts},
        texts={one: _keep(text, policy.titles[one], one, texts) for one, text in draft.texts.items()},
        change_note=draft.change_note,
        material=draft.material,
        material_version=newest.material_version if newest and not draft.material else present + 1,
        effective_at=whole_ms(max(draft.effective_at, now)),
        published_at=whole_ms(now),
        published_by=by,
    )
    try:
        versions.append(version, log=log)
    except AlreadyRecorded as error:
        raise Conflict(f"Somebody published version {version.number} at the same moment; look at theirs first.") from error
    return version


def _keep(markdown: str, title: str, language: str, texts: Texts) -> Text:
    from functions.policies import rendering  # noqa: PLC0415 - the consent path reads versions and renders nothing

    source = markdown.encode()
    html = rendering.page(markdown, title=title, language=language).encode()
    text = Text(hexdigest(source), hexdigest(html), len(source))
    texts.keep(f"t/{text.sha256}.md", source, "text/markdown; charset=utf-8")
    texts.keep(f"t/{text.html_sha256}.html", html, "text/html; charset=utf-8")
    return text


def version_in_force(policy: PolicyId, *, versions: Versions, now: datetime) -> PolicyVersion:
    """The highest version that has taken effect; raises `NotFound` before the first."""
    page = versions.newest_first(policy, limit=PAGE)
    while page:
        for version in page:
            if version.effective_at <= now:
                return version
        page = versions.newest_first(policy, below=page[-1].number, limit=PAGE)
    raise NotFound("No version of this document is in force.")


def list_versions(policy: PolicyId, *, after: str | None, versions: Versions) -> tuple[list[PolicyVersion], str | None]:
    """Newest first; `after` is the cursor of the page before."""
    return numbered_page(after, partial(versions.newest_first, policy), lambda version: version.number)


def read_version(policy: PolicyId, number: int, *, versions: Versions) -> PolicyVersion:
    """Raises `NotFound`."""
    version = versions.read(policy, number)
    if version is None:
        raise NotFound("There is no such version of this document.")
    return version


def read_text(version: PolicyVersion, language: str, *, texts: Texts) -> str:
    """The Markdown as it was published; raises `NotFound` for a language it was not published in."""
    text = version.texts.get(language)
    if text is None:
        raise NotFound(f"This version was published in {', '.join(sorted(version.texts))}.")
    source = texts.read(f"t/{text.sha256}.md")
    if hexdigest(source) != text.sha256:
        raise LookupError("A kept text does not hash to its name.")
    return source.decode()
