# SPDX-License-Identifier: Apache-2.0
"""Sigstore's services on loopback: tokens, Fulcio v2, Rekor v1 and v2, a timestamp authority, and
the trusted_root.json and signing_config.json that go with them.

    with serve(SigstoreServices(tmp_path)) as services:
        services.write()            # services.trusted_root, services.signing_config are files
        services.token("a@b.example")
"""

import base64
import contextlib
import hashlib
import http.server
import json
import struct
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from lib import chains
from lib.merkle_log import Log, b64, canonical, sha256, spki
from lib.tsa import Tsa

ISSUER_V1 = ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
ISSUER_V2 = ObjectIdentifier("1.3.6.1.4.1.57264.1.8")
SCT_LIST = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
START = (datetime.now(timezone.utc) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
CODE_SIGNING = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _claims(token: str) -> dict:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "notar tests"),
                      x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _der_octets(data: bytes) -> bytes:
    assert len(data) < 0x10000
    size = len(data)
    head = bytes([size]) if size < 0x80 else (
        b"\x81" + bytes([size]) if size < 0x100 else b"\x82" + struct.pack(">H", size))
    return b"\x04" + head + data


class Fulcio:
    """An authority with an intermediate, and a certificate log's key."""

    def __init__(self):
        self.keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
        self.ct_key = ec.generate_private_key(ec.SECP256R1())
        self.root = self._ca("fulcio root", None)
        self.intermediate = self._ca("fulcio intermediate", self.root)

    def _ca(self, text: str, issuer) -> x509.Certificate:
        own = self.keys[0 if issuer is None else 1]
        now = datetime.now(timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(_name(text))
                   .issuer_name(issuer.subject if issuer else _name(text))
                   .public_key(own.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - timedelta(days=1))
                   .not_valid_after(now + timedelta(days=30))
                   .add_extension(x509.BasicConstraints(True, None if issuer is None else 0), True)
                   .add_extension(chains.usage("key_cert_sign", "crl_sign"), True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()),
                                  False))
        if issuer is not None:
            builder = builder.add_extension(CODE_SIGNING, False)
        return builder.sign(self.keys[0], hashes.SHA256())

    def _leaf(self, public, claims: dict) -> x509.CertificateBuilder:
        now = datetime.now(timezone.utc).replace(microsecond=0)
        name = (x509.RFC822Name(claims["email"]) if "email" in claims
                else x509.UniformResourceIdentifier(claims["sub"]))
        issuer = claims["iss"].encode()
        assert len(issuer) < 0x80
        return (x509.CertificateBuilder().subject_name(x509.Name([]))
                .issuer_name(self.intermediate.subject).public_key(public)
                .serial_number(x509.random_serial_number())
                .not_valid_before(now).not_valid_after(now + timedelta(minutes=10))
                .add_extension(chains.usage("digital_signature"), True)
                .add_extension(CODE_SIGNING, False)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(
                    self.keys[1].public_key()), False)
                .add_extension(x509.SubjectAlternativeName([name]), True)
                .add_extension(x509.UnrecognizedExtension(ISSUER_V1, issuer), False)
                .add_extension(x509.UnrecognizedExtension(
                    ISSUER_V2, b"\x0c" + bytes([len(issuer)]) + issuer), False))

    def _sct_list(self, tbs: bytes) -> bytes:
        """Over the certificate as it is without the list."""
        stamp = struct.pack(">Q", int(time.time() * 1000))
        signed = (b"\0\0" + stamp + b"\0\1" + sha256(spki(self.keys[1]))
                  + struct.pack(">I", len(tbs))[1:] + tbs + b"\0\0")
        signature = self.ct_key.sign(signed, ec.ECDSA(hashes.SHA256()))
        sct = (b"\0" + sha256(spki(self.ct_key)) + stamp + b"\0\0" + b"\4\3"
               + struct.pack(">H", len(signature)) + signature)
        inner = struct.pack(">H", len(sct)) + sct
        return struct.pack(">H", len(inner)) + inner

    def certify(self, public, claims: dict) -> list[str]:
        """PEM: leaf, intermediate, root."""
        builder = self._leaf(public, claims)
        tbs = builder.sign(self.keys[1], hashes.SHA256()).tbs_certificate_bytes
        leaf = builder.add_extension(
            x509.UnrecognizedExtension(SCT_LIST, _der_octets(self._sct_list(tbs))),
            False).sign(self.keys[1], hashes.SHA256())
        return [c.public_bytes(serialization.Encoding.PEM).decode()
                for c in (leaf, self.intermediate, self.root)]


