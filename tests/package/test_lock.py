"""The register, the log and their keys are locked by the policies that deploy, and a hole in them is found."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from tests.package.iam import Ask, almighty, policies_of, principals_of
from tests.package.lock import CHANGING, RULES, RULING, TO_RULE, broken

Resources = dict[str, Any]
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def planted(resources: Resources, statement: Mapping[str, Any], *attached: str) -> Resources:
    """The template with one role more."""
    policies = [{"PolicyDocument": {"Statement": [statement]}}]
    properties = {"Policies": policies, "ManagedPolicyArns": [{"Ref": name} for name in attached]}
    return {**resources, "Planted": {"Type": "AWS::IAM::Role", "Properties": properties}}


def allow(action: str, resource: str) -> dict[str, Any]:
    logical, slash, rest = resource.partition("/")
    target = {"Fn::Sub": f"${{{logical}}}/{rest}"} if slash else {"Fn::GetAtt": logical.split(".")}
    return {"Effect": "Allow", "Action": action, "Resource": target}


HELD = {
    **{f"dynamodb:{verb} RegisterTable.Arn": "changes_the_register" for verb in (*CHANGING, *RULING)},
    "dynamodb:PutItem RegisterTable.Arn": "appends_without_being_named",
    "dynamodb:*Item RegisterTable.Arn": "appends_without_being_named",
    "kms:Sign CheckpointKey.Arn": "signs_without_being_the_sequencer",
    "kms:Decrypt DisputeKey.Arn": "opens_restricted_subjects",
    "kms:ReEncrypt* DisputeKey.Arn": "opens_restricted_subjects",
    "s3:PutObjectRetention LogBucket.Arn/*": "unlocks_the_log",
    "s3:DeleteObject LogBucket.Arn/*/checkpoint/*": "unlocks_the_log",
    "s3:PutBucketObjectLockConfiguration LogBucket.Arn": "unlocks_the_log",
}
# Where a policy stands, the statement in it that is taken away, and what is open then.
REFUSED = {
    "EntriesStayAsWritten": (
        ("RegisterTable", "Properties", "ResourcePolicy", "PolicyDocument"),
        "the_register_can_be_changed",
    ),
    "NobodyElseSigns": (("CheckpointKey", "Properties", "KeyPolicy"), "checkpoints_can_be_signed_by_others"),
    "NobodyElseOpens": (("DisputeKey", "Properties", "KeyPolicy"), "restricted_subjects_can_be_opened_by_others"),
    "NothingIsReplaced": (("LogBucketPolicy", "Properties", "PolicyDocument"), "the_log_takes_what_is_not_new"),
    "NothingIsTakenAwayOrUnlocked": (("LogBucketPolicy", "Properties", "PolicyDocument"), "the_log_can_be_unlocked"),
    "TheLockStays": (("LogBucketPolicy", "Properties", "PolicyDocument"), "the_log_can_be_unlocked"),
}


def test_nothing_that_deploys_breaks_a_rule(resources: Resources) -> None:
    assert broken(resources) == {}
    assert len(principals_of(resources)) > 10


@pytest.mark.parametrize("grant", list(HELD))
def test_a_role_that_holds_what_it_must_not_is_found(resources: Resources, grant: str) -> None:
    action, resource = grant.split()

    found = broken(planted(resources, allow(action, resource)))

    assert HELD[grant] in found
    assert all(told.startswith("Planted: ") for told in found[HELD[grant]])


@pytest.mark.parametrize("sid", list(REFUSED))
def test_a_refusal_that_is_taken_out_of_a_resources_own_policy_is_missed(resources: Resources, sid: str) -> None:
    path, rule = REFUSED[sid]
    changed = deepcopy(resources)
    document = changed
    for name in path:
        document = document[name]

    document["Statement"] = [one for one in document["Statement"] if one["Sid"] != sid]

    assert list(broken(changed)) == [rule]


@pytest.mark.parametrize(
    "configuration",
    [{}, {"Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2557}}}, {"ObjectLockEnabled": "Enabled"}],
)
def test_a_lock_that_gives_way_is_found(resources: Resources, configuration: dict[str, Any]) -> None:
    changed = deepcopy(resources)
    changed["LogBucket"]["Properties"]["ObjectLockConfiguration"] = configuration

    assert list(broken(changed)) == ["the_log_can_be_unlocked"]


def test_of_a_template_without_any_of_it_no_rule_holds(resources: Resources) -> None:
    bare = deepcopy({name: one for name, one in resources.items() if not one["Type"].endswith("Policy")})
    for name in ("CheckpointKey", "DisputeKey"):
        bare[name]["Properties"]["KeyPolicy"]["Statement"] = []
    del bare["RegisterTable"]["Properties"]["ResourcePolicy"]
    for one in bare.values():
        if one["Type"] == "AWS::IAM::Role":
            one["Properties"]["ManagedPolicyArns"] = []

    assert set(broken(planted(bare, EVERYTHING))) == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize("ask", TO_RULE, ids=RULING)
def test_ruling_over_the_register_is_left_to_administrators_and_taken_from_the_functions(
    resources: Resources, ask: Ask
) -> None:
    given = planted(resources, EVERYTHING, "RegisterStaysAsWritten")

    assert almighty(resources).allow(ask)
    assert not policies_of(given, "Planted").allow(ask)


@pytest.mark.parametrize("verb", [*CHANGING, *RULING])
def test_the_functions_could_not_change_the_register_even_if_the_table_let_them(resources: Resources, verb: str) -> None:
    given = planted(resources, EVERYTHING, "RegisterStaysAsWritten")

    assert not policies_of(given, "Planted").alone().allow(Ask(f"dynamodb:{verb}", "RegisterTable.Arn"))
    assert policies_of(given, "Planted").alone().allow(Ask(f"dynamodb:{verb}", "WorkspaceTable.Arn"))
