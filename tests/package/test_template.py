"""The template as it deploys: linted, and held to what is promised of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from functions.settings import PREFIX, Settings
from infra.package import Package
from infra.template import merged
from tests.package.iam import functions_of

TABLES = ("RegisterTable", "LedgerTable", "VaultTable", "WorkspaceTable")
BUCKETS = ("ContentBucket", "LogBucket", "ExportBucket")
FOLLOWERS = {"Sequence": "SequenceFailures", "Watch": "WatchFailures"}
TAKERS = {
    "Ledger": "LedgerQueue",
    "Project": "BatchQueue",
    "Upkeep": "UpkeepQueue",
    "Dispute": "DisputeQueue",
    "Audit": "AuditQueue",
    "Mail": "MailQueue",
}
COUNTED = ("Tampered", "EntriesKeptOut", "EntriesMissing", "AuditDisagrees", "AnchorFailed", "Faults")
KEPT = {
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::KMS::Key",
    "AWS::SES::EmailIdentity",
}
VARIABLES = {field.name: PREFIX + field.name.upper() for field in fields(Settings)}


def of_type(resources: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in resources.items() if one["Type"] == kind}


def strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for part in value.values():
                yield from strings(part)
        case list():
            for part in value:
                yield from strings(part)


def test_cfn_lint_finds_nothing(package: Package) -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--regions", "eu-central-1", "--template", package.template],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (linted.returncode, linted.stdout) == (0, "")


def test_nothing_of_what_chalice_was_told_in_place_of_an_address_is_left(template: dict[str, Any]) -> None:
    texts = list(strings(template["Resources"]))

    chalices = {"register", "ledger", "batches", "upkeep", "disputes", "mail", "packing"}
    assert not [one for one in texts if one in chalices or "000000000000" in one]


def test_the_functions_are_told_every_setting_by_what_the_template_makes(template: dict[str, Any]) -> None:
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    known = set(template["Resources"]) | set(template["Parameters"])

    assert set(variables) == set(VARIABLES.values())
    for field, variable in VARIABLES.items():
        logical = "".join(word.capitalize() for word in field.split("_"))
        assert variables[variable] == {"Ref": logical}
        assert logical in known
        assert template["Outputs"][logical] == {"Description": variable, "Value": {"Ref": logical}}
    for function in functions_of(template["Resources"]):
        assert "Environment" not in template["Resources"][function]["Properties"]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_encrypted_backed_up_and_not_deleted_by_accident(resources: dict[str, Any], name: str) -> None:
    table = resources[name]["Properties"]

    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert set(of_type(resources, "AWS::DynamoDB::Table")) == set(TABLES)


def test_of_all_rows_only_those_of_the_statistics_go_by_themselves(resources: dict[str, Any]) -> None:
    forgetting = {name: resources[name]["Properties"].get("TimeToLiveSpecification") for name in TABLES}

    assert forgetting.pop("LedgerTable") == {"AttributeName": "expires", "Enabled": True}
    assert set(forgetting.values()) == {None}


def test_backups_of_the_vault_forget_after_a_week_so_that_erasure_becomes_final(resources: dict[str, Any]) -> None:
    assert resources["VaultTable"]["Properties"]["PointInTimeRecoverySpecification"]["RecoveryPeriodInDays"] == 7


def test_the_register_alone_tells_what_changes_and_what_was_there_before(resources: dict[str, Any]) -> None:
    streaming = {name for name in TABLES if "StreamSpecification" in resources[name]["Properties"]}

    assert streaming == {"RegisterTable"}
    assert resources["RegisterTable"]["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_data_outlives_the_stack(resources: dict[str, Any]) -> None:
    data = {name: one for name, one in resources.items() if one["Type"] in KEPT}

    assert len(data) == 11
    for name, one in data.items():
        assert (one.get("DeletionPolicy"), one.get("UpdateReplacePolicy")) == ("Retain", "Retain"), name


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_private_encrypted_and_not_read_in_the_clear(resources: dict[str, Any], name: str) -> None:
    bucket = resources[name]["Properties"]
    (refused,) = (
        one
        for one in resources[f"{name}Policy"]["Properties"]["PolicyDocument"]["Statement"]
        if one["Sid"] == "NothingInTheClear"
    )

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert (refused["Effect"], refused["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert set(of_type(resources, "AWS::S3::Bucket")) == set(BUCKETS)


def test_what_is_served_and_what_is_proven_has_versions_and_opened_records_go_after_a_week(resources: dict[str, Any]) -> None:
    versioned = {name for name in BUCKETS if "VersioningConfiguration" in resources[name]["Properties"]}
    (rule,) = resources["ExportBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]

    assert versioned == {"ContentBucket", "LogBucket"}
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 7)


def test_the_key_of_the_checkpoints_signs_and_does_not_rotate(resources: dict[str, Any]) -> None:
    key = resources["CheckpointKey"]["Properties"]

    assert (key["KeyUsage"], key["KeySpec"]) == ("SIGN_VERIFY", {"Ref": "CheckpointKeySpec"})
    assert "EnableKeyRotation" not in key
    assert {resources[name]["Properties"]["EnableKeyRotation"] for name in ("TenantKey", "DisputeKey")} == {True}


def test_every_queue_is_encrypted_and_what_fails_is_kept_for_two_weeks(resources: dict[str, Any]) -> None:
    queues = of_type(resources, "AWS::SQS::Queue")
    dead_letters = {name for name in queues if name.endswith("Failures")}

    assert set(queues) - dead_letters == set(TAKERS.values())
    assert all(one["Properties"]["SqsManagedSseEnabled"] for one in queues.values())
    for name, one in queues.items():
        if name in dead_letters:
            assert one["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600
        else:
            assert one["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] == name.replace(
                "Queue", "Failures"
            )


@pytest.mark.parametrize("name", FOLLOWERS)
def test_the_stream_is_followed_from_its_beginning_and_a_bad_record_stops_nobody_for_ever(
    resources: dict[str, Any], name: str
) -> None:
    (source,) = resources[name]["Properties"]["Events"].values()
    told = source["Properties"]

    assert told["Stream"] == {"Fn::GetAtt": ["RegisterTable", "StreamArn"]}
    assert told["StartingPosition"] == "TRIM_HORIZON"
    assert told["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert told["BisectBatchOnFunctionError"] is True
    assert told["MaximumRetryAttempts"] == -1
    # Told before the stream has forgotten it, which it does after 24 hours.
    assert 0 < told["MaximumRecordAgeInSeconds"] < 24 * 3600
    assert told["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": [FOLLOWERS[name], "Arn"]}


def test_the_sequencer_and_the_watcher_are_the_streams_only_readers_and_are_told_different_things(
    resources: dict[str, Any],
) -> None:
    filters = {
        name: [json.loads(one["Pattern"]) for one in source["Properties"]["FilterCriteria"]["Filters"]]
        for name in functions_of(resources)
        for source in resources[name]["Properties"].get("Events", {}).values()
        if source["Type"] == "DynamoDB"
    }

    assert filters == {
        "Sequence": [{"eventName": ["INSERT"]}],
        "Watch": [{"eventName": ["MODIFY"]}, {"eventName": ["REMOVE"]}],
    }


def test_entries_are_gathered_for_seconds_only_as_they_are_to_be_signed_within_a_minute(resources: dict[str, Any]) -> None:
    gathering = {
        name: next(iter(resources[name]["Properties"]["Events"].values()))["Properties"]["MaximumBatchingWindowInSeconds"]
        for name in FOLLOWERS
    }

    assert gathering == {"Sequence": 5, "Watch": 0}


@pytest.mark.parametrize("name", TAKERS)
def test_a_message_stays_hidden_for_as_long_as_handling_it_may_take(resources: dict[str, Any], name: str) -> None:
    (source,) = resources[name]["Properties"]["Events"].values()

    assert source["Properties"]["Queue"] == {"Fn::GetAtt": [TAKERS[name], "Arn"]}
    assert source["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    # No longer than that: what failed comes again only then, and somebody waits for it.
    hidden = resources[TAKERS[name]]["Properties"]["VisibilityTimeout"]
    assert resources[name]["Properties"]["Timeout"] < hidden <= 6 * resources[name]["Properties"]["Timeout"]


def test_every_function_writes_to_a_log_that_is_kept_for_a_month(resources: dict[str, Any]) -> None:
    logs = {name: resources[name]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"] for name in functions_of(resources)}

    assert len(set(logs.values())) == len(logs)
    assert {resources[name]["Properties"]["RetentionInDays"] for name in logs.values()} == {30}
    assert set(of_type(resources, "AWS::Logs::LogGroup")) == set(logs.values())


def test_what_the_gateway_refuses_is_a_problem_document_that_any_page_may_read(resources: dict[str, Any]) -> None:
    responses = resources["RestAPI"]["Properties"]["GatewayResponses"]

    assert {"DEFAULT_4XX", "DEFAULT_5XX", "UNAUTHORIZED", "ACCESS_DENIED", "THROTTLED", "REQUEST_TOO_LARGE"} <= set(responses)
    for name, response in responses.items():
        headers = response["ResponseParameters"]["Headers"]
        problem = json.loads(response["ResponseTemplates"]["application/json"])
        assert headers["Content-Type"] == "'application/problem+json'", name
        assert headers["Access-Control-Allow-Origin"] == "'*'", name
        assert headers["Cache-Control"] == "'no-store'", name
        assert "Access-Control-Allow-Credentials" not in headers, name
        assert problem["title"], name
        # RFC 9457: what the document says of the status is what the status is; the defaults have many, and say none.
        assert problem.get("status") == response.get("StatusCode", problem.get("status")), name
        assert ("status" in problem) == (not name.startswith("DEFAULT")), name


def test_the_gateway_limits_what_comes_and_logs_no_body(resources: dict[str, Any]) -> None:
    (everywhere,) = resources["RestAPI"]["Properties"]["MethodSettings"]

    assert (everywhere["ResourcePath"], everywhere["HttpMethod"]) == ("/*", "*")
    assert everywhere["DataTraceEnabled"] is False
    assert everywhere["LoggingLevel"] == "OFF"
    assert 0 < everywhere["ThrottlingRateLimit"] <= everywhere["ThrottlingBurstLimit"]
    assert resources["RestAPI"]["Properties"]["EndpointConfiguration"] == {"Type": "REGIONAL"}


def test_there_is_no_second_stage_beside_the_one_that_is_limited(resources: dict[str, Any]) -> None:
    api = resources["RestAPI"]["Properties"]

    # SAM opens a stage of its own unless it is told the version that the definition is in.
    assert api["OpenApiVersion"] == api["DefinitionBody"]["swagger"] == "2.0"
    assert api["StageName"] == "live"


def test_merchants_routes_stand_behind_the_authorizer_and_no_other(resources: dict[str, Any]) -> None:
    paths = resources["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    guarded = {(path, method) for path, methods in paths.items() for method, one in methods.items() if "security" in one}
    every = {(path, method) for path, methods in paths.items() for method in methods}

    assert guarded == {one for one in every if one[0].startswith("/v1/admin/")}
    assert len(guarded) > 20


def test_the_content_is_read_by_this_cdn_only_and_over_https(resources: dict[str, Any]) -> None:
    allowed, refused = resources["ContentBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allowed["Action"] == "s3:GetObject"
    assert "${Cdn}" in allowed["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Sub"]
    assert (refused["Effect"], refused["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_every_address_of_the_cdn_is_served_with_what_shops_need_to_load_it(resources: dict[str, Any]) -> None:
    distribution = resources["Cdn"]["Properties"]["DistributionConfig"]
    behaviours = [distribution["DefaultCacheBehavior"], *distribution["CacheBehaviors"]]

    assert "Logging" not in distribution
    for one in behaviours:
        policy = resources[one["ResponseHeadersPolicyId"]["Ref"]]["Properties"]["ResponseHeadersPolicyConfig"]
        assert policy["SecurityHeadersConfig"]["ContentTypeOptions"] == {"Override": True}
        assert policy["CorsConfig"]["AccessControlAllowOrigins"] == {"Items": ["*"]}
        assert policy["CorsConfig"]["AccessControlAllowCredentials"] is False
        asked = resources[one["OriginRequestPolicyId"]["Ref"]]["Properties"]["OriginRequestPolicyConfig"]["HeadersConfig"]
        assert asked == {"HeaderBehavior": "whitelist", "Headers": ["CloudFront-Viewer-Country"]}
        assert [attached["EventType"] for attached in one["FunctionAssociations"]] == ["viewer-request"]


def test_somebody_hears_of_everything_that_fails(resources: dict[str, Any]) -> None:
    alarms = [one["Properties"] for one in of_type(resources, "AWS::CloudWatch::Alarm").values()]
    watched = {(one["MetricName"], json.dumps(one["Dimensions"][0]["Value"])) for one in alarms}

    for queue in of_type(resources, "AWS::SQS::Queue"):
        name = json.dumps({"Fn::GetAtt": [queue, "QueueName"]})
        assert (("ApproximateNumberOfMessagesVisible", name) in watched) == queue.endswith("Failures")
    for function in functions_of(resources):
        assert ("Errors", json.dumps({"Ref": function})) in watched
    for function in FOLLOWERS:
        assert ("IteratorAge", json.dumps({"Ref": function})) in watched
    for metric in COUNTED:
        assert (metric, '"api"') in watched
    assert ("5XXError", json.dumps(resources["RestAPI"]["Properties"]["Name"])) in watched
    assert all(one["AlarmActions"] == [{"Ref": "Alarms"}] for one in alarms)


def test_merging_goes_deep_and_takes_a_function_of_the_template_whole() -> None:
    under = {"a": {"x": 1, "y": {"Ref": "Old"}}, "list": [1], "b": 1}
    over = {"a": {"y": {"Fn::GetAtt": ["New", "Arn"]}, "z": 3}, "list": [2]}

    assert merged(under, over) == {"a": {"x": 1, "y": {"Fn::GetAtt": ["New", "Arn"]}, "z": 3}, "list": [2], "b": 1}