def _proven_key(request: dict, claims: dict):
    """Of a request by either form: notar's, which is PKCS#10, or cosign's."""
    if "certificateSigningRequest" in request:
        pem = base64.b64decode(request["certificateSigningRequest"], validate=True)
        csr = x509.load_pem_x509_csr(pem)
        assert csr.is_signature_valid
        return csr.public_key()
    asked = request["publicKeyRequest"]
    public = serialization.load_pem_public_key(asked["publicKey"]["content"].encode())
    public.verify(base64.b64decode(asked["proofOfPossession"]),
                  claims.get("email", claims["sub"]).encode(), ec.ECDSA(hashes.SHA256()))
    return public


def _body_v1(request: dict) -> bytes:
    """What Rekor v1 makes of a request."""
    if request["kind"] == "hashedrekord":
        return canonical(request)
    proposed = request["spec"]["proposedContent"]
    envelope = json.loads(proposed["envelope"])
    digest = lambda data: {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}
    return canonical({"apiVersion": "0.0.1", "kind": "dsse", "spec": {
        "envelopeHash": digest(proposed["envelope"].encode()),
        "payloadHash": digest(base64.b64decode(envelope["payload"])),
        "signatures": [{"signature": envelope["signatures"][0]["sig"],
                        "verifier": proposed["verifiers"][0]}]}})


def _body_v2(request: dict) -> bytes:
    asked = request["hashedRekordRequestV002"]
    return canonical({"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": {
        "hashedRekordV002": {"data": {"algorithm": "SHA2_256", "digest": asked["digest"]},
                             "signature": asked["signature"]}}})


