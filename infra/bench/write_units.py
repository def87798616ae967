"""`python -m infra.bench.write_units`: what a consent costs in DynamoDB's write request units, part by part.

Nothing is derived from the code: the app runs in this process on moto, every call that one of its clients makes is heard, and
each item that it writes is measured before and after by DynamoDB's rules.
"""

import argparse
import importlib
import io
import json
import os
import secrets
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from math import ceil
from typing import Any

import botocore.session
from botocore.handlers import BUILTIN_HANDLERS
from moto import mock_aws

from functions.authority.model import Scope
from functions.cli.accounts import open_account
from functions.dynamo import Table
from functions.ids import TenantId
from functions.settings import Settings
from functions.vault.model import base64url
from infra.bench.runtime import request
from infra.bench.visit import ORIGIN, SITES, refusal
from infra.local import resources
from infra.local.pump.stream import record_of

UNIT_BYTES = 1024
CONTAINER_BYTES, ELEMENT_BYTES = 3, 1
BATCHES = (1, 25, 256)
# DynamoDB, standard table class, on demand: US dollars for a million write request units.
PRICE, PRICED = 0.625, "us-east-1, since 1 November 2024"
POLICY = "newsletter"
# What a browser tells of itself is sealed beside the leaf, so it has to be as long as a real one's.
BROWSER = {
    "origin": ORIGIN,
    "user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "accept-language": "bg-BG,bg;q=0.9,en-US;q=0.8,en;q=0.7",
    "sec-ch-ua": '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"Windows"',
}
Value = Mapping[str, Any]
Key = tuple[str, str, str]


def number_bytes(digits: str) -> int:
    """One byte for two significant digits, and one more; zeros before and behind them are not kept."""
    significant = "".join(map(str, Decimal(digits).as_tuple().digits)).strip("0")
    return ceil(len(significant) / 2) + 1


