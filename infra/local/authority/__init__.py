"""A time-stamp authority (RFC 3161) of this machine: dates what it is sent, and is trusted by those who were told to."""

from infra.local.authority.server import Authority

__all__ = ["Authority"]
