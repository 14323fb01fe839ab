# SPDX-License-Identifier: Apache-2.0
"""The daemon under test: configured, started, ready, asked, stopped."""

import contextlib
import http.client
import json
import socket
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lib import peers
from lib.process import free_port, running, stop, wait_until
from lib.run import environment


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    def json(self):
        return json.loads(self.body)


def ask(host: str, method: str, path: str, body=None, *, headers: dict | None = None,
        tls_context: ssl.SSLContext | None = None, timeout: float = 30) -> Answer:
    """One request on its own connection. A dict or list body is sent as JSON."""
    headers = dict(headers or {})
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    if tls_context is not None:
        link = http.client.HTTPSConnection(host, timeout=timeout, context=tls_context)
    else:
        link = http.client.HTTPConnection(host, timeout=timeout)
    with contextlib.closing(link):
        link.request(method, path, body, headers)
        got = link.getresponse()
        return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())


def raw(host: str, data: bytes, timeout: float = 10) -> bytes:
    """Sends bytes as they are and reads until the server closes or says nothing for timeout."""
    name, port = host.rsplit(":", 1)
    answer = b""
    with socket.create_connection((name, int(port)), timeout=timeout) as link:
        link.sendall(data)
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            while chunk := link.recv(65536):
                answer += chunk
    return answer


class Notard:
    """A running daemon. host serves questions, probe_host the probes and metrics."""

    def __init__(self, process: subprocess.Popen, folder: Path, port: int, probe_port: int,
                 tls_context: ssl.SSLContext | None):
        self.process, self.folder, self.tls_context = process, folder, tls_context
        self.host = f"127.0.0.1:{port}"
        self.probe_host = f"127.0.0.1:{probe_port}"
        self.config_file = folder / "notard.json"
        self.log_file = folder / "notard.log"

    def ask(self, method: str, path: str, body=None, **options) -> Answer:
        return ask(self.host, method, path, body, tls_context=self.tls_context, **options)

    def probe(self, path: str) -> Answer:
        return ask(self.probe_host, "GET", path)

    def ready(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.probe("/readyz").status == 200
        return False

    def alive(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.probe("/livez").status == 200
        return False

    def verify(self, *images: str, timeout: str | None = None) -> list:
        """The verdicts of POST /v1/verify, an image each."""
        path = "/v1/verify" + (f"?timeout={timeout}" if timeout else "")
        answer = self.ask("POST", path, {"images": list(images)})
        assert answer.status == 200, answer
        return answer.json()["results"]

    def metrics(self) -> dict[str, float]:
        found = {}
        for line in self.probe("/metrics").body.decode().splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                found[name] = float(value)
        return found

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def stop(self) -> int:
        return stop(self.process)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def fill(value, **places):
    """Replaces "{port}" and the like in every string of a document."""
    if isinstance(value, dict):
        return {key: fill(inner, **places) for key, inner in value.items()}
    if isinstance(value, list):
        return [fill(inner, **places) for inner in value]
    if isinstance(value, str):
        for name, place in places.items():
            value = value.replace("{" + name + "}", str(place))
    return value


@contextlib.contextmanager
def notard(folder: Path, config: dict, *, state: Path | None = None,
           tls_context: ssl.SSLContext | None = None, env: dict | None = None, ready=None):
    """Starts notard with the configuration, in which "{port}" and "{probe_port}" become free
    ports and "{folder}" the folder; waits for /readyz, or for ready(daemon); stops it afterwards."""
    program = peers.need("notard")
    folder.mkdir(parents=True, exist_ok=True)
    state = state or folder / "state"
    state.mkdir(exist_ok=True)
    port, probe_port = free_port(), free_port()
    made = fill(config, port=port, probe_port=probe_port, folder=folder)
    (folder / "notard.json").write_text(json.dumps(made, indent=1))
    argv = [program, "--config", folder / "notard.json", "--state", state]
    log = folder / "notard.log"
    with running(argv, log, env=env or environment()) as process:
        daemon = Notard(process, folder, port, probe_port, tls_context)
        wait_until(lambda: (ready or Notard.ready)(daemon), "notard", process, log)
        yield daemon
