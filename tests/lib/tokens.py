# SPDX-License-Identifier: Apache-2.0
"""A distribution token service: Basic credentials in, short-lived signed tokens out."""

import base64
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from lib import tls
from lib.run import run


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class TokenServer:
    """Use as a context manager. asked holds (query, whether credentials came) of each request."""

    service, issuer = "registry.test", "tokens.test"

    def __init__(self, folder: Path, user: str, password: str, lifetime_s: int = 300):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self.lifetime_s = folder, lifetime_s
        self._expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.certificate = tls.authority(folder, "token issuer", "RSA")
        self.asked: list[tuple[dict, bool]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server._answer(self)

            def log_message(self, *args):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.realm = f"http://127.0.0.1:{self._http.server_port}/token"

    def __enter__(self):
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exc):
        self._http.shutdown()
        self._http.server_close()

    def _answer(self, http: BaseHTTPRequestHandler) -> None:
        query = parse_qs(urlsplit(http.path).query)
        allowed = http.headers.get("Authorization") == self._expected
        self.asked.append((query, "Authorization" in http.headers))
        body = b'{"errors":[{"code":"UNAUTHORIZED"}]}'
        if allowed:
            body = json.dumps({"token": self.token(query.get("scope", [])),
                               "expires_in": self.lifetime_s}).encode()
        http.send_response(200 if allowed else 401)
        http.send_header("Content-Type", "application/json")
        http.send_header("Content-Length", str(len(body)))
        http.end_headers()
        http.wfile.write(body)

    def token(self, scopes: list[str]) -> str:
        now, access = int(time.time()), []
        for scope in " ".join(scopes).split():
            kind, rest = scope.split(":", 1)
            name, actions = rest.rsplit(":", 1)
            access.append({"type": kind, "name": name, "actions": actions.split(",")})
        run(("openssl", "x509", "-in", self.certificate.cert, "-outform", "DER",
             "-out", self._folder / "leaf.der")).ok()
        der = (self._folder / "leaf.der").read_bytes()
        header = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]}
        claims = {"iss": self.issuer, "sub": "ann", "aud": self.service, "iat": now,
                  "nbf": now - 5, "exp": now + self.lifetime_s, "jti": secrets.token_hex(8),
                  "access": access}
        signed = _b64url(json.dumps(header).encode()) + "." + _b64url(json.dumps(claims).encode())
        message = self._folder / f"message-{secrets.token_hex(4)}"
        message.write_text(signed)
        run(("openssl", "dgst", "-sha256", "-sign", self.certificate.key, "-out",
             f"{message}.sig", message)).ok()
        return signed + "." + _b64url(Path(f"{message}.sig").read_bytes())
