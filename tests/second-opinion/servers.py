"""Starts the sandbox and moto on 127.0.0.1, and ends them whatever happens."""
import atexit
import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.config

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
ACCOUNT = "123456789012"
START_SECONDS = 60.0

_running: list["subprocess.Popen[str]"] = []


def _end_all() -> None:
    for process in list(_running):
        _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    """Asks a server to end, and ends it if it does not."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process in _running:
        _running.remove(process)


# atexit does not run for a signal: SIGTERM becomes an exit, which unwinds every `with`, too.
atexit.register(_end_all)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def bare_environment() -> dict[str, str]:
    """The environment without anything that could lead a program to a real AWS account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SANDBOX_"))}
    nothing = "/nonexistent/second-opinion"
    return kept | {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": nothing,
        "AWS_SHARED_CREDENTIALS_FILE": nothing,
    }


class Aws:
    """An account and Region of a running server: the environment of its clients, and boto3 clients."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    @property
    def endpoint(self) -> str:
        """Where the server listens."""
        return self.environment["AWS_ENDPOINT_URL"]

    @property
    def region(self) -> str:
        """The Region."""
        return self.environment["AWS_REGION"]

    def client(self, service: str, *, strict: bool = True, **changes: Any) -> Any:
        """A client that tries once. Without `strict` it sends whatever it is told to, for AWS to refuse."""
        settings = botocore.config.Config(
            retries={"total_max_attempts": 1}, parameter_validation=strict,
            signature_version=changes.pop("signature_version", None),
        )
        options: dict[str, Any] = {
            "endpoint_url": self.endpoint,
            "region_name": self.region,
            "aws_access_key_id": self.environment["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": self.environment["AWS_SECRET_ACCESS_KEY"],
            "aws_session_token": self.environment.get("AWS_SESSION_TOKEN"),
            "config": settings,
        }
        return boto3.session.Session().client(service, **(options | changes))

    def elsewhere(self, account: str, region: str) -> "Aws":
        """The same sandbox in another account or Region, with the credentials that it gives out for it."""
        return Aws(self.control("GET", f"credentials?account={account}&region={region}"))

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the sandbox's control API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_sandbox/{path}", data, method=method)
        request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.load(answer)


@contextlib.contextmanager
def _process(
    command: list[str], environment: dict[str, str], *, piped: bool = False,
) -> Iterator[tuple["subprocess.Popen[str]", Any]]:
    """A server, and the file that its complaints go to."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE if piped else errors, stderr=errors, stdin=subprocess.DEVNULL, text=True,
            env=environment,
        )
        _running.append(process)
        try:
            yield process, errors
        finally:
            _end(process)


def _complaint(command: list[str], errors: Any) -> RuntimeError:
    errors.seek(0)
    return RuntimeError(f"{command[0]} did not start: {errors.read().strip()[-2000:]}")


@contextlib.contextmanager
def sandbox(*options: str) -> Iterator[Aws]:
    """A sandbox on a free port. It records its calls to the file that SANDBOX_RECORD names, if that is set."""
    environment = bare_environment()
    if record := os.environ.get("SANDBOX_RECORD"):
        environment["SANDBOX_RECORD"] = record
    command = [str(PROGRAMS / "sandbox"), "--port", "0", *options]
    with _process(command, environment, piped=True) as (process, errors):
        # It prints the variables once it listens, the Region last.
        watchdog = threading.Timer(START_SECONDS, process.kill)
        watchdog.start()
        exported: dict[str, str] = {}
        assert process.stdout is not None
        for line in process.stdout:
            exported |= exports(line)
            if "AWS_DEFAULT_REGION" in exported:
                break
        watchdog.cancel()
        if "AWS_DEFAULT_REGION" not in exported:
            raise _complaint(command, errors)
        yield Aws(exported)


def exports(text: str) -> dict[str, str]:
    """The variables of `export NAME=value` lines."""
    found = {}
    for line in text.splitlines():
        match shlex.split(line):
            case ["export", assignment] if "=" in assignment:
                name, _, value = assignment.partition("=")
                found[name] = value
    return found


def free_port() -> int:
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def moto(region: str) -> Iterator[Aws]:
    """A moto server. It takes no port 0 that it would tell us, so another program may be faster: then once more."""
    for attempt in range(3):
        port = free_port()
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with _process(command, bare_environment()) as (process, errors):
            if not _listens(process, port):
                if attempt == 2:
                    raise _complaint(command, errors)
                continue
            yield Aws({
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "AWS_ACCESS_KEY_ID": "AKIASECONDOPINION000",
                "AWS_SECRET_ACCESS_KEY": "not-checked-by-moto",
                "AWS_REGION": region,
                "AWS_DEFAULT_REGION": region,
            })
            return


def _listens(process: "subprocess.Popen[str]", port: int) -> bool:
    """Waits until a server accepts connections, or has given up."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return process.poll() is None
        time.sleep(0.05)
    return False
