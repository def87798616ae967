"""Who may do what: every function against every action that would hurt, by the policies that deploy."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.package.iam import Ask, functions_of, many, policies_of, role_of, symbol

API, AUTHORIZER, MAIL = "APIHandler", "Merchants", "Mail"
SEQUENCE, WATCH, LEDGER_TASK, PROJECT = "Sequence", "Watch", "Ledger", "Project"
UPKEEP, DISPUTE, RECONCILE, DAILY, AUDIT = "Upkeep", "Dispute", "Reconcile", "Daily", "Audit"
# Two functions that do one job share what they may do; every other has a role of its own.
TOGETHER = {SEQUENCE: "SequencerRole", LEDGER_TASK: "SequencerRole", RECONCILE: "SchedulesRole", DAILY: "SchedulesRole"}
FUNCTIONS = (
    *(API, AUTHORIZER, SEQUENCE, WATCH, LEDGER_TASK, PROJECT),
    *(UPKEEP, DISPUTE, MAIL, RECONCILE, DAILY, AUDIT),
)
SEQUENCER, SCHEDULES = (SEQUENCE, LEDGER_TASK), (RECONCILE, DAILY)
REGISTER, LEDGER, VAULT, WORKSPACE = "RegisterTable.Arn", "LedgerTable.Arn", "VaultTable.Arn", "WorkspaceTable.Arn"
STREAM, KEY = "RegisterTable.StreamArn", "TenantKey.Arn"
CHECKPOINT_KEY, DISPUTE_KEY = "CheckpointKey.Arn", "DisputeKey.Arn"
LOG, EXPORT = "LogBucket.Arn", "ExportBucket.Arn"
SENDER = "arn:AWS::Partition:ses:AWS::Region:AWS::AccountId:identity/shop@example.com"
TENANT = {"kms:EncryptionContext:tenant": "abcdefghijkl"}
SUBJECT = {**TENANT, "kms:EncryptionContext:subject": "abcdefghijklmnopqrstuvwxyz"}
NEW = {"s3:if-none-match": "*"}

# Changing or removing what is written, by any of DynamoDB's ways, and what would make a table forget or leave.
CHANGING = ("PartiQLUpdate", "PartiQLDelete", "StartBulkPutItems")
RULING = (
    "DeleteTable",
    "UpdateTable",
    "UpdateTimeToLive",
    "UpdateContinuousBackups",
    "PutResourcePolicy",
    "DeleteResourcePolicy",
)
COPYING = ("ExportTableToPointInTime", "RestoreTableToPointInTime", "CreateBackup", "PartiQLSelect", "PartiQLInsert")

ALLOWED: dict[tuple[str, str], tuple[str, ...]] = {
    ("dynamodb:PutItem", REGISTER): (API, PROJECT, UPKEEP),  # and the watcher, under one key
    ("dynamodb:GetItem", REGISTER): (API, DISPUTE),
    ("dynamodb:BatchGetItem", REGISTER): (API, SEQUENCE, LEDGER_TASK, PROJECT, UPKEEP, DISPUTE, AUDIT),
    ("dynamodb:Query", REGISTER): (API, PROJECT, UPKEEP),
    ("dynamodb:Scan", REGISTER): (AUDIT,),
    ("dynamodb:UpdateItem", REGISTER): (),
    ("dynamodb:DeleteItem", REGISTER): (),
    ("dynamodb:ConditionCheckItem", REGISTER): (),
    ("dynamodb:BatchWriteItem", REGISTER): (),
    ("dynamodb:GetRecords", STREAM): (SEQUENCE, WATCH, LEDGER_TASK),
    ("dynamodb:PutItem", LEDGER): (*SEQUENCER, PROJECT, UPKEEP),
    ("dynamodb:UpdateItem", LEDGER): (*SEQUENCER, PROJECT, UPKEEP),
    ("dynamodb:BatchWriteItem", LEDGER): (*SEQUENCER, PROJECT),
    ("dynamodb:DeleteItem", LEDGER): (),
    ("dynamodb:ConditionCheckItem", LEDGER): (PROJECT,),
    ("dynamodb:GetItem", LEDGER): (API, *SEQUENCER, PROJECT, UPKEEP, DISPUTE, MAIL, AUDIT),
    ("dynamodb:BatchGetItem", LEDGER): (API, *SEQUENCER, PROJECT, UPKEEP, DISPUTE, AUDIT),
    ("dynamodb:Query", LEDGER): (API, *SEQUENCER, UPKEEP, DISPUTE, AUDIT),
    ("dynamodb:Scan", LEDGER): (),
    ("dynamodb:PutItem", VAULT): (API, PROJECT, UPKEEP),
    ("dynamodb:ConditionCheckItem", VAULT): (PROJECT, UPKEEP),
    ("dynamodb:UpdateItem", VAULT): (UPKEEP,),
    ("dynamodb:DeleteItem", VAULT): (UPKEEP,),
    ("dynamodb:BatchWriteItem", VAULT): (UPKEEP,),
    ("dynamodb:GetItem", VAULT): (API, PROJECT, UPKEEP, DISPUTE),
    ("dynamodb:BatchGetItem", VAULT): (API, PROJECT, DISPUTE),
    ("dynamodb:Query", VAULT): (API, UPKEEP),
    ("dynamodb:Scan", VAULT): (),
    ("dynamodb:PutItem", WORKSPACE): (API, UPKEEP, DISPUTE),
    ("dynamodb:GetItem", WORKSPACE): (API, AUTHORIZER, PROJECT, UPKEEP, DISPUTE, MAIL, AUDIT),
    ("dynamodb:Query", WORKSPACE): (API, PROJECT, UPKEEP, *SCHEDULES, AUDIT),
    ("dynamodb:UpdateItem", WORKSPACE): (),
    ("dynamodb:DeleteItem", WORKSPACE): (),
    ("dynamodb:BatchWriteItem", WORKSPACE): (),
    ("dynamodb:Scan", WORKSPACE): (),
    ("s3:PutObject", "ContentBucket.Arn/s/pk_a_main/gate.opt-in.js"): (API, PROJECT),
    ("s3:PutObject", "ContentBucket.Arn/t/ab.html"): (API,),
    ("s3:GetObject", "ContentBucket.Arn/t/ab.md"): (API, DISPUTE),
    ("s3:PutObject", "ContentBucket.Arn/elsewhere"): (),
    ("s3:DeleteObject", "ContentBucket.Arn/t/ab.html"): (),
    ("s3:DeleteObjectVersion", "ContentBucket.Arn/t/ab.html"): (),
    ("s3:ListBucket", "ContentBucket.Arn"): (DISPUTE,),
    ("s3:PutBucketPolicy", "ContentBucket.Arn"): (),
    ("s3:GetObject", f"{LOG}/ab/checkpoint/7"): (API, *SEQUENCER, UPKEEP, DISPUTE, MAIL, AUDIT),
    ("s3:GetObject", f"{LOG}/ab/tile/0/000.p/7"): (API, *SEQUENCER, DISPUTE, AUDIT),
    ("s3:GetObject", f"{LOG}/ab/anchor/7.tsr"): (API, UPKEEP, DISPUTE, AUDIT),
    ("s3:GetObject", f"{LOG}/kept/ab/7"): (WATCH, AUDIT),
    ("s3:ListBucket", LOG): (API, SEQUENCE, WATCH, LEDGER_TASK, UPKEEP, DISPUTE, MAIL, AUDIT),
    ("s3:PutBucketPolicy", LOG): (),
    ("s3:PutBucketVersioning", LOG): (),
    ("s3:PutObject", f"{EXPORT}/ab/pack.zip"): (DISPUTE,),
    ("s3:GetObject", f"{EXPORT}/ab/pack.zip"): (API,),
    ("s3:ListBucket", EXPORT): (UPKEEP, DISPUTE),
    ("s3:DeleteObject", f"{EXPORT}/ab/pack.zip"): (UPKEEP, DISPUTE),
    ("s3:PutBucketPolicy", EXPORT): (),
    ("sqs:SendMessage", "MailQueue.Arn"): (API, WATCH, UPKEEP),
    ("sqs:SendMessage", "LedgerQueue.Arn"): (*SEQUENCER, UPKEEP),
    ("sqs:SendMessage", "BatchQueue.Arn"): SEQUENCER,
    ("sqs:SendMessage", "UpkeepQueue.Arn"): (API, *SCHEDULES),
    ("sqs:SendMessage", "DisputeQueue.Arn"): (API,),
    ("sqs:SendMessage", "AuditQueue.Arn"): (*SCHEDULES, AUDIT),
    **{
        (f"sqs:{verb}", f"{queue}.Arn"): takers
        for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
        for queue, takers in {
            "LedgerQueue": SEQUENCER,
            "BatchQueue": (PROJECT,),
            "UpkeepQueue": (UPKEEP,),
            "DisputeQueue": (DISPUTE,),
            "AuditQueue": (AUDIT,),
            "MailQueue": (MAIL,),
        }.items()
    },
    ("sqs:PurgeQueue", "MailQueue.Arn"): (),
    ("sqs:SendMessage", "SequenceFailures.Arn"): SEQUENCER,
    ("sqs:SendMessage", "WatchFailures.Arn"): (WATCH,),
    ("sqs:ReceiveMessage", "WatchFailures.Arn"): (),
    ("kms:Decrypt", KEY): (),  # without saying for which tenant
    ("kms:GenerateDataKey", KEY): (),
    ("kms:Encrypt", KEY): (),
    ("kms:Sign", CHECKPOINT_KEY): SEQUENCER,
    ("kms:GetPublicKey", CHECKPOINT_KEY): SEQUENCER,
    ("kms:Encrypt", DISPUTE_KEY): (),  # without saying of whom
    ("kms:Decrypt", DISPUTE_KEY): (),
    **{
        (f"kms:{verb}", key): ()
        for verb in ("ScheduleKeyDeletion", "PutKeyPolicy", "CreateGrant", "DisableKey", "ReEncryptFrom")
        for key in (KEY, CHECKPOINT_KEY, DISPUTE_KEY)
    },
    ("ses:SendEmail", SENDER): (),  # as anybody but the platform
    ("iam:PassRole", "ApiRole.Arn"): (),
    ("sts:AssumeRole", "ApiRole.Arn"): (),
    ("lambda:InvokeFunction", "APIHandler.Arn"): (),
    ("lambda:UpdateFunctionCode", "APIHandler.Arn"): (),
    ("logs:CreateLogGroup", "ApiLogs.Arn"): (),
    ("logs:DeleteLogGroup", "ApiLogs.Arn"): (),
    ("logs:PutLogEvents", "ApiLogs.Arn"): (API,),
    ("logs:PutLogEvents", "MailLogs.Arn"): (MAIL,),
    ("logs:PutLogEvents", "AuditLogs.Arn"): (AUDIT,),
    **{
        (f"dynamodb:{verb}", table): ()
        for verb in (*CHANGING, *RULING, *COPYING)
        for table in (REGISTER, LEDGER, VAULT, WORKSPACE)
    },
}


def who_may(resources: dict[str, Any], ask: Ask) -> tuple[str, ...]:
    return tuple(one for one in FUNCTIONS if policies_of(resources, role_of(resources, one)).allow(ask))


@pytest.mark.parametrize(("action", "resource"), list(ALLOWED))
def test_an_action_is_allowed_to_those_who_need_it_and_to_nobody_else(
    resources: dict[str, Any], action: str, resource: str
) -> None:
    context = NEW if action == "s3:PutObject" else {}

    assert who_may(resources, Ask(action, resource, context)) == ALLOWED[action, resource]


def test_a_tenants_root_key_is_unwrapped_only_by_those_who_need_it_and_made_by_no_function(resources: dict[str, Any]) -> None:
    unwrapping = (API, SEQUENCE, WATCH, LEDGER_TASK, PROJECT, UPKEEP, DISPUTE)

    assert who_may(resources, Ask("kms:Decrypt", KEY, TENANT)) == unwrapping
    assert who_may(resources, Ask("kms:GenerateDataKey", KEY, TENANT)) == ()
    assert who_may(resources, Ask("kms:Decrypt", "another.Arn", TENANT)) == ()


def test_a_restricted_subject_is_sealed_by_upkeep_and_opened_by_the_dispute_path_alone(resources: dict[str, Any]) -> None:
    assert who_may(resources, Ask("kms:Encrypt", DISPUTE_KEY, SUBJECT)) == (UPKEEP,)
    assert who_may(resources, Ask("kms:Decrypt", DISPUTE_KEY, SUBJECT)) == (DISPUTE,)
    assert who_may(resources, Ask("kms:Decrypt", DISPUTE_KEY, TENANT)) == ()  # of all subjects of a tenant


def test_who_needs_a_root_key_alone_gets_no_subjects_and_who_tells_of_tampering_appends_nothing_else(
    resources: dict[str, Any],
) -> None:
    rooted, of_a_subject = (who_may(resources, Ask("dynamodb:GetItem", VAULT, leading(key))) for key in ("root", "subject#s"))
    telling, consenting = (
        who_may(resources, Ask("dynamodb:PutItem", REGISTER, leading(key))) for key in ("tamper", "consent#0")
    )

    assert set(rooted) - set(of_a_subject) == {*SEQUENCER, WATCH}
    assert set(telling) - set(consenting) == {WATCH}


def leading(key: str) -> dict[str, str]:
    return {"dynamodb:LeadingKeys": f"abcdefghijkl#{key}"}


def test_mails_leave_only_as_the_platforms_sender(resources: dict[str, Any]) -> None:
    assert who_may(resources, Ask("ses:SendEmail", SENDER, {"ses:FromAddress": "MailSender"})) == (MAIL,)
    assert who_may(resources, Ask("ses:SendEmail", SENDER, {"ses:FromAddress": "ceo@example.com"})) == ()
    assert who_may(resources, Ask("ses:SendRawEmail", SENDER, {"ses:FromAddress": "MailSender"})) == ()


def test_each_part_of_the_log_is_put_by_the_one_who_makes_it(resources: dict[str, Any]) -> None:
    makers = {
        "ab/tile/0/000": SEQUENCER,
        "ab/tile/entries/000": SEQUENCER,
        "ab/checkpoint/7": SEQUENCER,
        "ab/anchor/7.tsr": (UPKEEP,),
        "kept/ab/7": (WATCH,),
        "ab/elsewhere": (),
    }

    assert {key: who_may(resources, Ask("s3:PutObject", f"{LOG}/{key}", NEW)) for key in makers} == makers


def test_who_opens_accounts_makes_root_keys_and_reads_no_register(resources: dict[str, Any]) -> None:
    operator = policies_of(resources, "OpensAccounts")

    assert operator.allow(Ask("kms:GenerateDataKey", KEY, TENANT))
    assert not operator.allow(Ask("kms:GenerateDataKey", KEY))
    assert not [verb for verb in ("PutItem", "GetItem", "Query", "Scan") if operator.allow(Ask(f"dynamodb:{verb}", REGISTER))]


def test_each_job_has_a_role_of_its_own_that_only_lambda_can_take(resources: dict[str, Any]) -> None:
    roles = {function: role_of(resources, function) for function in functions_of(resources)}

    assert set(roles) == set(FUNCTIONS)
    assert {one: role for one, role in roles.items() if list(roles.values()).count(role) > 1} == TOGETHER
    for role in roles.values():
        (trust,) = resources[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust == {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        assert resources[role]["Properties"]["ManagedPolicyArns"] == [{"Ref": "RegisterStaysAsWritten"}]


def allowing(resources: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for function in FUNCTIONS:
        for statement in policies_of(resources, role_of(resources, function)).own:
            if statement["Effect"] == "Allow":
                yield function, dict(statement)


def test_no_permission_is_given_by_an_asterisk(resources: dict[str, Any]) -> None:
    for function, statement in allowing(resources):
        actions, targets = many(statement["Action"]), many(statement["Resource"])

        assert not [action for action in actions if "*" in action], function
        if actions != ["dynamodb:ListStreams"]:  # which takes no resource
            assert not [target for target in targets if symbol(target) == "*"], function
