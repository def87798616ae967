"""Where this deployment's things are; the only reader of the environment. docs/reference/settings.md lists them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
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
        tenant_key: KMS key (id, ARN or alias) that wraps the tenants' root keys.
        log_host: host part of every log's origin; written into leaves, so it never changes.
        api_base: public address of the API, with its version, without a slash at the end.
        cdn_base: public address of the CDN, without a slash at the end.
        mail_queue: SQS queue (URL) of the letters that wait to be sent.
        mail_sender: address that mails are sent from.
    """

    register_table: str
    ledger_table: str
    vault_table: str
    workspace_table: str
    content_bucket: str
    tenant_key: str
    log_host: str
    api_base: str
    cdn_base: str
    mail_queue: str
    mail_sender: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read every field; a missing one is named, all at once."""
        names = {field.name: PREFIX + field.name.upper() for field in fields(cls)}
        missing = sorted(variable for variable in names.values() if not environment.get(variable))
        if missing:
            raise LookupError(f"These settings are missing from the environment: {', '.join(missing)}")
        return cls(**{name: environment[variable] for name, variable in names.items()})


# Beside the package, both in a checkout and at the root of the deployed bundle.
BANNER = Path(__file__).parent.parent / "banner"
