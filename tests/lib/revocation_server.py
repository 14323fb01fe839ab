# SPDX-License-Identifier: Apache-2.0
"""OCSP responder and CRL server on loopback, honest or not, as a test says."""

import base64
import contextlib
import http.server
import threading
import time
import urllib.parse
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from lib import chains
from lib.chains import NOW

DER = serialization.Encoding.DER


def ocsp_extension(url: str):
    return (x509.AuthorityInformationAccess([x509.AccessDescription(
        AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url))]), False)


def _points(*urls: str):
    return [x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
            for url in urls]


def crl_extension(*urls: str):
    return (x509.CRLDistributionPoints(_points(*urls)), False)


def freshest_extension(*urls: str):
    return (x509.FreshestCRL(_points(*urls)), False)


class Authority:
    """Answers for what one issuer has signed. `status` is good, revoked or unknown."""

    def __init__(self, issuer: chains.Profile):
        self.issuer = issuer
        self.issued = {}  # certificates by serial
        self.status = "good"
        self.signer = issuer  # whose key signs the answers
        self.start, self.end = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
        self.next_update = True
        self.invalid_since = None
        self.number, self.delta_of = 5, None
        self.delta_url = None
        self.part = None  # the only distribution point that its list is for
        self.entries = None  # (serial, reason, date), instead of status
        self.other_serial = False
        self.hash = hashes.SHA256

    def certificate(self):
        return chains.certificate(self.issuer)

    def answer(self, request: bytes) -> bytes:
        asked = ocsp.load_der_ocsp_request(request)
        cert = self.issued[asked.serial_number]
        if self.other_serial:
            cert = chains.certificate(chains.LEAF, self.issuer)
        builder = ocsp.OCSPResponseBuilder()
        if self.status == "unknown":
            return ocsp.OCSPResponseBuilder.build_unsuccessful(
                ocsp.OCSPResponseStatus.UNAUTHORIZED).public_bytes(DER)
        revoked = self.status == "revoked"
        builder = builder.add_response(
            cert=cert, issuer=self.certificate(), algorithm=hashes.SHA1(),
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=self.start, next_update=self.end if self.next_update else None,
            revocation_time=NOW - timedelta(hours=2) if revoked else None,
            revocation_reason=None)
        signer = chains.certificate(self.signer)
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, signer)
        return builder.sign(chains.key(self.signer.kind, self.signer.number),
                            hashes.SHA256()).public_bytes(DER)

    def crl(self) -> bytes:
        builder = (x509.CertificateRevocationListBuilder().issuer_name(self.issuer.subject())
                   .last_update(self.start).next_update(self.end)
                   .add_extension(x509.CRLNumber(self.number), False))
        if self.delta_of is not None:
            builder = builder.add_extension(x509.DeltaCRLIndicator(self.delta_of), True)
        if self.delta_url is not None:
            builder = builder.add_extension(x509.FreshestCRL(_points(self.delta_url)), False)
        if self.part is not None:
            builder = builder.add_extension(x509.IssuingDistributionPoint(
                [x509.UniformResourceIdentifier(self.part)], None, False, False, None, False,
                False), True)
        entries = self.entries
        if entries is None:
            entries = [(serial, None, NOW - timedelta(hours=2)) for serial in self.issued] \
                if self.status == "revoked" else []
        for serial, reason, date in entries:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(date)
            if reason is not None:
                entry = entry.add_extension(x509.CRLReason(reason), False)
            if self.invalid_since is not None:
                entry = entry.add_extension(x509.InvalidityDate(self.invalid_since), False)
            builder = builder.add_revoked_certificate(entry.build())
        private = chains.key(self.signer.kind, self.signer.number)
        made = builder.sign(private, hashes.SHA256())
        if self.hash is hashes.SHA1:
            return chains.over_sha1(made.public_bytes(DER), made.tbs_certlist_bytes,
                                    made.signature, private)
        return made.public_bytes(DER)


class Server:
    """Paths to callables of the request's body (or path), each giving bytes or (status, bytes)."""

    def __init__(self):
        self.paths, self.hits, self.base = {}, {}, ""

    def url(self, path: str) -> str:
        return self.base + path

    def ocsp(self, path: str, authority: Authority, twist=None) -> None:
        self.paths[path] = lambda body: (twist or (lambda a: a))(authority.answer(body))

    def crl(self, path: str, authority: Authority, twist=None) -> None:
        self.paths[path] = lambda _: (twist or (lambda a: a))(authority.crl())


@contextlib.contextmanager
def serve():
    made = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.answer(self.path, self.rfile.read(int(self.headers["Content-Length"])))

        def do_GET(self):
            head, _, rest = self.path[1:].partition("/")
            self.answer("/" + head, base64.b64decode(urllib.parse.unquote(rest)) if rest else b"")

        def answer(self, path, body):
            made.hits[path] = made.hits.get(path, 0) + 1
            found = made.paths[path](body) if path in made.paths else (404, b"")
            status, data = found if isinstance(found, tuple) else (200, found)
            with contextlib.suppress(OSError):
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", made.base + "/elsewhere")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def slowly(seconds: float):
    def twist(answer):
        time.sleep(seconds)
        return answer
    return twist
