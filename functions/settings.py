"""Where this deployment's things are; the only reader of the environment. docs/reference/settings.md lists them."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path

PREFIX = "CONSENTINEL_"


@dataclass(frozen=True, slots=True)
class Settings:
    """One field per environment variable, `CONSENTINEL_` and the name in capitals.

    Args:
        register_table: insert-only table of consent records, policy versions and published configs.
        ledger_table: the tree over the register, and the listings made from it.
        vault_table: subject keys and keyed lookups, the only way to personal data.
        workspace_table: what really changes: tenants, sites, drafts, API keys.
        content_bucket: texts, configs and bundles by hash, served by the CDN.
        log_bucket: tiles, checkpoints and anchors of the ledger, put once and locked.
        export_bucket: dispute packs, private, gone after seven days or with whoever they are about.
        tenant_key: KMS key (id, ARN or alias) that wraps the tenants' root keys.
        checkpoint_key: KMS key, Ed25519 or P-256, that signs the logs' checkpoints.
        dispute_key: KMS key that restricted subjects' keys are wrapped by, opened by the dispute path alone.
        log_host: host part of every log's origin; written into leaves, so it never changes.
        api_base: public address of the API, with its version, without a slash at the end.
        cdn_base: public address of the CDN, without a slash at the end.
        ledger_queue: SQS queue (URL) of what the sequencer has to do: signatures that are due, entries to be fed again.
        batch_queue: SQS queue (URL) of committed batches, which listings and statistics are made from.
        upkeep_queue: SQS queue (URL) of a tenant's upkeep: reconciliation, erasure, retention, anchors, closing a year.
        dispute_queue: SQS queue (URL) of dispute packs that are wanted.
        audit_queue: SQS queue (URL) of the day's audit, which goes on by a message when its time is over.
        mail_queue: SQS queue (URL) of the letters that wait to be sent.
        mail_sender: address that mails are sent from.
        operator_mail: address that is told of tampering; empty for none.
        timestamp_authority: RFC 3161 authority (URL) that dates the day's checkpoints; empty for none.
        timestamp_roots: certificates (PEM) that the authority's have to lead to; empty to keep what it says unchecked.
    """

    register_table: str
    ledger_table: str
    vault_table: str
    workspace_table: str
    content_bucket: str
    log_bucket: str
    export_bucket: str
    tenant_key: str
    checkpoint_key: str
    dispute_key: str
    log_host: str
    api_base: str
    cdn_base: str
    ledger_queue: str
    batch_queue: str
    upkeep_queue: str
    dispute_queue: str
    audit_queue: str
    mail_queue: str
    mail_sender: str
    operator_mail: str = ""
    timestamp_authority: str = ""
    timestamp_roots: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read every field; a missing one that has no default is named, all at once."""
        names = {field.name: PREFIX + field.name.upper() for field in fields(cls)}
        needed = [names[field.name] for field in fields(cls) if field.default is MISSING]
        missing = sorted(variable for variable in needed if not environment.get(variable))
        if missing:
            raise LookupError(f"These settings are missing from the environment: {', '.join(missing)}")
        return cls(**{name: environment.get(variable, "") for name, variable in names.items()})


# Beside the package, both in a checkout and at the root of the deployed bundle.
BANNER = Path(__file__).parent.parent / "banner"
