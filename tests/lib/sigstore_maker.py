# SPDX-License-Identifier: Apache-2.0
"""Sigstore by a second hand: authorities, logs, bundles and trusted roots, right or wrong.

A World has a certificate authority, a log of certificates, a transparency log of either kind and a
timestamp authority. A Draft says what to sign and how; each part may be replaced before it is
sealed. What comes out shares no code with notar.
"""

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku
from cryptography.x509.oid import NameOID, ObjectIdentifier

from lib import chains
from lib.tsa import Tsa

SCTS = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
FULCIO = "1.3.6.1.4.1.57264.1."
ISSUER, SUBJECT = "https://issuer.example", "https://ci.example/build"
STATEMENT = "application/vnd.in-toto+json"
SHA256 = ec.ECDSA(hashes.SHA256())


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spki(key) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def rfc3339(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def octet_string(data: bytes) -> bytes:
    if len(data) < 128:
        return b"\x04" + bytes([len(data)]) + data
    length = len(data).to_bytes((len(data).bit_length() + 7) // 8, "big")
    return b"\x04" + bytes([0x80 | len(length)]) + length + data


def utf8_string(text: str) -> bytes:
    data = text.encode()
    assert len(data) < 128
    return bytes([0x0C, len(data)]) + data


def pae(payload: bytes) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(STATEMENT), STATEMENT.encode(), len(payload), payload)


def statement(digest: str, predicate="https://sigstore.dev/cosign/sign/v1") -> bytes:
    return json.dumps({"_type": "https://in-toto.io/Statement/v1",
                       "subject": [{"digest": {"sha256": digest}}],
                       "predicateType": predicate, "predicate": {}}).encode()


def merkle(leaves: list[bytes], index: int) -> tuple[bytes, list[bytes]]:
    """Root and inclusion proof (RFC 6962 section 2.1), of hashed leaves."""
    if len(leaves) == 1:
        return leaves[0], []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    (left, a), (right, b) = merkle(leaves[:split], min(index, split - 1)), merkle(
        leaves[split:], max(index - split, 0))
    proof = a + [right] if index < split else b + [left]
    return sha256(b"\x01" + left + right), proof


@dataclass
class Draft:
    """What to sign; None for a part leaves it out."""
    blob: bytes | None = b"blob\n"
    payload: bytes | None = None  # a statement: DSSE instead of a message signature
    log: str | None = "v1"  # v1, v2 or None
    promise: bool = True
    proof: bool = True
    stamp: bool = False
    key: object = None  # a managed key instead of a certificate
    subject: str = SUBJECT
    issuer: str = ISSUER
    names: list | None = None  # GeneralNames instead of the subject
    signed: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    start: datetime | None = None  # of the certificate
    end: datetime | None = None
    integrated: datetime | None = None
    scts: int = 1
    sct_extension: bytes = b""
    sct_time: datetime | None = None
    extensions: dict = field(default_factory=dict)  # Fulcio's, by number
    usages: tuple = (Eku.CODE_SIGNING,)
    ca: bool = False
    digital_signature: bool = True
    version: str = "application/vnd.dev.sigstore.bundle.v0.3+json"
    index: int = 5
    size: int = 11
    witness: bytes = b""  # further lines of the checkpoint


class World:
    def __init__(self, folder: Path, name: str = "one"):
        self.host = f"log.{name}.example"
        self.keys = {"ct": ec.generate_private_key(ec.SECP256R1()),
                     "v1": ec.generate_private_key(ec.SECP256R1()),
                     "v2": ed25519.Ed25519PrivateKey.generate()}
        now = datetime.now(timezone.utc).replace(microsecond=0)
        self.since, self.until = now - timedelta(days=30), now + timedelta(days=30)
        self.ca = chains.chain(
            chains.INTERMEDIATE.but(common=f"{name} int", number=40, start=self.since,
                                    end=self.until, purposes=(Eku.CODE_SIGNING,)),
            chains.ROOT.but(common=f"{name} root", number=41, start=self.since, end=self.until))
        self.ca_key = chains.key("p256", 40)
        self.tsa = Tsa(folder / f"tsa-{name}")
        self.root = self.trusted_root()

    # The parts of a certificate.

    def _builder(self, draft: Draft, public):
        start = draft.start or draft.signed - timedelta(minutes=1)
        end = draft.end or draft.signed + timedelta(minutes=9)
        names = draft.names or [x509.UniformResourceIdentifier(draft.subject)]
        usage = chains.usage(*(["digital_signature"] if draft.digital_signature
                               else ["content_commitment"]))
        made = (x509.CertificateBuilder().subject_name(x509.Name([]))
                .issuer_name(self.ca[0].subject).public_key(public).serial_number(7)
                .not_valid_before(start).not_valid_after(end)
                .add_extension(x509.BasicConstraints(draft.ca, None), critical=True)
                .add_extension(usage, critical=True)
                .add_extension(x509.ExtendedKeyUsage(list(draft.usages)), critical=False)
                .add_extension(x509.SubjectAlternativeName(names), critical=True))
        texts = {1: draft.issuer.encode(), 8: utf8_string(draft.issuer),
                 **{n: v if v is None or isinstance(v, bytes) else utf8_string(v)
                    for n, v in draft.extensions.items()}}
        for number, value in texts.items():
            if value is not None:
                made = made.add_extension(
                    x509.UnrecognizedExtension(ObjectIdentifier(f"{FULCIO}{number}"), value),
                    critical=False)
        return made

    def sct(self, tbs: bytes, draft: Draft) -> bytes:
        when = int((draft.sct_time or draft.signed).timestamp() * 1000)
        issuer = self.ca[0].public_key().public_bytes(Encoding.DER,
                                                      PublicFormat.SubjectPublicKeyInfo)
        extension = struct.pack(">H", len(draft.sct_extension)) + draft.sct_extension
        signed = (b"\0\0" + struct.pack(">QH", when, 1) + sha256(issuer)
                  + len(tbs).to_bytes(3, "big") + tbs + extension)
        signature = self.keys["ct"].sign(signed, SHA256)
        return (b"\0" + sha256(spki(self.keys["ct"])) + struct.pack(">Q", when) + extension
                + b"\x04\x03" + struct.pack(">H", len(signature)) + signature)

    def certificate(self, draft: Draft, public) -> bytes:
        builder = self._builder(draft, public)
        if draft.scts:
            tbs = builder.sign(self.ca_key, hashes.SHA256()).tbs_certificate_bytes
            one = self.sct(tbs, draft)
            entries = b"".join(struct.pack(">H", len(one)) + one for _ in range(draft.scts))
            listed = struct.pack(">H", len(entries)) + entries
            builder = builder.add_extension(
                x509.UnrecognizedExtension(SCTS, octet_string(listed)), critical=False)
        return builder.sign(self.ca_key, hashes.SHA256()).public_bytes(Encoding.DER)

    # The parts of a log entry.

    def log_id(self, log: str) -> bytes:
        if log == "v1":
            return sha256(spki(self.keys["v1"]))
        raw = self.keys["v2"].public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return sha256(self.host.encode() + b"\n\x01" + raw)

    def checkpoint(self, log: str, size: int, root: bytes, witness: bytes = b"") -> str:
        origin = f"{self.host} - 123" if log == "v1" else self.host
        text = f"{origin}\n{size}\n{b64(root)}\n".encode()
        signature = (self.keys["v1"].sign(text, SHA256) if log == "v1"
                     else self.keys["v2"].sign(text))
        line = f"\u2014 {self.host} {b64(self.log_id(log)[:4] + signature)}\n".encode()
        return (text + b"\n" + witness + line).decode()

    @staticmethod
    def body(draft: Draft, signature: bytes, leaf: bytes | None) -> bytes:
        message = pae(draft.payload) if draft.payload is not None else draft.blob
        if draft.log == "v2":
            verifier = ({"keyDetails": "PKIX_ECDSA_P256_SHA_256",
                         "x509Certificate": {"rawBytes": b64(leaf)}} if leaf else
                        {"keyDetails": "PKIX_ECDSA_P256_SHA_256",
                         "publicKey": {"rawBytes": b64(spki(draft.key))}})
            spec = {"hashedRekordV002": {
                "data": {"algorithm": "SHA2_256", "digest": b64(sha256(message))},
                "signature": {"content": b64(signature), "verifier": verifier}}}
            document = {"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": spec}
        else:
            pem = (x509.load_der_x509_certificate(leaf).public_bytes(Encoding.PEM) if leaf else
                   draft.key.public_key().public_bytes(Encoding.PEM,
                                                       PublicFormat.SubjectPublicKeyInfo))
            if draft.payload is None:
                document = {"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": {
                    "data": {"hash": {"algorithm": "sha256", "value": sha256(message).hex()}},
                    "signature": {"content": b64(signature), "publicKey": {"content": b64(pem)}}}}
            else:
                document = {"apiVersion": "0.0.1", "kind": "dsse", "spec": {
                    "envelopeHash": {"algorithm": "sha256", "value": "0" * 64},
                    "payloadHash": {"algorithm": "sha256", "value": sha256(draft.payload).hex()},
                    "signatures": [{"signature": b64(signature), "verifier": b64(pem)}]}}
        return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()

    def promise(self, body: bytes, when: int, index: int) -> bytes:
        payload = json.dumps({"body": b64(body), "integratedTime": when,
                              "logID": self.log_id("v1").hex(), "logIndex": index},
                             separators=(",", ":"), sort_keys=True).encode()
        return self.keys["v1"].sign(payload, SHA256)

    def entry(self, draft: Draft, body: bytes) -> dict:
        leaves = [sha256(b"\0" + bytes([n])) for n in range(draft.size)]
        leaves[draft.index] = sha256(b"\0" + body)
        root, proof = merkle(leaves, draft.index)
        kind = json.loads(body)
        made = {"logIndex": str(draft.index), "logId": {"keyId": b64(self.log_id(draft.log))},
                "kindVersion": {"kind": kind["kind"], "version": kind["apiVersion"]},
                "canonicalizedBody": b64(body)}
        when = int((draft.integrated or draft.signed).timestamp())
        if draft.log == "v1":
            made["integratedTime"] = str(when)
            if draft.promise:
                made["inclusionPromise"] = {
                    "signedEntryTimestamp": b64(self.promise(body, when, draft.index))}
        if draft.proof:
            made["inclusionProof"] = {
                "logIndex": str(draft.index), "rootHash": b64(root), "treeSize": str(draft.size),
                "hashes": [b64(h) for h in proof],
                "checkpoint": {"envelope": self.checkpoint(draft.log, draft.size, root,
                                                           draft.witness)}}
        return made

    def bundle(self, draft: Draft) -> dict:
        key = draft.key or ec.generate_private_key(ec.SECP256R1())
        message = pae(draft.payload) if draft.payload is not None else draft.blob
        signature = key.sign(message, SHA256)
        leaf = None if draft.key else self.certificate(draft, key.public_key())
        material = ({"publicKey": {"hint": b64(sha256(spki(key)))}} if leaf is None else
                    {"certificate": {"rawBytes": b64(leaf)}})
        if draft.log is not None:
            material["tlogEntries"] = [self.entry(draft, self.body(draft, signature, leaf))]
        if draft.stamp:
            material["timestampVerificationData"] = {"rfc3161Timestamps": [
                {"signedTimestamp": b64(self.tsa.token(signature))}]}
        content = ({"dsseEnvelope": {"payload": b64(draft.payload), "payloadType": STATEMENT,
                                     "signatures": [{"sig": b64(signature)}]}}
                   if draft.payload is not None else
                   {"messageSignature": {"messageDigest": {"algorithm": "SHA2_256",
                                                           "digest": b64(sha256(draft.blob))},
                                         "signature": b64(signature)}})
        return {"mediaType": draft.version, "verificationMaterial": material, **content}

    def classic(self, draft: Draft, digest: str, repository: str) -> tuple[dict, bytes]:
        """A layer of cosign's .sig manifest, with what stands in its annotations."""
        payload = json.dumps({
            "critical": {"identity": {"docker-reference": repository},
                         "image": {"docker-manifest-digest": digest},
                         "type": "cosign container image signature"},
            "optional": None}).encode()
        key = ec.generate_private_key(ec.SECP256R1())
        signature = key.sign(payload, SHA256)
        leaf = self.certificate(draft, key.public_key())
        draft.blob, draft.payload, draft.log = payload, None, "v1"
        body = self.body(draft, signature, leaf)
        when = int((draft.integrated or draft.signed).timestamp())
        pem = x509.load_der_x509_certificate(leaf).public_bytes(Encoding.PEM).decode()
        notes = {"dev.cosignproject.cosign/signature": b64(signature),
                 "dev.sigstore.cosign/certificate": pem,
                 "dev.sigstore.cosign/chain": chains.pem(*self.ca).decode(),
                 "dev.sigstore.cosign/bundle": json.dumps({
                     "SignedEntryTimestamp": b64(self.promise(body, when, draft.index)),
                     "Payload": {"body": b64(body), "integratedTime": when,
                                 "logIndex": draft.index, "logID": self.log_id("v1").hex()}})}
        if draft.stamp:
            notes["dev.sigstore.cosign/rfc3161timestamp"] = json.dumps(
                {"SignedRFC3161Timestamp": b64(self.tsa.token(signature))})
        return ({"mediaType": "application/vnd.dev.cosign.simplesigning.v1+json",
                 "annotations": notes}, payload)

    # What trusts it.

    def trusted_root(self) -> dict:
        window = {"start": rfc3339(self.since), "end": rfc3339(self.until)}
        raw = self.keys["v2"].public_key().public_bytes(Encoding.DER,
                                                        PublicFormat.SubjectPublicKeyInfo)

        def log(key: bytes, details: str, ident: bytes, url: str) -> dict:
            return {"baseUrl": url, "hashAlgorithm": "SHA2_256",
                    "publicKey": {"rawBytes": b64(key), "keyDetails": details,
                                  "validFor": dict(window)},
                    "logId": {"keyId": b64(ident)}}

        def authority(certs) -> dict:
            return {"subject": {"organization": "notar tests", "commonName": "x"},
                    "uri": "https://ca.example",
                    "certChain": {"certificates": [
                        {"rawBytes": b64(c.public_bytes(Encoding.DER))} for c in certs]},
                    "validFor": dict(window)}

        p256, url = "PKIX_ECDSA_P256_SHA_256", f"https://{self.host}"
        ct = spki(self.keys["ct"])
        return {"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [log(spki(self.keys["v1"]), p256, self.log_id("v1"), url),
                          log(raw, "PKIX_ED25519", self.log_id("v2"), url)],
                "ctlogs": [log(ct, p256, sha256(ct), "https://ct.example")],
                "certificateAuthorities": [authority(self.ca)],
                "timestampAuthorities": [authority(self.tsa.chain)]}
