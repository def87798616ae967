"""What the code relies on in the services beside the tables, on every engine."""

import json

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from functions.content import Content
from functions.ids import TenantId
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
