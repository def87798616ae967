"""An unpacked bundle run as Lambda runs it: by the real runtime client, in a process of its own, over a Runtime API of ours."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import files
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, Self

LOOPBACK = "127.0.0.1"
API = "/2018-06-01/runtime"
NEXT = f"{API}/invocation/next"
FUNCTION = "arn:aws:lambda:eu-central-1:123456789012:function:played"
CLIENT = ("awslambdaric", "snapshot-restore-py", "simplejson")
# Without site-packages: the client, the bundle and the standard library are all there is.
START = "import sys; sys.path[:0] = sys.argv[1:3]; from awslambdaric.__main__ import main; main(['', sys.argv[3]])"
ANSWERS_WITHIN_S = 60


class Failed(Exception):
    """The handler raised, or could not be imported; with what the runtime client says of it."""


class RuntimeApi(ThreadingHTTPServer):
    """Hands out events one by one, and takes in what becomes of each."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), _Talk)
        self.events: Queue[bytes] = Queue()
        self.outcomes: Queue[tuple[str, bytes]] = Queue()


class _Talk(BaseHTTPRequestHandler):
    server: RuntimeApi

    def do_GET(self) -> None:
        event = self.server.events.get()
        self.send_response(HTTPStatus.OK)
        told = {"Aws-Request-Id": "1", "Invoked-Function-Arn": FUNCTION, "Deadline-Ms": "9999999999999"}
        for name, value in {**told, "Content-Type": "application/json", "Content-Length": str(len(event))}.items():
            self.send_header(f"Lambda-Runtime-{name}" if name in told else name, value)
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(HTTPStatus.ACCEPTED)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.outcomes.put((self.path.rpartition("/")[2], body))

    def log_message(self, *_: object) -> None:
        """Nothing: whoever invokes sees what comes of it."""


def client_folder(folder: Path) -> Path:
    """The runtime client and what it imports, without the rest of this environment's packages."""
    for package in CLIENT:
        for file in files(package) or []:
            if file.suffix in {".py", ".so"} and ".." not in file.parts:
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.locate(), target)
    return folder


@dataclass
class Function:
    """One container of a function."""

    code: Path
    client: Path
    handler: str
    environment: Mapping[str, str]
    log: Path

    def __enter__(self) -> Self:
        self.api = RuntimeApi()
        self.thread = Thread(target=self.api.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": f"{LOOPBACK}:{self.api.server_address[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": "played",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3",
            "LAMBDA_TASK_ROOT": str(self.code),
            **self.environment,
        }
        # -B as Lambda's file system, which takes no bytecode.
        command = [sys.executable, "-I", "-S", "-B", "-c", START, str(self.client), str(self.code), self.handler]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, env=environment, cwd=self.code, stdout=log, stderr=log)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.cpu_s = _cpu_s(self.process)
        self.api.shutdown()
        self.thread.join()
        self.api.server_close()

    def invoke(self, event: object) -> Any:  # noqa: ANN401 - what the handler answers
        """Raises `Failed`."""
        self.api.events.put(json.dumps(event).encode())
        kind, body = self.api.outcomes.get(timeout=ANSWERS_WITHIN_S)
        if kind != "response":
            raise Failed(body.decode())
        return json.loads(body)


def _cpu_s(process: "subprocess.Popen[bytes]") -> float:
    """User and system time of a process that has been ended, waited for here."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def request(  # noqa: PLR0913 - an HTTP request has these parts
    method: str,
    path: str,
    *,
    resource: str = "",
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: object = None,
    authorizer: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What a REST API's proxy integration hands to its function."""
    sent = {"content-type": "application/json", **(headers or {})}
    return {
        "resource": resource or path,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource or path,
            "httpMethod": method,
            "path": path,
            "identity": {"sourceIp": "192.0.2.7"},
            "authorizer": dict(authorizer or {}),
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