def value_bytes(value: Value) -> int:  # noqa: PLR0911 - DynamoDB has so many kinds
    """Of a value as the client writes it (Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats")."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "B":
            return len(content)
        case "N":
            return number_bytes(content)
        case "BOOL" | "NULL":
            return 1
        case "SS" | "NS" | "BS":
            return sum(value_bytes({kind[0]: one}) for one in content)
        case "L":
            return CONTAINER_BYTES + sum(ELEMENT_BYTES + value_bytes(one) for one in content)
        case "M":
            return CONTAINER_BYTES + ELEMENT_BYTES * len(content) + item_bytes(content)
        case _:
            raise LookupError(f"DynamoDB has no values of the kind {kind}.")


def item_bytes(item: Mapping[str, Value]) -> int:
    """Of an item: the names and the values of its attributes."""
    return sum(len(name.encode()) + value_bytes(value) for name, value in item.items())


def write_units(size: int, *, transactional: bool) -> int:
    """For an item of so many bytes, before or after, whichever is more; a transaction prepares each write and commits it."""
    return max(1, ceil(size / UNIT_BYTES)) * (2 if transactional else 1)


@dataclass(frozen=True, slots=True)
class Touched:
    """An item that a call writes, or whose condition it checks."""

    verb: str
    table: str
    pk: str
    sk: str
    transactional: bool

    @classmethod
    def of(cls, verb: str, table: str, named: Mapping[str, Any], *, transactional: bool = False) -> "Touched":
        key = named.get("Key") or named["Item"]
        return cls(verb, table, key["pk"]["S"], key["sk"]["S"], transactional)

    @property
    def part(self) -> str:
        """What it is of, by the words in its key: `ledger log head, update ×2`."""
        word = self.pk.partition("#")[2].partition("#")[0]
        sort = self.sk.partition("#")[0]
        words = f"{word} {sort}" if word in {"log", "subject"} else word
        return f"{self.table.removesuffix('-table').rpartition('-')[2]} {words}, {self.verb}{' ×2' * self.transactional}"


def touched(operation: str, said: Mapping[str, Any]) -> Iterator[Touched]:
    """The items of a call, from its parameters; none where it only reads."""
    match operation:
        case "PutItem" | "UpdateItem" | "DeleteItem":
            yield Touched.of(operation.removesuffix("Item").lower(), said["TableName"], said)
        case "BatchWriteItem":
            for table, written in said["RequestItems"].items():
                for one in written:
                    ((verb, named),) = one.items()
                    yield Touched.of(verb.removesuffix("Request").lower(), table, named)
        case "TransactWriteItems":
            for one in said["TransactItems"]:
                ((verb, named),) = one.items()
                yield Touched.of(verb.removesuffix("Condition").lower(), named["TableName"], named, transactional=True)


@dataclass
class Meter:
    """Hears the calls of every client that is made from here on; `reader` is one that nobody hears."""

    reader: Any
    phase: str = ""
    units: Counter[tuple[str, str]] = field(default_factory=Counter)
    items: Counter[tuple[str, str]] = field(default_factory=Counter)
    bytes: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    calls: Counter[str] = field(default_factory=Counter)
    posted: list[dict[str, Any]] = field(default_factory=list)

    def before(self, event_name: str, params: Any, context: dict[str, Any], **_: Any) -> None:  # noqa: ANN401 - botocore's
        service, operation = event_name.split(".")[1:]
        self.calls[f"{service}.{operation}"] += 1
        if operation == "SendMessage":
            self.posted.append(json.loads(params["MessageBody"]))
        if service == "dynamodb" and self.phase:
            items = list(touched(operation, params))
            context["touched"] = list(zip(items, self._bytes(items), strict=True))

    def after(self, context: dict[str, Any], **_: Any) -> None:  # noqa: ANN401 - botocore's
        """A write is charged by the larger of what was there and what is; one whose condition failed, by what was there."""
        heard = context.get("touched", [])
        for (one, before), now in zip(heard, self._bytes([one for one, _ in heard]), strict=True):
            size, row = max(before, now), (self.phase, one.part)
            self.items[row] += 1
            self.units[row] += write_units(size, transactional=one.transactional)
            self.bytes[row] = max(self.bytes[row], size)

    def _bytes(self, items: Sequence[Touched]) -> list[int]:
        found: dict[Key, int] = {}
        for name in {one.table for one in items}:
            keys = [(one.pk, one.sk) for one in items if one.table == name]
            rows = Table(self.reader, name).get_many(keys, consistent=True)
            found |= {(name, *key): item_bytes(row) for key, row in rows.items()}
        return [found.get((one.table, one.pk, one.sk), 0) for one in items]

    @contextmanager
    def of(self, phase: str) -> Iterator[None]:
        self.phase = phase
        yield
        self.phase = ""

    def begin(self) -> None:
        self.units, self.items, self.bytes = Counter(), Counter(), defaultdict(int)
        self.calls, self.posted = Counter(), []


class Kind(StrEnum):
    """Whose consent it is."""

    NEW = "a new visitor answers the banner"
    KNOWN = "a visitor who is known answers the banner again"
    TYPED = "a new visitor subscribes with an e-mail address"


@dataclass
class Shop:
    """A tenant of its own, so that every case begins with an empty log."""

    app: Any
    stream: "Stream"
    meter: Meter
    tenant: TenantId

    def call(self, event: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        answer = self.app.app(event, None)
        if answer["statusCode"] not in {200, 201}:
            logged = sys.stdout.getvalue() if isinstance(sys.stdout, io.StringIO) else ""
            raise SystemExit(f"{logged}{event['path']} answered {answer['statusCode']}: {answer['body']}")
        return json.loads(answer["body"])

    def opened(self) -> "Shop":
        self._merchant("POST", SITES, {"site": "main", "name": "Bench", "origins": [ORIGIN]})
        self.config = self._merchant("POST", f"{SITES}/{{site}}/configs", {"after": 0}, site="main")
        self._merchant("POST", "/v1/admin/policies", {"id": POLICY, "kind": "consent_declaration", "titles": {"en": "News"}})
        draft = {"after": 0, "texts": {"en": "Yes, write to me."}, "change_note": "", "material": True}
        self._merchant("POST", "/v1/admin/policies/{policy}/versions", draft, policy=POLICY)
        self.stream.new()
        return self

    def _merchant(self, method: str, resource: str, body: object, **path: str) -> Any:  # noqa: ANN401 - JSON
        caller = {"tenant": str(self.tenant), "name": "bench", "scopes": " ".join(sorted(Scope))}
        event = request(method, resource.format(**path), resource=resource, authorizer=caller, body=body)
        return self.call({**event, "pathParameters": path or None})

    def decide(self, kind: Kind, *, token: str = "") -> str:
        """Post one act; gives the subject token of the answer."""
        said = {"secret": base64url(secrets.token_bytes(16)), **self._said(kind)} | ({"subject_token": token} if token else {})
        query = {"site": f"pk_{self.tenant}_main"}
        return str(self.call(request("POST", "/v1/consents", query=query, headers=BROWSER, body=said))["subject_token"])

    def _said(self, kind: Kind) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(refusal("", self.config)["body"])
        if kind is not Kind.TYPED:
            return said
        (act,) = said["acts"]
        shown = {"language": "en", "gpc": False, "layer": "form", "gesture": "checkbox"}
        kept = {name: act[name] for name in ("id", "at_client")}
        policy = {"id": POLICY, "version": 1, "language": "en"}
        identity = {"email": f"{secrets.token_hex(6)}@example.com", "name": "Maria Ivanova"}
        return {
            "acts": [{**kept, "act": "given", "section": "newsletter", "policy": policy, "shown": shown}],
            "identity": identity,
        }

    def follow(self) -> None:
        """Sequence what has been entered, make what follows from it, and sign at once, whenever the signature is due."""
        with self.meter.of("sequencing"):
            self.app.sequence({"Records": self.stream.new()}, None)
        committed = [body for body in self.meter.posted if "start" in body]
        with self.meter.of("projection"):
            for body in committed:
                self.app.project({"Records": [{"messageId": "1", "body": json.dumps(body), "receiptHandle": "1"}]}, None)
        with self.meter.of("signing"):
            self.app.wiring.signing(self.tenant, committed[0]["year"]).sign(now=datetime.now(UTC))

    def measure(self, kind: Kind, size: int) -> "Shop":
        tokens = [self.decide(kind) for _ in range(size)] if kind is Kind.KNOWN else [""] * size
        if kind is Kind.KNOWN:
            self.follow()
        self.meter.begin()
        with self.meter.of("accept"):
            for token in tokens:
                self.decide(kind, token=token)
        self.follow()
        return self


class Stream:
    """The register's stream, as Lambda's poller reads it."""

    def __init__(self, session: botocore.session.Session, table: str) -> None:
        # Typed by the stubs of boto3's session only.
        client: Any = session.create_client
        self.client = client("dynamodbstreams")
        self.arn = client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"]
        shard = self.client.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"][0]["ShardId"]
        told = {"StreamArn": self.arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        self.iterator = self.client.get_shard_iterator(**told)["ShardIterator"]

    def new(self) -> list[Any]:
        """What has come since the last time."""
        answer = self.client.get_records(ShardIterator=self.iterator)
        self.iterator = answer["NextShardIterator"]
        return [record_of(record, self.arn) for record in answer["Records"]]


@contextmanager
def deployed() -> Iterator[Callable[[], Shop]]:
    """The template's resources on moto and the app on them; gives what opens one more shop. What it logs is not shown."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "CONSENTINEL_"))]:
        del os.environ[name]
    # A DynamoDB endpoint with an account in it is an address that moto does not answer for.
    os.environ |= {"AWS_DEFAULT_REGION": resources.REGION, "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled"}
    with mock_aws(), redirect_stdout(io.StringIO()):
        session = botocore.session.Session()
        os.environ |= resources.create(session)
        meter = Meter(session.create_client("dynamodb"))
        # Every session made from here on is heard, whoever makes it.
        BUILTIN_HANDLERS.extend([("before-parameter-build", meter.before), ("after-call", meter.after)])
        app = importlib.import_module("app")
        settings = Settings.from_environment()
        stream = Stream(session, settings.register_table)

        def open_shop() -> Shop:
            # moto copies a table for every transaction, so those that have been measured must not be in it.
            empty(meter.reader, settings.ledger_table, settings.vault_table)
            tenant, _ = open_account("Bench", profile={}, wiring=app.wiring, now=datetime.now(UTC))
            return Shop(app, stream, meter, tenant).opened()

        yield open_shop


