"""What must hold of the policies that deploy, whoever changes the template: each rule names what breaks it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tests.package.iam import Ask, almighty, policies_of, principals_of

Resources = Mapping[str, Any]
Rule = Callable[[Resources], Iterator[str]]

REGISTER, CHECKPOINT_KEY, DISPUTE_KEY, LOG = "RegisterTable.Arn", "CheckpointKey.Arn", "DisputeKey.Arn", "LogBucket.Arn"
APPENDERS = {"ApiRole", "WatcherRole", "ProjectionRole", "UpkeepRole"}
SEQUENCER, DISPUTES = "SequencerRole", "DisputeRole"
CHANGING = (
    *("UpdateItem", "DeleteItem", "BatchWriteItem", "StartBulkPutItems"),
    *("PartiQLUpdate", "PartiQLDelete", "UpdateTimeToLive"),
)
RULING = (
    *("PartiQLInsert", "DeleteTable", "PutResourcePolicy", "DeleteResourcePolicy"),
    *("RestoreTableToPointInTime", "RestoreTableFromBackup", "RestoreTableFromAwsBackup"),
)
TAKING_AWAY = (
    *("DeleteObject", "DeleteObjectVersion", "ReplicateObject", "ReplicateDelete"),
    *("BypassGovernanceRetention", "PutObjectRetention", "PutObjectLegalHold"),
)
UNLOCKING = ("PutBucketObjectLockConfiguration", "PutLifecycleConfiguration")
OBJECTS = ("ab/tile/0/000", "ab/tile/entries/000", "ab/checkpoint/7", "ab/anchor/7.tsr", "kept/ab/7")
OF_A_SUBJECT = {"kms:EncryptionContext:tenant": "abcdefghijkl", "kms:EncryptionContext:subject": "abcdefghijklmnopqrstuvwxyz"}
TO_CHANGE = tuple(Ask(f"dynamodb:{verb}", REGISTER) for verb in CHANGING)
TO_RULE = tuple(Ask(f"dynamodb:{verb}", REGISTER) for verb in RULING)
TO_APPEND = (Ask("dynamodb:PutItem", REGISTER),)
TO_SIGN = (Ask("kms:Sign", CHECKPOINT_KEY),)
TO_OPEN = tuple(Ask(f"kms:{verb}", DISPUTE_KEY, OF_A_SUBJECT) for verb in ("Decrypt", "ReEncryptFrom"))
TO_REPLACE = tuple(Ask("s3:PutObject", f"{LOG}/{key}") for key in OBJECTS)
TO_UNLOCK = (
    *(Ask(f"s3:{verb}", f"{LOG}/{key}") for verb in TAKING_AWAY for key in OBJECTS),
    *(Ask(f"s3:{verb}", LOG) for verb in UNLOCKING),
)


def changes_the_register(resources: Resources) -> Iterator[str]:
    return _held(resources, (*TO_CHANGE, *TO_RULE))


def appends_without_being_named(resources: Resources) -> Iterator[str]:
    return _held(resources, TO_APPEND, but=APPENDERS)


def signs_without_being_the_sequencer(resources: Resources) -> Iterator[str]:
    return _held(resources, TO_SIGN, but={SEQUENCER})


def opens_restricted_subjects(resources: Resources) -> Iterator[str]:
    return _held(resources, TO_OPEN, but={DISPUTES})


def unlocks_the_log(resources: Resources) -> Iterator[str]:
    return _held(resources, TO_UNLOCK)


def the_register_can_be_changed(resources: Resources) -> Iterator[str]:
    return _open_to_all(resources, TO_CHANGE)


def checkpoints_can_be_signed_by_others(resources: Resources) -> Iterator[str]:
    return _open_to_all(resources, TO_SIGN)


def restricted_subjects_can_be_opened_by_others(resources: Resources) -> Iterator[str]:
    return _open_to_all(resources, TO_OPEN)


def the_log_takes_what_is_not_new(resources: Resources) -> Iterator[str]:
    return _open_to_all(resources, TO_REPLACE)


def the_log_can_be_unlocked(resources: Resources) -> Iterator[str]:
    yield from _open_to_all(resources, TO_UNLOCK)
    bucket = resources["LogBucket"]["Properties"]
    retention = bucket.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
    if not bucket.get("ObjectLockEnabled") or retention.get("Mode") != "COMPLIANCE":
        yield "an object that is put is not locked in compliance mode"
    if "LifecycleConfiguration" in bucket:
        yield "objects go by themselves"


RULES: tuple[Rule, ...] = (
    changes_the_register,
    appends_without_being_named,
    signs_without_being_the_sequencer,
    opens_restricted_subjects,
    unlocks_the_log,
    the_register_can_be_changed,
    checkpoints_can_be_signed_by_others,
    restricted_subjects_can_be_opened_by_others,
    the_log_takes_what_is_not_new,
    the_log_can_be_unlocked,
)


def broken(resources: Resources) -> dict[str, list[str]]:
    """Each rule that does not hold, with what breaks it."""
    found = {rule.__name__: list(rule(resources)) for rule in RULES}
    return {name: told for name, told in found.items() if told}


def _held(resources: Resources, asks: Iterable[Ask], *, but: Iterable[str] = ()) -> Iterator[str]:
    """By the roles' own policies, even where the resource would refuse it."""
    for name in principals_of(resources):
        policies = policies_of(resources, name).alone()
        yield from (f"{name}: {ask.action}" for ask in asks if name not in but and policies.allow(ask))


def _open_to_all(resources: Resources, asks: Iterable[Ask]) -> Iterator[str]:
    policies = almighty(resources)
    yield from (f"{ask.action} {ask.resource}" for ask in asks if policies.allow(ask))
