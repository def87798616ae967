"""The template that deploys is what the local stack is made of."""

from dataclasses import MISSING, fields

import pytest

from functions.settings import PREFIX, Settings
from infra.local import resources
from infra.local.template import Template, Unresolvable, resolve
from tests.support.aws import Aws


def known(name: str, attribute: str) -> str:
    return f"<{name} {attribute}>"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"Ref": "Key"}, "<Key Ref>"),
        ({"Fn::GetAtt": ["Table", "StreamArn"]}, "<Table StreamArn>"),
        ({"Fn::Sub": "arn:${AWS::Region}:${Bucket}/${Table.Arn}"}, "arn:<AWS::Region Ref>:<Bucket Ref>/<Table Arn>"),
        ([{"a": {"Ref": "Key"}}, 1, None, "plain"], [{"a": "<Key Ref>"}, 1, None, "plain"]),
    ],
)
def test_references_become_what_they_stand_for(said: object, meant: object) -> None:
    assert resolve(said, known) == meant


def test_a_function_that_is_not_known_here_is_not_guessed() -> None:
    with pytest.raises(Unresolvable, match="Fn::ImportValue"):
        resolve({"a": {"Fn::ImportValue": "x"}}, known)


def test_every_setting_is_a_resource_or_a_parameter_of_the_template(aws: Aws) -> None:
    needed = {PREFIX + field.name.upper() for field in fields(Settings) if field.default is MISSING}

    made = resources.create(aws.session)

    assert set(made) == {PREFIX + field.name.upper() for field in fields(Settings)}
    assert needed <= {name for name, value in made.items() if value}


def test_parameters_are_given_as_a_deployment_would(aws: Aws) -> None:
    made = resources.create(aws.session, {"ApiBase": "http://127.0.0.1:1/v1"})

    assert made["CONSENTINEL_API_BASE"] == "http://127.0.0.1:1/v1"


def test_every_resource_of_the_platform_that_an_engine_can_hold_is_made(aws: Aws) -> None:
    template = Template.read()
    held = {"DynamoDB", "S3", "SQS", "KMS", "SES"}
    wanted = {
        name
        for name, one in template.resources.items()
        if one["Type"].split("::")[1] in held and not one["Type"].endswith(("Policy", "Permission"))
    }

    assert set(resources.make(aws.session).made) == wanted


def test_the_log_bucket_is_made_with_its_lock(aws: Aws) -> None:
    made = resources.make(aws.session)

    told = aws.s3.get_object_lock_configuration(Bucket=made.attribute("LogBucket", "Ref"))

    lock = told["ObjectLockConfiguration"]
    assert lock["ObjectLockEnabled"] == "Enabled"
    assert lock["Rule"]["DefaultRetention"]["Mode"] == "COMPLIANCE"
    assert int(lock["Rule"]["DefaultRetention"]["Days"]) == int(made.attribute("LogRetentionDays", "Ref"))


def test_checkpoints_are_signed_with_p256_where_the_engine_has_no_ed25519(aws: Aws) -> None:
    assert Template.read().parameters["CheckpointKeySpec"] == "ECC_NIST_EDWARDS25519"

    described = aws.kms.describe_key(KeyId=aws.settings.checkpoint_key)["KeyMetadata"]
    assert (described["KeySpec"], described["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")


def test_names_are_taken_by_every_service() -> None:
    assert resources.physical_name("RegisterTable") == "consentinel-register-table"
