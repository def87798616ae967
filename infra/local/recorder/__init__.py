"""Plays every third party that a page may call, and writes down what it was asked."""

from infra.local.recorder.seen import Seen
from infra.local.recorder.server import Recorder

__all__ = ["Recorder", "Seen"]
