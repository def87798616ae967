"""Entering acts in the register: once each, whoever repeats them, and with nothing in the open that tells who it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from functions.consents.email import canonical as canonical_email
from functions.consents.entry import Entry
from functions.consents.model import (
    ON_POLICIES,
    Act,
    ConfigReference,
    ConsentRecord,
    Identity,
    PolicyReference,
    PolicyShown,
    Reference,
    Submission,
    Verification,
    same_act,
)
from functions.consents.receipt import holds, receipt_of, signature_of, signer_of
from functions.consents.visitor import Visitor
from functions.cookies.config import Published
from functions.errors import Conflict, ConsentinelError, Invalid, NotFound, Violation
from functions.ids import PolicyId, RecordId, SiteKey, SubjectId
from functions.ledger.leaf import canonical, leaf_hash
from functions.policies.model import PolicyVersion
from functions.sites.identity import verified_identity
from functions.sites.model import Site
from functions.tenants.model import IpMode
from functions.vault.model import CannotOpen, Subject, TenantKeys, new_subject_id


class Subjects(Protocol):
    """The vault of one tenant."""

    @property
    def keys(self) -> TenantKeys: ...
    def admit(self, subject: SubjectId, *, lookup: str | None = None) -> Subject: ...
    def subject(self, subject: SubjectId) -> Subject: ...
    def verified_subject(self, email: str, *, otherwise: SubjectId) -> SubjectId: ...


class Records(Protocol):
    """The consent records of one tenant."""

    def append(self, entry: Entry) -> Entry | None: ...


class References(Protocol):
    """What an act may refer to; both raise `NotFound`."""

    def policy(self, policy: PolicyId, version: int) -> PolicyVersion: ...
    def config(self, site: SiteKey, version: int) -> Published: ...


@dataclass(frozen=True, slots=True)
class Entered:
    """An act that is in the register; `new` unless it was there already."""

    id: RecordId
    receipt: dict[str, Any]
    new: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """An act that is not, and why."""

    id: RecordId
    error: ConsentinelError


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of each act, in the order they came in, and the token by which this browser can go on."""

    acts: Sequence[Entered | Refused]
    subject_token: str | None


