# SPDX-License-Identifier: Apache-2.0
"""A timestamp authority on loopback: `openssl ts` behind HTTP, and what a bad one would do."""

import contextlib
import http.server
import subprocess
import threading
from pathlib import Path

from lib import chains

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.crt
certs = {folder}/chain.crt
signer_key = {folder}/tsa.key
signer_digest = {signer_digest}
default_policy = {policy}
digests = sha256, sha384, sha512
accuracy = secs:{accuracy}
ess_cert_id_chain = no
ess_cert_id_alg = {ess}
tsa_name = no
"""


class Tsa:
    """Its own chain; what follows tokens and requests is settable while it runs."""

    def __init__(self, folder: Path, profiles=None, *, ess="sha256", accuracy=1, policy="1.2.3.4",
                 signer_digest="sha256", with_chain=True):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.profiles = profiles or (chains.TSA, chains.ROOT.but(common="tsa root", number=4))
        self.chain = chains.chain(*self.profiles)
        leaf = self.profiles[0]
        (self.folder / "tsa.key").write_bytes(
            chains.private_pem(chains.key(leaf.kind, leaf.number)))
        (self.folder / "tsa.crt").write_bytes(chains.pem(self.chain[0]))
        (self.folder / "chain.crt").write_bytes(
            chains.pem(*(self.chain if with_chain else self.chain[:1])))
        (self.folder / "root.crt").write_bytes(chains.pem(self.chain[-1]))
        (self.folder / "ts.cnf").write_text(CONFIG.format(
            folder=self.folder, ess=ess, accuracy=accuracy, policy=policy,
            signer_digest=signer_digest))
        self.root = self.folder / "root.crt"
        self.url = ""
        self.requests = 0
        self.behaviour = None  # from an honest reply to (status, type, body)

    def reply(self, query: bytes) -> bytes:
        """A TimeStampResp."""
        (self.folder / "q").write_bytes(query)
        subprocess.run(["openssl", "ts", "-reply", "-config", self.folder / "ts.cnf", "-queryfile",
                        self.folder / "q", "-out", self.folder / "r"], check=True, timeout=20,
                       capture_output=True)
        return (self.folder / "r").read_bytes()

    def token(self, message: bytes, digest: str = "sha256") -> bytes:
        """A token over a message, without asking by HTTP."""
        (self.folder / "m").write_bytes(message)
        query = subprocess.run(["openssl", "ts", "-query", "-data", self.folder / "m", "-cert",
                                f"-{digest}"], check=True, timeout=20, capture_output=True).stdout
        (self.folder / "answer").write_bytes(self.reply(query))
        subprocess.run(["openssl", "ts", "-reply", "-in", self.folder / "answer", "-token_out",
                        "-out", self.folder / "token"], check=True, timeout=20,
                       capture_output=True)
        return (self.folder / "token").read_bytes()


@contextlib.contextmanager
def serve(tsa: Tsa):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            query = self.rfile.read(int(self.headers["Content-Length"]))
            tsa.requests += 1
            answer = (200, "application/timestamp-reply", tsa.reply(query))
            if tsa.behaviour is not None:
                answer = tsa.behaviour(answer)
            self.send_response(answer[0])
            self.send_header("Content-Type", answer[1])
            self.send_header("Content-Length", str(len(answer[2])))
            self.end_headers()
            self.wfile.write(answer[2])

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    tsa.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield tsa
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
