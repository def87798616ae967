"""Acts, what makes them consistent, and the leaf that the ledger keeps of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from functions.clock import to_ms
from functions.cookies.model import OPTIONAL, Category
from functions.errors import Invalid, Violation
from functions.ids import PolicyId, RecordId, SiteId, SubjectId
from functions.policies.model import PolicyKind
from functions.sections.model import Section

LEAF_TYPE = "consentinel/consent/v1"
OLDEST = timedelta(days=7)
NEWEST = timedelta(minutes=5)


class ActKind(StrEnum):
    """What a data subject did."""

    GIVEN = "given"
    REFUSED = "refused"
    PARTIAL = "partial"
    WITHDRAWN = "withdrawn"
    RENEWED = "renewed"
    ACKNOWLEDGED = "acknowledged"


class Verification(StrEnum):
    """How far the identity beside an act can be believed."""

    NONE = "none"
    CLAIMED = "claimed"
    TOKEN = "token"  # noqa: S105 - a word of the leaf


ON_CATEGORIES = frozenset(ActKind) - {ActKind.ACKNOWLEDGED}

# A notice informs and asks nothing (GDPR Art. 13): it is read, not agreed to.
ON_POLICIES = {
    PolicyKind.NOTICE: frozenset({ActKind.ACKNOWLEDGED}),
    PolicyKind.COOKIE_POLICY: frozenset({ActKind.ACKNOWLEDGED}),
    PolicyKind.CONTRACT_TERMS: frozenset({ActKind.GIVEN, ActKind.REFUSED, ActKind.WITHDRAWN, ActKind.RENEWED}),
    PolicyKind.CONSENT_DECLARATION: frozenset({ActKind.GIVEN, ActKind.REFUSED, ActKind.WITHDRAWN, ActKind.RENEWED}),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the visitor had before their eyes, and how they answered."""

    language: str
    gpc: bool
    layer: str
    gesture: str
    config: int | None
    build: str | None

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        return cls(body["language"], body["gpc"], body["layer"], body["gesture"], body.get("config"), body.get("build"))

    def leaf_members(self) -> dict[str, Any]:
        members = {"lang": self.language, "gpc": self.gpc, "layer": self.layer, "via": self.gesture}
        return members if self.build is None else members | {"build": self.build}


@dataclass(frozen=True, slots=True)
class PolicyShown:
    """The document that was answered, as the browser names it."""

    id: PolicyId
    version: int
    language: str


@dataclass(frozen=True, slots=True)
class Act:
    """One act: the four categories in the banner, or one document in another section."""

    id: RecordId
    kind: ActKind
    section: Section
    at_client_ms: int
    shown: Shown
    categories: dict[Category, bool] | None
    policy: PolicyShown | None
    previous: RecordId | None

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Self:
        policy, categories = body.get("policy"), body.get("categories")
        return cls(
            id=RecordId(body["id"]),
            kind=ActKind(body["act"]),
            section=Section(body["section"]),
            at_client_ms=body["at_client"],
            shown=Shown.from_json(body["shown"]),
            categories=categories and {Category(name): granted for name, granted in categories.items()},
            policy=policy and PolicyShown(PolicyId(policy["id"]), policy["version"], policy["language"]),
            previous=RecordId(body["previous"]) if "previous" in body else None,
        )

    def violations(self, at: str, *, now: datetime) -> Iterator[Violation]:
        """What does not fit together in it; `at` is the pointer to it."""
        now_ms, made_ms = to_ms(now), self.id.made_ms
        if not now_ms - OLDEST // timedelta(milliseconds=1) <= made_ms <= now_ms + NEWEST // timedelta(milliseconds=1):
            yield Violation(f"{at}/id", "an id made within the last seven days, and not more than five minutes ahead")
        if self.section is Section.BANNER:
            yield from self._violations_of_categories(at)
        elif self.shown.config is not None or self.shown.build is not None:
            yield Violation(f"{at}/shown", "no config and no build, which only the banner has")
        elif self.policy is None or self.categories is not None:
            yield Violation(f"{at}/policy", f"the document that was answered, and no categories, in {self.section}")

    def _violations_of_categories(self, at: str) -> Iterator[Violation]:
        if self.categories is None or self.policy is not None:
            yield Violation(f"{at}/categories", "the four categories, and no policy, in the banner")
            return
        if self.shown.config is None or self.shown.build is None:
            yield Violation(f"{at}/shown", "the members config and build, in the banner")
        granted = sum(self.categories[category] for category in OPTIONAL)
        if self.shown.gesture == "signal" and granted:
            yield Violation(f"{at}/shown/gesture", "a gesture of the visitor's: a signal can only refuse")
        if not fits(self.kind, granted):
            yield Violation(f"{at}/act", f"an act that agrees with {granted} of three categories granted")


