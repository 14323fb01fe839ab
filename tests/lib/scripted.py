# SPDX-License-Identifier: Apache-2.0
"""An HTTP server that answers by a function and remembers what it was asked.

    with ScriptedServer(answer) as server: ...   answer(Request) -> Response
"""

import contextlib
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lib import tls
from lib.honest import Request, Response


@dataclass
class Seen:
    """One request and what became of the answer."""
    request: Request
    status: int = 0
    sent: int = 0  # body bytes the client let us send
    cut: bool = False  # the client hung up on us

    def __str__(self) -> str:
        return f"{self.request.method} {self.request.target} {self.status}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    owner: "ScriptedServer"

    def handle(self):
        with contextlib.suppress(OSError):
            super().handle()

    def _do(self):
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self._chunked() if "chunked" in headers.get("transfer-encoding", "") \
            else self.rfile.read(length)
        request = Request.parse(self.command, self.path, headers, body)
        seen = self.owner.note(request)
        response = self.owner.answer(request)
        seen.status = response.status
        try:
            self._send(request, response, seen)
        except OSError:
            seen.cut, self.close_connection = True, True

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _do

    def _chunked(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send(self, request: Request, response: Response, seen: Seen) -> None:
        whole = isinstance(response.body, bytes)
        length = response.length
        if length is None and whole:
            length = len(response.body)
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        if length is None or response.hang_up:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if request.method != "HEAD":
            for chunk in [response.body] if whole else response.body:
                if self.owner.stopping.is_set():
                    break
                self.wfile.write(chunk)
                seen.sent += len(chunk)
        if response.hang_up:
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *args):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *args):
        """A client that leaves is what many tests want."""


class ScriptedServer:
    """Listens on host and a free port. answer runs on the connection's own thread."""

    def __init__(self, answer, host: str = "127.0.0.1", certificate: tls.Certificate | None = None):
        self.answer = answer
        self.stopping = threading.Event()
        self._seen: list[Seen] = []
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._http = _Server((host, 0), handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.cert, certificate.key)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True,
                                                    do_handshake_on_connect=False)
        scheme = "http" if certificate is None else "https"
        self.host = f"{host}:{self._http.server_port}"
        self.url = f"{scheme}://{self.host}"

    def __enter__(self):
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exc):
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()

    def note(self, request: Request) -> Seen:
        seen = Seen(request)
        with self._lock:
            self._seen.append(seen)
        return seen

    def seen(self, kind: str | None = None, method: str | None = None) -> list[Seen]:
        with self._lock:
            return [s for s in self._seen if kind in (None, s.request.kind)
                    and method in (None, s.request.method)]

    def forget(self) -> None:
        with self._lock:
            self._seen.clear()

    def pause(self, seconds: float) -> bool:
        """Sleeps; true when the server is being stopped meanwhile."""
        return self.stopping.wait(seconds)

    def secrets_seen(self) -> list[str]:
        """Every Authorization or Cookie value anybody sent here."""
        return [value for s in self.seen() for name, value in s.request.headers.items()
                if name in ("authorization", "proxy-authorization", "cookie")]

    def wait_cut(self, seen: Seen, limit_s: float = 5) -> bool:
        """Whether the client hung up on that answer; waits for the kernel to tell us."""
        deadline = time.monotonic() + limit_s
        while not seen.cut and time.monotonic() < deadline:
            time.sleep(0.02)
        return seen.cut
