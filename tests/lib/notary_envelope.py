# SPDX-License-Identifier: Apache-2.0
"""Notary Project envelopes by a second hand: whatever is asked for, right or wrong.

An envelope is described by a Draft; each of its parts may be replaced before it is sealed. What
comes out shares no code with notar.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timezone

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

PAYLOAD_TYPE = "application/vnd.cncf.notary.payload.v1+json"
ARTIFACT_TYPE = "application/vnd.cncf.notary.signature"
JWS, COSE = "application/jose+json", "application/cose"
PREFIX = "io.cncf.notary."
SCHEME, SIGNED, AUTHENTIC, EXPIRY = (
    PREFIX + name for name in ("signingScheme", "signingTime", "authenticSigningTime", "expiry"))
STAMP = PREFIX + "timestampSignature"

_HASHES = {256: hashes.SHA256, 384: hashes.SHA384, 512: hashes.SHA512}
_COSE = {"PS256": -37, "PS384": -38, "PS512": -39, "ES256": -7, "ES384": -35, "ES512": -36}


def algorithm(key) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        return {2048: "PS256", 3072: "PS384", 4096: "PS512"}.get(key.key_size, "PS256")
    return {256: "ES256", 384: "ES384", 521: "ES512"}[key.curve.key_size]


def raw_signature(key, data: bytes, salt: int | None = None) -> bytes:
    chosen = _HASHES[int(algorithm(key)[2:])]()
    if isinstance(key, rsa.RSAPrivateKey):
        length = chosen.digest_size if salt is None else salt
        return key.sign(data, padding.PSS(padding.MGF1(chosen), length), chosen)
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(chosen)))
    size = (key.curve.key_size + 7) // 8
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def rfc3339(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Draft:
    """What to sign, with whose key and certificates (leaf first, objects of cryptography)."""
    subject: dict
    key: object
    chain: list
    signed: int = field(default_factory=lambda: int(datetime.now(timezone.utc).timestamp()))
    expires: int | None = None
    authority: bool = False
    metadata: dict = field(default_factory=dict)
    token: bytes | None = None
    protected: dict = field(default_factory=dict)  # members to replace; None removes one
    critical: list | None = None
    payload: bytes | None = None
    salt: int | None = None
    unprotected: dict = field(default_factory=dict)

    def payload_bytes(self) -> bytes:
        if self.payload is not None:
            return self.payload
        target = dict(self.subject)
        if self.metadata:
            target["annotations"] = self.metadata
        return json.dumps({"targetArtifact": target}, separators=(",", ":"), sort_keys=True).encode()

    def attributes(self, time) -> dict:
        """Protected members but alg, crit and content type; time turns seconds into a value."""
        found = {SCHEME: "notary.x509" + (".signingAuthority" if self.authority else ""),
                 AUTHENTIC if self.authority else SIGNED: time(self.signed)}
        if self.expires is not None:
            found[EXPIRY] = time(self.expires)
        return found

    def required(self) -> list:
        if self.critical is not None:
            return self.critical
        return ([SCHEME] + ([AUTHENTIC] if self.authority else [])
                + ([EXPIRY] if self.expires is not None else []))

    def ders(self) -> list[bytes]:
        return [c if isinstance(c, bytes) else c.public_bytes(Encoding.DER) for c in self.chain]


def _merge(base: dict, changes: dict) -> dict:
    merged = {**base, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jws(draft: Draft, **parts) -> bytes:
    """parts replace top-level members at the end; None removes one."""
    header = {"alg": algorithm(draft.key), "cty": PAYLOAD_TYPE, "crit": draft.required(),
              **draft.attributes(rfc3339)}
    header = _merge(header, draft.protected)
    protected = b64url(json.dumps(header, separators=(",", ":"), sort_keys=True).encode())
    payload = b64url(draft.payload_bytes())
    signature = raw_signature(draft.key, f"{protected}.{payload}".encode(), draft.salt)
    outside = {"x5c": [base64.b64encode(der).decode() for der in draft.ders()]}
    if draft.token is not None:
        outside[STAMP] = base64.b64encode(draft.token).decode()
    document = {"payload": payload, "protected": protected,
                "header": _merge(outside, draft.unprotected), "signature": b64url(signature)}
    return json.dumps(_merge(document, parts), separators=(",", ":")).encode()


class Tagged:
    def __init__(self, tag: int, value):
        self.tag, self.value = tag, value


def cbor(value) -> bytes:
    """Deterministic CBOR of ints, text, bytes, lists, dicts, Tagged; Raw bytes go in as they are."""
    def head(major: int, number: int) -> bytes:
        if number < 24:
            return bytes([major << 5 | number])
        for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if number < 1 << 8 * size:
                return bytes([major << 5 | code]) + number.to_bytes(size, "big")
        raise ValueError(number)

    if isinstance(value, Raw):
        return value.data
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(map(cbor, value))
    if isinstance(value, dict):
        pairs = sorted((cbor(k), cbor(v)) for k, v in value.items())
        return head(5, len(pairs)) + b"".join(k + v for k, v in pairs)
    if isinstance(value, Tagged):
        return head(6, value.tag) + cbor(value.value)
    raise TypeError(value)


@dataclass
class Raw:
    data: bytes


def cose(draft: Draft, protected: bytes | None = None, tag: int = 18) -> bytes:
    header = {1: _COSE[algorithm(draft.key)], 2: draft.required(), 3: PAYLOAD_TYPE,
              **draft.attributes(lambda seconds: Tagged(1, seconds))}
    if protected is None:
        protected = cbor(_merge(header, draft.protected))
    payload = draft.payload_bytes()
    signed = cbor(["Signature1", protected, b"", payload])
    outside = {33: draft.ders()}
    if draft.token is not None:
        outside[STAMP] = draft.token
    body = [protected, _merge(outside, draft.unprotected), payload,
            raw_signature(draft.key, signed, draft.salt)]
    return cbor(Tagged(tag, body))


def thumbprints(draft: Draft) -> str:
    return json.dumps([hashlib.sha256(der).hexdigest() for der in draft.ders()])


def attach(layout, draft: Draft, envelope: bytes, media_type: str, **manifest) -> str:
    """Into a Layout as notation stores it; members may be replaced. Returns the digest."""
    from lib import oci

    empty = {**oci.descriptor("application/vnd.oci.empty.v1+json", b"{}"), "data": "e30="}
    layout.write(b"{}")
    layout.write(envelope)
    document = {"schemaVersion": 2, "mediaType": oci.MANIFEST, "artifactType": ARTIFACT_TYPE,
                "config": empty, "layers": [oci.descriptor(media_type, envelope)],
                "subject": draft.subject,
                "annotations": {"io.cncf.notary.x509chain.thumbprint#S256": thumbprints(draft)}}
    data = oci.dump(_merge(document, manifest))
    layout.add(oci.MANIFEST, data, artifactType=ARTIFACT_TYPE)
    return oci.digest_of(data)