def fits(kind: ActKind, granted: int) -> bool:
    """Whether the act can be what somebody did who now grants so many of the three optional categories."""
    match kind:
        case ActKind.GIVEN:
            return granted == len(OPTIONAL)
        case ActKind.REFUSED:
            return granted == 0
        case ActKind.PARTIAL:
            return 0 < granted < len(OPTIONAL)
        case ActKind.WITHDRAWN:
            return granted < len(OPTIONAL)
        case ActKind.RENEWED:
            return granted > 0
        case ActKind.ACKNOWLEDGED:
            return False


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the act says it is from; the e-mail address is canonical."""

    email: str | None
    name: str | None
    verification: Verification

    @property
    def personal(self) -> dict[str, str]:
        members = {"email": self.email, "name": self.name}
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Submission:
    """The acts of one form or one banner decision, posted together."""

    id: RecordId | None
    acts: tuple[Act, ...]
    subject_token: str | None
    identity_token: str | None
    secret: str
    email: str | None
    name: str | None

    @classmethod
    def from_json(cls, body: dict[str, Any], *, now: datetime) -> Self:
        """Raises `Invalid` with everything that does not fit together; nothing has to be asked for to find that out."""
        acts = tuple(map(Act.from_json, body["acts"]))
        submission = RecordId(body["submission"]) if "submission" in body else None
        violations = [one for position, act in enumerate(acts) for one in act.violations(f"/acts/{position}", now=now)]
        if len({act.id for act in acts}) != len(acts):
            violations.append(Violation("/acts", "acts with an id of their own each"))
        if len(acts) > 1 and submission is None:
            violations.append(Violation("/submission", "an id of the submission, because there are several acts"))
        identity, secret = body.get("identity", {}), body.get("secret", "")
        token, identity_token = body.get("subject_token"), body.get("identity_token")
        if not (token or identity_token or secret):
            expected = "128 random bits that this browser keeps, because there is neither a subject token nor an identity token"
            violations.append(Violation("/secret", expected))
        if violations:
            raise Invalid("The acts do not fit together.", violations)
        return cls(submission, acts, token, identity_token, secret, identity.get("email"), identity.get("name"))


@dataclass(frozen=True, slots=True)
class PolicyReference:
    """The text that was answered, as the ledger names it."""

    id: PolicyId
    version: int
    sha256: str
    language: str

    def leaf_members(self) -> dict[str, Any]:
        return {"pol": {"id": self.id, "ver": self.version, "sha256": self.sha256, "lang": self.language}}


@dataclass(frozen=True, slots=True)
class ConfigReference:
    """The window that was answered: its published config, with all that it showed, by number and SHA-256."""

    version: int
    sha256: str

    def leaf_members(self) -> dict[str, Any]:
        return {"cfg": {"ver": self.version, "sha256": self.sha256}}


Reference = PolicyReference | ConfigReference


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """The entry in the register: the act, the server's time, whose it is, and a commitment to their personal data."""

    act: Act
    answers: Reference
    submission: RecordId | None
    site: SiteId
    subject: SubjectId
    verification: Verification
    at: datetime
    log: str
    commitment: str

    def leaf_members(self) -> dict[str, Any]:
        act = self.act
        members: dict[str, Any] = {
            "typ": LEAF_TYPE,
            "log": self.log,
            "id": act.id,
            "at": to_ms(self.at),
            "at_client": act.at_client_ms,
            "site": self.site,
            "sid": self.subject,
            "act": act.kind.value,
            "sec": act.section.value,
            "ui": act.shown.leaf_members(),
            "idv": self.verification.value,
            "pii": self.commitment,
            **self.answers.leaf_members(),
        }
        if act.categories is not None:
            members["cat"] = {category.value: granted for category, granted in act.categories.items()}
        if self.submission is not None:
            members["sub"] = self.submission
        if act.previous is not None:
            members["prev"] = act.previous
        return members


# What a retry may bring differently: the server's time, the log of its year, the salted commitment to headers and address.
OURS = frozenset({"at", "log", "pii"})


def same_act(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two leaves record the same act of the same subject."""
    return {name: one[name] for name in one.keys() - OURS} == {name: other[name] for name in other.keys() - OURS}
