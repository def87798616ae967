"""Who may do what: every function against every action that would hurt, by the policies that deploy."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.package.iam import Ask, functions_of, policies_of, role_of, symbol

API, AUTHORIZER, INDEX, MAIL = "APIHandler", "Merchants", "Index", "Mail"
FUNCTIONS = (API, AUTHORIZER, INDEX, MAIL)
REGISTER, LEDGER, VAULT, WORKSPACE = "RegisterTable.Arn", "LedgerTable.Arn", "VaultTable.Arn", "WorkspaceTable.Arn"
STREAM, KEY = "RegisterTable.StreamArn", "TenantKey.Arn"
LETTERS, UNHANDLED = "MailQueue.Arn", "IndexFailures.Arn"
SENDER = "arn:AWS::Partition:ses:AWS::Region:AWS::AccountId:identity/shop@example.com"
TENANT = {"kms:EncryptionContext:tenant": "abcdefghijkl"}

# Changing or removing what is written, by any of DynamoDB's ways, and what would make a table forget or leave.
CHANGING = ("UpdateItem", "DeleteItem", "PartiQLUpdate", "PartiQLDelete", "StartBulkPutItems")
RULING = (
    "DeleteTable",
    "UpdateTable",
    "UpdateTimeToLive",
    "UpdateContinuousBackups",
    "PutResourcePolicy",
    "DeleteResourcePolicy",
)
COPYING = ("Scan", "ExportTableToPointInTime", "RestoreTableToPointInTime", "CreateBackup", "PartiQLSelect", "PartiQLInsert")

ALLOWED: dict[tuple[str, str], tuple[str, ...]] = {
    ("dynamodb:PutItem", REGISTER): (API, INDEX),
    ("dynamodb:GetItem", REGISTER): (API,),
    ("dynamodb:BatchGetItem", REGISTER): (API,),
    ("dynamodb:Query", REGISTER): (API, INDEX),
    ("dynamodb:BatchWriteItem", REGISTER): (),
    ("dynamodb:GetRecords", STREAM): (INDEX,),
    ("dynamodb:PutItem", LEDGER): (INDEX,),
    ("dynamodb:BatchWriteItem", LEDGER): (INDEX,),
    ("dynamodb:GetItem", LEDGER): (),
    ("dynamodb:BatchGetItem", LEDGER): (API,),
    ("dynamodb:Query", LEDGER): (API,),
    ("dynamodb:PutItem", VAULT): (API, INDEX),
    ("dynamodb:GetItem", VAULT): (API, INDEX),
    ("dynamodb:BatchGetItem", VAULT): (API, INDEX),
    ("dynamodb:Query", VAULT): (API,),
    ("dynamodb:BatchWriteItem", VAULT): (),
    ("dynamodb:PutItem", WORKSPACE): (API,),
    ("dynamodb:GetItem", WORKSPACE): (API, AUTHORIZER, INDEX, MAIL),
    ("dynamodb:Query", WORKSPACE): (API, INDEX),
    ("dynamodb:BatchWriteItem", WORKSPACE): (),
    ("s3:PutObject", "ContentBucket.Arn/s/pk_a_main/gate.opt-in.js"): (API, INDEX),
    ("s3:PutObject", "ContentBucket.Arn/t/ab.html"): (API,),
    ("s3:GetObject", "ContentBucket.Arn/t/ab.md"): (API,),
    ("s3:PutObject", "ContentBucket.Arn/elsewhere"): (),
    ("s3:DeleteObject", "ContentBucket.Arn/t/ab.html"): (),
    ("s3:DeleteObjectVersion", "ContentBucket.Arn/t/ab.html"): (),
    ("s3:ListBucket", "ContentBucket.Arn"): (),
    ("s3:PutBucketPolicy", "ContentBucket.Arn"): (),
    ("sqs:SendMessage", LETTERS): (API,),
    ("sqs:ReceiveMessage", LETTERS): (MAIL,),
    ("sqs:DeleteMessage", LETTERS): (MAIL,),
    ("sqs:PurgeQueue", LETTERS): (),
    ("sqs:SendMessage", UNHANDLED): (INDEX,),
    ("sqs:ReceiveMessage", UNHANDLED): (),
    ("kms:Decrypt", KEY): (),  # without saying for which tenant
    ("kms:GenerateDataKey", KEY): (),
    ("kms:Encrypt", KEY): (),
    ("kms:ScheduleKeyDeletion", KEY): (),
    ("kms:PutKeyPolicy", KEY): (),
    ("ses:SendEmail", SENDER): (),  # as anybody but the platform
    ("iam:PassRole", "ApiRole.Arn"): (),
    ("sts:AssumeRole", "ApiRole.Arn"): (),
    ("lambda:InvokeFunction", "APIHandler.Arn"): (),
    ("lambda:UpdateFunctionCode", "APIHandler.Arn"): (),
    ("logs:CreateLogGroup", "ApiLogs.Arn"): (),
    ("logs:DeleteLogGroup", "ApiLogs.Arn"): (),
    ("logs:PutLogEvents", "ApiLogs.Arn"): (API,),
    ("logs:PutLogEvents", "MailLogs.Arn"): (MAIL,),
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
    assert who_may(resources, Ask(action, resource)) == ALLOWED[action, resource]


def test_a_tenants_root_key_is_unwrapped_only_by_those_who_open_subjects_and_made_by_no_function(
    resources: dict[str, Any],
) -> None:
    assert who_may(resources, Ask("kms:Decrypt", KEY, TENANT)) == (API, INDEX)
    assert who_may(resources, Ask("kms:GenerateDataKey", KEY, TENANT)) == ()
    assert who_may(resources, Ask("kms:Decrypt", "another.Arn", TENANT)) == ()


def test_mails_leave_only_as_the_platforms_sender(resources: dict[str, Any]) -> None:
    assert who_may(resources, Ask("ses:SendEmail", SENDER, {"ses:FromAddress": "MailSender"})) == (MAIL,)
    assert who_may(resources, Ask("ses:SendEmail", SENDER, {"ses:FromAddress": "ceo@example.com"})) == ()
    assert who_may(resources, Ask("ses:SendRawEmail", SENDER, {"ses:FromAddress": "MailSender"})) == ()


@pytest.mark.parametrize("verb", [*CHANGING, "BatchWriteItem"])
def test_even_a_role_that_were_given_everything_could_not_change_an_entry_of_the_register(
    resources: dict[str, Any], verb: str
) -> None:
    everything = {"Policies": [{"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}]}
    given = {**resources, "Almighty": {"Type": "AWS::IAM::Role", "Properties": everything}}
    functions_own = {**resources[role_of(resources, API)]["Properties"], **everything}
    given["ApiGivenEverything"] = {"Type": "AWS::IAM::Role", "Properties": functions_own}
    without_table_policy = {name: one for name, one in given.items() if name != "RegisterTable"}

    assert not policies_of(given, "Almighty").allow(Ask(f"dynamodb:{verb}", REGISTER))
    assert policies_of(given, "Almighty").allow(Ask(f"dynamodb:{verb}", WORKSPACE))
    assert not policies_of(without_table_policy, "ApiGivenEverything").allow(Ask(f"dynamodb:{verb}", REGISTER))


def test_who_opens_accounts_makes_root_keys_and_reads_no_register(resources: dict[str, Any]) -> None:
    operator = policies_of(resources, "OpensAccounts")

    assert operator.allow(Ask("kms:GenerateDataKey", KEY, TENANT))
    assert not operator.allow(Ask("kms:GenerateDataKey", KEY))
    assert not [verb for verb in ("PutItem", "GetItem", "Query", "Scan") if operator.allow(Ask(f"dynamodb:{verb}", REGISTER))]


def test_each_function_has_a_role_of_its_own_that_only_lambda_can_take(resources: dict[str, Any]) -> None:
    roles = [role_of(resources, function) for function in functions_of(resources)]

    assert functions_of(resources) == sorted(FUNCTIONS)
    assert len(set(roles)) == len(FUNCTIONS)
    for role in roles:
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
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        targets = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]

        assert not [action for action in actions if "*" in action], function
        if actions != ["dynamodb:ListStreams"]:  # which takes no resource
            assert not [target for target in targets if symbol(target) == "*"], function