class SigstoreServices:
    """behaviour: from (path, honest answer) to an answer (status, headers, body); None: honest.
    requests: (method, path, headers, body) of each."""

    def __init__(self, folder: Path, issuer: str = "https://issuer.example"):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.issuer = issuer
        self.fulcio = Fulcio()
        self.log_v1 = Log("v1", "rekor.example")
        self.log_v2 = Log("v2", "log2.example")
        self.tsa = Tsa(self.folder / "tsa")
        self.token_key = ec.generate_private_key(ec.SECP256R1())
        self.trusted_root = self.folder / "trusted_root.json"
        self.signing_config = self.folder / "signing_config.json"
        self.behaviour = None
        self.requests = []
        self.url = ""
        self._lock = threading.Lock()

    def token(self, subject: str = "signer@notar.example", *, lives_s: int = 300,
              audience: str = "sigstore", **more) -> str:
        """A JWT. A subject with an @ has it as its e-mail too."""
        body = {"iss": self.issuer, "sub": subject, "aud": audience, "iat": int(time.time()),
                "exp": int(time.time()) + lives_s, **more}
        if "@" in subject:
            body.setdefault("email", subject)
            body.setdefault("email_verified", True)
        signed = f"{_url64(canonical({'alg': 'ES256'}))}.{_url64(canonical(body))}"
        signature = self.token_key.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
        return f"{signed}.{_url64(signature)}"

    # Documents

    def write(self, *, rekor: int = 1, tsa: bool = True) -> None:
        """Both files. rekor: 1, 2, or 0 for no log."""
        self.trusted_root.write_text(json.dumps(self.root_document(), indent=1))
        self.signing_config.write_text(json.dumps(self.config_document(rekor, tsa), indent=1))

    def config_document(self, rekor: int = 1, tsa: bool = True) -> dict:
        def service(path, version=1):
            return [{"url": self.url + path, "majorApiVersion": version,
                     "validFor": {"start": START}, "operator": "notar.example"}]

        config = {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
                  "caUrls": service("/fulcio"), "oidcUrls": service("/oidc"),
                  "rekorTlogConfig": {"selector": "ANY"}, "tsaConfig": {"selector": "ANY"}}
        if rekor:
            config["rekorTlogUrls"] = service(f"/rekor{rekor}", rekor)
        if tsa:
            config["tsaUrls"] = service("/tsa")
        return config

    def root_document(self) -> dict:
        def log(url, key, log_id, details="PKIX_ECDSA_P256_SHA_256"):
            return {"baseUrl": url, "hashAlgorithm": "SHA2_256", "logId": {"keyId": b64(log_id)},
                    "publicKey": {"rawBytes": b64(spki(key)), "keyDetails": details,
                                  "validFor": {"start": START}}}

        def authority(url, certificates):
            raw = [c.public_bytes(serialization.Encoding.DER) for c in certificates]
            return {"subject": {"organization": "notar tests", "commonName": "tests"}, "uri": url,
                    "certChain": {"certificates": [{"rawBytes": b64(der)} for der in raw]},
                    "validFor": {"start": START}}

        ct_key = self.fulcio.ct_key
        return {"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [log("https://rekor.example", self.log_v1.key, self.log_v1.id),
                          log("https://log2.example", self.log_v2.key, self.log_v2.id,
                              "PKIX_ED25519")],
                "certificateAuthorities": [authority("https://fulcio.example", (
                    self.fulcio.intermediate, self.fulcio.root))],
                "ctlogs": [log("https://ct.example", ct_key, sha256(spki(ct_key)))],
                "timestampAuthorities": [authority("https://tsa.example", self.tsa.chain)]}

    # Answers: (status, headers, body)

    def _json(self, status: int, value, **headers) -> tuple:
        return status, {"Content-Type": "application/json", **headers}, json.dumps(value).encode()

    def _certify(self, headers, body: bytes) -> tuple:
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or _claims(token)["exp"] < time.time():
            return self._json(401, {"code": 16, "message": "There was an error processing it"})
        chain = self.fulcio.certify(_proven_key(json.loads(body), _claims(token)), _claims(token))
        return self._json(200, {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}})

    def _enter_v1(self, body: bytes) -> tuple:
        uuid, is_new, answer = self.log_v1.enter_v1(_body_v1(json.loads(body)))
        where = f"/rekor1/api/v1/log/entries/{uuid}"
        if is_new:
            return self._json(201, answer, Location=where)
        return self._json(409, {"code": 409, "message": "an equivalent entry exists"},
                          Location=where)

    def answer(self, method: str, path: str, headers, body: bytes) -> tuple:
        bare = path.partition("?")[0]
        if (method, bare) == ("POST", "/fulcio/api/v2/signingCert"):
            return self._certify(headers, body)
        if (method, bare) == ("POST", "/rekor1/api/v1/log/entries"):
            return self._enter_v1(body)
        if method == "GET" and bare.startswith("/rekor1/api/v1/log/entries/"):
            return self._json(200, self.log_v1.answers[bare.rpartition("/")[2]])
        if (method, bare) == ("POST", "/rekor2/api/v2/log/entries"):
            return self._json(201, self.log_v2.enter_v2(_body_v2(json.loads(body))))
        if (method, bare) == ("POST", "/tsa"):
            return 201, {"Content-Type": "application/timestamp-reply"}, self.tsa.reply(body)
        if bare == "/oidc/token":  # as GitHub Actions has it
            return self._json(200, {"value": self.token("https://ci.example/job/1")})
        return self._json(404, {"code": 404, "message": "no such thing here"})


@contextlib.contextmanager
def serve(services: SigstoreServices):
    class Handler(http.server.BaseHTTPRequestHandler):
        def _any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with services._lock:
                services.requests.append((self.command, self.path, dict(self.headers), body))
                answer = services.answer(self.command, self.path, self.headers, body)
                if services.behaviour is not None:
                    answer = services.behaviour(self.path, answer)
            self.send_response(answer[0])
            for name, value in answer[1].items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer[2])))
            self.end_headers()
            self.wfile.write(answer[2])

        do_GET = do_POST = _any

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    services.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield services
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
