"""A visitor decides, it is sequenced, listed and signed, and they are erased; each step begun again until it is done."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from types import ModuleType
from typing import Any

from botocore.exceptions import ClientError

from tests.faults.faults import Crash, Faults
from tests.support.aws import Aws, empty
from tests.support.storefront import Browser, Shop, answered, decision
from tests.support.streams import Stream

MOST = 8


class NeverDone(AssertionError):
    """A step that does not come to an end however often it is begun."""


@dataclass
class Story:
    """Told once for each fault; what waits is handed over again until nothing fails, as Lambda and the browser do."""

    app: ModuleType
    aws: Aws
    shop: Shop
    stream: Stream
    now: datetime
    faults: Faults = field(default_factory=Faults)
    acts: list[dict[str, Any]] = field(default_factory=list)
    restarts: int = 0

    def tell(self) -> None:
        browser = self.shop.browser()
        self.acts = [decision(self.shop, self.now), answered("terms", self.now), decision(self.shop, self.now, "performance")]
        self._until_done(lambda: self._accepts(browser, self.acts[0]))
        self._until_done(lambda: self._accepts(browser, self.acts[1], identity={"email": "ann@example.com", "name": "Ann Lee"}))
        self._sequence()
        self._until_done(lambda: self._accepts(browser, self.acts[2]))
        self._sequence()
        self._sign()
        self._erase()
        self._sequence()
        self._sign()

    def leave(self) -> None:
        """Nothing is left for the next story to wade through."""
        empty()
        forget(self.app)

    def _accepts(self, browser: Browser, act: dict[str, Any], **members: Any) -> bool:
        return browser.submit(act, **members).status in {200, 201}

    def _sequence(self) -> None:
        waiting = self.stream.records()
        self._until_done(lambda: self.stream.sequence(waiting) == [])
        self._feed()
        self._drain(self.aws_queue("batch_queue"), self.app.project)

    def _feed(self) -> None:
        """Entries that had to wait in the sequencer's queue."""
        for body in self.stream.queue(self.aws_queue("ledger_queue")):
            if json.loads(body)["do"] == "sequence":
                self._until_done(partial(_handled, self.app.ledger, _record(body)))

    def _sign(self) -> None:
        """What the sequencer asks itself for, whenever it is due."""
        message = {"do": "sign", "tenant": self.shop.tenant, "year": self.now.year}
        self._until_done(partial(_handled, self.app.ledger, _record(json.dumps(message))))

    def _erase(self) -> None:
        body = {"record": self.acts[0]["id"], "how": "shred", "reason": "They asked."}
        self._until_done(lambda: self.shop.call("POST", "/erasures", body).status in {202, 410})
        self._drain(self.aws_queue("upkeep_queue"), self.app.upkeep)

    def aws_queue(self, name: str) -> str:
        return str(getattr(self.app.wiring.settings, name))

    def _drain(self, url: str, function: Callable[[Any, None], Any]) -> None:
        """A message comes again until it has been handled; what handling it posts is taken with the next drain."""
        for body in self.stream.queue(url):
            self._until_done(partial(_handled, function, _record(body)))

    def _until_done(self, step: Callable[[], bool]) -> None:
        for _ in range(MOST):
            try:
                with self.faults.on():
                    done = step()
                if done:
                    return
            except Crash:
                self.restarts += 1
                forget(self.app)
            except ClientError:
                continue  # the authorizer's, which the gateway answers with 500
        raise NeverDone


def _handled(function: Callable[[Any, None], Any], record: dict[str, Any]) -> bool:
    return bool(function({"Records": [record]}, None) == {"batchItemFailures": []})


def _record(body: str) -> dict[str, Any]:
    return {"messageId": "1", "body": body, "eventSource": "aws:sqs", "receiptHandle": "1"}


def forget(app: ModuleType) -> None:
    """A new container remembers nothing."""
    wiring = app.wiring
    for cache in (wiring._roots, wiring._sites, wiring._tenants, wiring._versions, wiring._configs):  # noqa: SLF001 - what a new container lacks
        cache.clear()


def rows(aws: Aws, table: str) -> Iterator[dict[str, Any]]:
    """Everything in a table."""
    request: Any = {"TableName": table}
    while True:
        answer = aws.dynamodb.scan(**request)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
