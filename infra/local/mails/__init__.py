"""The mails that would have gone out: stands between the app and the engine's SES and keeps what went through."""

from infra.local.mails.kept import Kept
from infra.local.mails.server import MailOutbox

__all__ = ["Kept", "MailOutbox"]
