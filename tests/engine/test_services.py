"""What the code relies on in the services beside the tables, on every engine."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from functions.content import Content
from functions.ids import TenantId
from functions.ledger.note import Unverified, open_note
from functions.ledger.objects import Disagrees, LogObjects
from functions.ledger.signer import KmsKey, KmsSigner
from tests.engine.bound import Bound, Rows


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def test_a_root_key_opens_for_its_tenant_and_for_no_other(bound: Bound) -> None:
    tenant, neighbour = TenantId.new(), TenantId.new()
    made = bound.roots.create(tenant)
    wrapped = (bound.table("VaultTable").get(f"{tenant}#root", "root") or {})["wrapped"]["B"]

    with pytest.raises(ClientError) as refused:
        bound.client("kms").decrypt(CiphertextBlob=wrapped, EncryptionContext={"tenant": neighbour})

    assert bound.roots.unwrap(tenant) == made
    assert code(refused) == "InvalidCiphertextException"


def test_a_signature_of_kms_verifies_with_its_public_key(bound: Bound) -> None:
    kms = bound.client("kms")
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]

    signed = kms.sign(KeyId=key, Message=b"checkpoint\n", MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256")

    public = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    assert isinstance(public, EllipticCurvePublicKey)
    public.verify(signed["Signature"], b"checkpoint\n", ECDSA(SHA256()))


def test_the_platforms_key_signs_checkpoints_and_a_changed_one_does_not_verify(bound: Bound) -> None:
    key = KmsKey(bound.client("kms"), bound.name("CheckpointKey"))
    signer = KmsSigner("log.example/ab", key)

    note = signer.sign("log.example/ab\n1\nAAAA\n").encode()

    assert open_note(note, [signer.verifier]).text == "log.example/ab\n1\nAAAA\n"
    with pytest.raises(Unverified):
        open_note(note.replace(b"\n1\n", b"\n2\n"), [signer.verifier])


def test_checkpoints_are_signed_with_ed25519_by_the_engine_that_has_it_and_with_p256_by_the_other(
    request: pytest.FixtureRequest, bound: Bound
) -> None:
    kms, message = bound.client("kms"), b"checkpoint\n"
    made = kms.get_public_key(KeyId=bound.name("CheckpointKey"))
    public = load_der_public_key(made["PublicKey"])

    match request.node.callspec.params["bound"]:
        case "ministack":
            signed = kms.sign(
                KeyId=bound.name("CheckpointKey"), Message=message, MessageType="RAW", SigningAlgorithm="ED25519_SHA_512"
            )
            assert isinstance(public, Ed25519PublicKey)
            public.verify(signed["Signature"], message)
            with pytest.raises(InvalidSignature):
                public.verify(signed["Signature"], message + b"!")
        case _:
            assert isinstance(public, EllipticCurvePublicKey)


@pytest.mark.parametrize("key", ["ab/checkpoint/7", "ab/tile/0/000.p/7"])
def test_what_is_in_the_log_is_put_once_and_told_to_the_second(bound: Bound, rows: Rows, key: str) -> None:
    objects = LogObjects(bound.client("s3"), bound.name("LogBucket"))
    name = f"{rows.id}/{key}"

    assert objects.read(name) is None
    assert objects.put_once(name, b"first") == b"first"
    assert objects.put_once(name, b"second") == b"first"
    with pytest.raises(Disagrees):
        objects.keep(name, b"second")

    listed = bound.client("s3").list_object_versions(Bucket=objects.bucket, Prefix=name)["Versions"]
    assert (objects.read(name), len(listed)) == (b"first", 1)


def test_what_is_in_the_log_is_locked_in_compliance_mode_for_years(bound: Bound, rows: Rows) -> None:
    s3, bucket, name = bound.client("s3"), bound.name("LogBucket"), f"{rows.id}/checkpoint/1"
    put = s3.put_object(Bucket=bucket, Key=name, Body=b"signed", IfNoneMatch="*")

    kept = s3.head_object(Bucket=bucket, Key=name)
    with pytest.raises(ClientError) as refused:
        s3.delete_object(Bucket=bucket, Key=name, VersionId=put["VersionId"], BypassGovernanceRetention=True)

    assert kept["ObjectLockMode"] == "COMPLIANCE"
    assert kept["ObjectLockRetainUntilDate"] > datetime.now(UTC) + timedelta(days=2500)
    assert code(refused) == "AccessDenied"
    assert s3.get_object(Bucket=bucket, Key=name, VersionId=put["VersionId"])["Body"].read() == b"signed"


def test_a_delete_marker_makes_room_for_another_object_which_is_why_the_policy_refuses_it(bound: Bound, rows: Rows) -> None:
    s3, bucket, name = bound.client("s3"), bound.name("LogBucket"), f"{rows.id}/checkpoint/2"
    first = s3.put_object(Bucket=bucket, Key=name, Body=b"first", IfNoneMatch="*")

    s3.delete_object(Bucket=bucket, Key=name)
    s3.put_object(Bucket=bucket, Key=name, Body=b"another", IfNoneMatch="*")

    assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == b"another"
    assert s3.get_object(Bucket=bucket, Key=name, VersionId=first["VersionId"])["Body"].read() == b"first"


@pytest.mark.parametrize("key", ["t/plain", "s/с кирилица/100%25 + more"])
def test_what_is_kept_for_ever_cannot_be_replaced(bound: Bound, rows: Rows, key: str) -> None:
    content = Content(bound.client("s3"), bound.name("ContentBucket"))
    name = f"{key}/{rows.id}"

    content.keep(name, b"first\x00\xff", "application/octet-stream")
    content.keep(name, b"second", "application/octet-stream")

    assert content.read(name) == b"first\x00\xff"
    listed = bound.client("s3").list_objects_v2(Bucket=content.bucket, Prefix=name)["Contents"]
    assert [one["Key"] for one in listed] == [name]


def test_a_pointer_is_replaced_and_its_earlier_version_stays(bound: Bound, rows: Rows) -> None:
    content = Content(bound.client("s3"), bound.name("ContentBucket"))

    content.point(f"s/{rows.id}", b"one", "text/plain")
    content.point(f"s/{rows.id}", b"two", "text/plain")

    versions = bound.client("s3").list_object_versions(Bucket=content.bucket, Prefix=f"s/{rows.id}")["Versions"]
    assert content.read(f"s/{rows.id}") == b"two"
    assert len(versions) == 2


def test_a_message_that_is_not_deleted_comes_again_and_then_is_a_dead_letter(bound: Bound) -> None:
    sqs = bound.client("sqs")
    dead = sqs.create_queue(QueueName="contract-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    queue = sqs.create_queue(QueueName="contract", Attributes={"VisibilityTimeout": "600", "RedrivePolicy": policy})["QueueUrl"]
    for body in ("good", "poison"):
        sqs.send_message(QueueUrl=queue, MessageBody=body)

    seen = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages"):
        for message in messages:
            seen.append(message["Body"])
            if message["Body"] == "good":
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            else:
                sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)

    assert sorted(seen) == ["good", "poison", "poison"]
    letters = sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10).get("Messages", [])
    assert [letter["Body"] for letter in letters] == ["poison"]


def test_a_mail_goes_out_from_the_platforms_sender_and_from_nobody_else(bound: Bound) -> None:
    def send(sender: str) -> str:
        simple = {"Subject": {"Data": "Здравей"}, "Body": {"Text": {"Data": "text"}}}
        sent = bound.client("sesv2").send_email(
            FromEmailAddress=sender, Destination={"ToAddresses": ["ann@example.com"]}, Content={"Simple": simple}
        )
        return str(sent["MessageId"])

    with pytest.raises(ClientError):
        send("somebody@example.net")

    assert send(bound.name("MailSender"))