@dataclass(frozen=True, slots=True)
class Party:
    """Whose acts they are, and the personal data that is sealed beside each."""

    subject: Subject
    identity: Identity
    personal: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the acts of one site are entered."""

    site: Site
    ip_mode: IpMode
    vault: Subjects
    records: Records
    references: References
    log_host: str

    def record(self, submission: Submission, visitor: Visitor, *, now: datetime) -> Outcome:
        """Enter each act under its own id; the same act again gives the first receipt.

        Raises:
            Conflict, Invalid, Gone: the only act was refused.
            Invalid: the identity token does not hold, or the e-mail address cannot be one.
            Unauthenticated: the subject token is not one of this tenant's.
        """
        identity = self._identity(submission, now=now)
        checked = [self._refer(act, f"/acts/{position}", now=now) for position, act in enumerate(submission.acts)]
        if all(isinstance(one, ConsentinelError) for one in checked):
            refused = zip(submission.acts, checked, strict=True)
            return _outcome([Refused(act.id, one) for act, one in refused if isinstance(one, ConsentinelError)], None)
        personal = {**identity.personal, **visitor.personal(self.ip_mode, self.vault.keys)}
        party = Party(self._subject(submission, identity), identity, personal)
        results: list[Entered | Refused] = []
        for act, reference in zip(submission.acts, checked, strict=True):
            if isinstance(reference, ConsentinelError):
                results.append(Refused(act.id, reference))
            else:
                results.append(self._enter(act, reference, submission, party, now=now))
        return _outcome(results, self._token(submission, party, results))

    def _identity(self, submission: Submission, *, now: datetime) -> Identity:
        email = canonical_email(submission.email) if submission.email is not None else None
        if submission.identity_token is None:
            claimed = email is not None or submission.name is not None
            return Identity(email, submission.name, Verification.CLAIMED if claimed else Verification.NONE)
        vouched = verified_identity(
            submission.identity_token,
            site=self.site,
            events=frozenset(act.id for act in submission.acts),
            keys=self.vault.keys,
            now=now,
        )
        verified = canonical_email(vouched.email, pointer="/identity_token")
        if email is not None and email != verified:
            raise Invalid("The identity token is about somebody else than the e-mail address.")
        # What the visitor typed beside it is not what the shop vouches for.
        return Identity(verified, vouched.name, Verification.TOKEN)

    def _refer(self, act: Act, at: str, *, now: datetime) -> Reference | ConsentinelError:
        """The text or the window that the act answers, or why it cannot be an answer to anything of ours."""
        try:
            return self._config(act, at) if act.policy is None else self._policy(act, act.policy, at, now=now)
        except Invalid as error:
            return error

    def _config(self, act: Act, at: str) -> ConfigReference:
        try:
            config = self.references.config(self.site.key, act.shown.config or 0)
        except NotFound as error:
            expected = [Violation(f"{at}/shown/config", "the number of a config that this site has published")]
            raise Invalid("The act answers a window that was never published.", expected) from error
        if act.shown.build != config.build:
            expected = [Violation(f"{at}/shown/build", "the build that this config was published with")]
            raise Invalid("The act answers a window that was never published.", expected)
        if act.shown.language not in config.languages:
            expected = [Violation(f"{at}/shown/language", f"one of {', '.join(config.languages)}")]
            raise Invalid("The window was not published in that language.", expected)
        return ConfigReference(config.version, config.sha256)

    def _policy(self, act: Act, shown: PolicyShown, at: str, *, now: datetime) -> PolicyReference:
        try:
            version = self.references.policy(shown.id, shown.version)
        except NotFound as error:
            expected = [Violation(f"{at}/policy/version", "a version of a document that was published")]
            raise Invalid("The act answers a document version that does not exist.", expected) from error
        if version.effective_at > now:
            expected = [Violation(f"{at}/policy/version", "a version that has taken effect")]
            raise Invalid("The act answers a document version that is not in force yet.", expected)
        if shown.language not in version.texts:
            expected = [Violation(f"{at}/policy/language", f"one of {', '.join(sorted(version.texts))}")]
            raise Invalid("The version was not published in that language.", expected)
        if act.kind not in ON_POLICIES[version.kind]:
            allowed = ", ".join(sorted(ON_POLICIES[version.kind]))
            expected = [Violation(f"{at}/act", f"one of {allowed}")]
            raise Invalid(f"That cannot be done with a document of the kind {version.kind}.", expected)
        return PolicyReference(shown.id, shown.version, version.texts[shown.language].sha256, shown.language)

    def _subject(self, submission: Submission, identity: Identity) -> Subject:
        keys = self.vault.keys
        if identity.verification is Verification.TOKEN and identity.email is not None:
            subject = self.vault.verified_subject(identity.email, otherwise=new_subject_id())
            return self.vault.admit(subject, lookup=keys.lookup("email", identity.email))
        if submission.subject_token is not None:
            return self.vault.subject(keys.subject_of(submission.subject_token))
        return self.vault.admit(keys.pseudonym(submission.secret))

    def _enter(
        self, act: Act, reference: Reference, submission: Submission, party: Party, *, now: datetime
    ) -> Entered | Refused:
        keys, subject = self.vault.keys, party.subject
        record = ConsentRecord(
            act=act,
            answers=reference,
            submission=submission.id,
            site=self.site.key.site,
            subject=subject.id,
            verification=party.identity.verification,
            at=now,
            log=f"{self.log_host}/{keys.log_id(now.year)}",
            commitment=subject.commitment(party.personal, record=act.id),
        )
        leaf = canonical(record.leaf_members())
        signer = signer_of(keys, log_host=self.log_host)
        sealed = subject.seal(party.personal, leaf_hash=leaf_hash(leaf))
        entry = Entry.of(act.id, leaf, signature=signature_of(leaf, signer), sealed=sealed)
        earlier = self.records.append(entry)
        if earlier is None:
            return Entered(act.id, receipt_of(entry, signer.verifier), new=True)
        if not (holds(earlier, signer.verifier) and _is_retry(earlier, record, party)):
            error = Conflict("This id belongs to another act already; what it recorded stays as it is.")
            return Refused(act.id, error)
        return Entered(act.id, receipt_of(earlier, signer.verifier), new=False)

    def _token(self, submission: Submission, party: Party, results: Sequence[Entered | Refused]) -> str | None:
        """For a browser that has none yet. Whom the shop vouches for gets none: the browser may not be theirs tomorrow."""
        entered = any(isinstance(one, Entered) for one in results)
        if party.identity.verification is Verification.TOKEN or not entered:
            return None
        return submission.subject_token or self.vault.keys.subject_token(party.subject.id)


def _is_retry(earlier: Entry, record: ConsentRecord, party: Party) -> bool:
    if not same_act(earlier.says, record.leaf_members()):
        return False
    try:
        opened = party.subject.open(earlier.sealed, leaf_hash=earlier.leaf_hash)
    except CannotOpen:
        return False  # somebody altered it; that is no reason to answer as if it were whole
    return {name: opened[name] for name in ("email", "name") if name in opened} == party.identity.personal


def _outcome(results: Sequence[Entered | Refused], subject_token: str | None) -> Outcome:
    """A single act that was refused is an error of the whole request."""
    if len(results) == 1 and isinstance(results[0], Refused):
        raise results[0].error
    return Outcome(results, subject_token)