def empty(client: Any, *tables: str) -> None:  # noqa: ANN401 - DynamoDB's
    for table in tables:
        for page in client.get_paginator("scan").paginate(TableName=table, ProjectionExpression="pk, sk"):
            for key in page["Items"]:
                client.delete_item(TableName=table, Key=key)


@dataclass(frozen=True, slots=True)
class Column:
    """What a batch of so many consents has cost, part by part."""

    size: int
    units: Mapping[tuple[str, str], int]
    items: Mapping[tuple[str, str], int]
    bytes: Mapping[tuple[str, str], int]
    calls: Mapping[str, int]

    def each(self, row: tuple[str, str]) -> float:
        return self.units.get(row, 0) / self.size

    def accepted(self, table: str) -> float:
        """Items written while the visitor waits."""
        rows = ((phase, part) for phase, part in self.items if phase == "accept" and part.startswith(table))
        return sum(self.items[row] for row in rows) / self.size

    @property
    def sum(self) -> float:
        return sum(self.units.values()) / self.size


def columns(kind: Kind, sizes: Sequence[int], open_shop: Callable[[], Shop]) -> Iterator[Column]:
    for size in sizes:
        meter = open_shop().measure(kind, size).meter
        yield Column(size, dict(meter.units), dict(meter.items), dict(meter.bytes), Counter(meter.calls))


