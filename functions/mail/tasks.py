"""Letters of the queue become mails."""

import json
from typing import TYPE_CHECKING

from functions.authority.letters import key_issued
from functions.authority.service import read_key
from functions.mail.model import Letter, LetterKind, Mail

if TYPE_CHECKING:
    from functions.wiring import Wiring


def send(body: str, *, wiring: "Wiring") -> None:
    """Write one letter and send it. Sending is repeated rather than forgotten, so the same mail may come twice."""
    letter = Letter.from_json(json.loads(body))
    mail = _written(letter, wiring)
    if mail is not None:
        wiring.mails.send(mail)


def _written(letter: Letter, wiring: "Wiring") -> Mail | None:
    match letter.kind:
        case LetterKind.KEY_ISSUED:
            key = read_key(letter.about, documents=wiring.documents(letter.tenant))
            return key_issued(key, wiring.tenant(letter.tenant))
