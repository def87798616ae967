"""Which calls to AWS the app makes, noted as what IAM would be asked for them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from botocore.handlers import BUILTIN_HANDLERS

from functions.settings import Settings
from tests.package.iam import Ask

# The settings that name a resource, and the ARN that the template would use for it.
NAMED = {
    "register_table": "RegisterTable.Arn",
    "ledger_table": "LedgerTable.Arn",
    "vault_table": "VaultTable.Arn",
    "workspace_table": "WorkspaceTable.Arn",
    "content_bucket": "ContentBucket.Arn",
    "log_bucket": "LogBucket.Arn",
    "export_bucket": "ExportBucket.Arn",
    "tenant_key": "TenantKey.Arn",
    "checkpoint_key": "CheckpointKey.Arn",
    "dispute_key": "DisputeKey.Arn",
    "ledger_queue": "LedgerQueue.Arn",
    "batch_queue": "BatchQueue.Arn",
    "upkeep_queue": "UpkeepQueue.Arn",
    "dispute_queue": "DisputeQueue.Arn",
    "audit_queue": "AuditQueue.Arn",
    "mail_queue": "MailQueue.Arn",
}
# What IAM asks for each part of a transaction.
PARTS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
IDENTITIES = "arn:AWS::Partition:ses:AWS::Region:AWS::AccountId:identity"


@dataclass
class Notes:
    """Calls that are made while somebody is named as their maker."""

    maker: str | None = None
    asked: list[tuple[str, Ask]] = field(default_factory=list)
    settings: Settings | None = None

    @contextmanager
    def by(self, maker: str, settings: Settings) -> Iterator[None]:
        self.maker, self.settings = maker, settings
        try:
            yield
        finally:
            self.maker = None

    def note(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        if self.maker is not None and self.settings is not None:
            service = model.service_model.service_name
            self.asked += [(self.maker, ask) for ask in asks(service, model.name, params, self.settings)]


NOTES = Notes()
# Every session made from here on is listened to, PynamoDB's own as well.
BUILTIN_HANDLERS.append(("provide-client-params", NOTES.note))


def asks(service: str, operation: str, params: Mapping[str, Any], settings: Settings) -> Iterator[Ask]:
    """Raises `LookupError` for a service that this has no notion of, so that no call goes unasked.

    Most of S3's operations have the name of the action; `ListObjectsV2` has not.
    """
    arns = {asdict(settings)[name]: arn for name, arn in NAMED.items()}
    match service:
        case "dynamodb" if "TransactItems" in params:
            parts = ((kind, part) for item in params["TransactItems"] for kind, part in item.items())
            yield from (Ask(f"dynamodb:{PARTS[kind]}", arns[part["TableName"]], _leading(part)) for kind, part in parts)
        case "dynamodb":
            tables = params.get("RequestItems") or [params["TableName"]]
            yield from (Ask(f"dynamodb:{operation}", arns[table], _leading(params)) for table in tables)
        case "s3" if operation == "ListObjectsV2":
            yield Ask("s3:ListBucket", arns[params["Bucket"]])
        case "s3":
            context = {"s3:if-none-match": params["IfNoneMatch"]} if "IfNoneMatch" in params else {}
            yield Ask(f"s3:{operation}", f"{arns[params['Bucket']]}/{params['Key']}", context)
        case "sqs":
            yield Ask(f"sqs:{operation}", arns[params["QueueUrl"]])
        case "kms":
            context = {f"kms:EncryptionContext:{name}": value for name, value in params.get("EncryptionContext", {}).items()}
            # A root key's blob names its key by itself.
            yield Ask(f"kms:{operation}", arns[params.get("KeyId", settings.tenant_key)], context)
        case "sesv2":
            sender = "MailSender" if params["FromEmailAddress"] == settings.mail_sender else params["FromEmailAddress"]
            yield Ask(f"ses:{operation}", f"{IDENTITIES}/{sender}", {"ses:FromAddress": sender})
        case _:
            raise LookupError(service)


def _leading(params: Mapping[str, Any]) -> dict[str, str]:
    """The partition key of a call about one item, as policies can be asked for it."""
    key = params.get("Key") or params.get("Item")
    return {"dynamodb:LeadingKeys": key["pk"]["S"]} if key else {}