def report(kind: Kind, found: Sequence[Column]) -> Iterator[str]:
    """Rows in the order in which they come about."""

    def line(name: str, cells: Sequence[str], last: str = "") -> str:
        return (f"  {name:48}" + "".join(f"{cell:>9}" for cell in cells) + f"{last:>16}").rstrip()

    yield f"\n{kind}"
    yield line("write request units per consent, in a batch of", [str(one.size) for one in found], "largest item, B")
    for row in dict.fromkeys(row for one in found for row in one.units):
        largest = max(one.bytes.get(row, 0) for one in found)
        yield line(f"{row[0]:11} {row[1]}", [f"{one.each(row):.3f}" for one in found], str(largest))
    for table in ("register", "vault"):
        yield line(f"writes to the {table} while the visitor waits", [f"{one.accepted(table):.2f}" for one in found])
    for phase in dict.fromkeys(row[0] for one in found for row in one.units):
        yield line(f"sum of {phase}", [f"{sum(one.each(row) for row in one.units if row[0] == phase):.2f}" for one in found])
    yield line("sum", [f"{one.sum:.2f}" for one in found])
    yield line("US dollars for a million consents", [f"{one.sum * PRICE:.2f}" for one in found])
    yield line("beside them, per batch: objects put in S3", [str(one.calls["s3.PutObject"]) for one in found])
    yield line("beside them, per batch: signatures by KMS", [str(one.calls["kms.Sign"]) for one in found])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.bench.write_units", description=__doc__.partition("\n")[0])
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES, help="how many consents come together (1 25 256)")
    asked = parser.parse_args(arguments)
    print(f"Assumed: {PRICE} US dollars for a million write request units, on demand ({PRICED}).")
    print("Each batch gets a checkpoint of its own. Reads, S3, KMS and Lambda are not in the sums.")
    with deployed() as open_shop:
        found = {kind: list(columns(kind, asked.batches, open_shop)) for kind in Kind}
    for kind, measured in found.items():
        print("\n".join(report(kind, measured)))


if __name__ == "__main__":
    main()
