"""Letters of the queue become mails."""

from typing import TYPE_CHECKING, Any

from functions.anchors.letters import checkpoint_of_the_day
from functions.anchors.model import CheckpointRef, SignedCheckpoint
from functions.anchors.tasks import checkpoints_of
from functions.authority.letters import key_issued
from functions.authority.service import read_key
from functions.errors import NotFound
from functions.mail.model import Letter, LetterKind, Mail
from functions.watcher.letters import tampering_seen

if TYPE_CHECKING:
    from functions.wiring import Wiring


def send(body: dict[str, Any], *, wiring: "Wiring") -> None:
    """Write one letter and send it. Sending is repeated rather than forgotten, so the same mail may come twice."""
    letter = Letter.from_json(body)
    mail = _written(letter, wiring)
    if mail is not None:
        wiring.mails.send(mail)


def _written(letter: Letter, wiring: "Wiring") -> Mail | None:
    match letter.kind:
        case LetterKind.KEY_ISSUED:
            key = read_key(letter.about, documents=wiring.documents(letter.tenant))
            return key_issued(key, wiring.tenant(letter.tenant))
        case LetterKind.CHECKPOINT:
            ref = CheckpointRef.parse(letter.about)
            note = checkpoints_of(letter.tenant, wiring=wiring).read(ref)
            if note is None:
                raise NotFound("There is no checkpoint of that size.")
            return checkpoint_of_the_day(SignedCheckpoint(ref, note), wiring.tenant(letter.tenant))
        case LetterKind.TAMPERING:
            return tampering_seen(letter.tenant, letter.about, operator=wiring.settings.operator_mail)
