# SPDX-License-Identifier: Apache-2.0
"""Transparency logs in memory, as Rekor keeps them: RFC 6962 trees with signed notes."""

import base64
import hashlib
import json
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def canonical(value) -> bytes:
    """RFC 8785, as far as ASCII and integers go."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def spki(private) -> bytes:
    return private.public_key().public_bytes(serialization.Encoding.DER,
                                             serialization.PublicFormat.SubjectPublicKeyInfo)


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    k = _split(len(leaves))
    return sha256(b"\1", root(leaves[:k]), root(leaves[k:]))


def path(leaves: list[bytes], index: int) -> list[bytes]:
    """From the leaf up."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return path(leaves[:k], index) + [root(leaves[k:])]
    return path(leaves[k:], index - k) + [root(leaves[:k])]


class Log:
    """kind "v1": P-256, promises; "v2": Ed25519, none. Starts with entries of others, and v1 with
    an older shard before it, so that no index is 0 and the two of v1 differ."""

    def __init__(self, kind: str, host: str, others: int = 3, older: int = 1000):
        self.kind, self.host = kind, host
        self.older = older if kind == "v1" else 0
        self.origin = f"{host} - 424242" if kind == "v1" else host
        self.key = (ec.generate_private_key(ec.SECP256R1()) if kind == "v1"
                    else ed25519.Ed25519PrivateKey.generate())
        self.bodies = [b"somebody else's %d" % i for i in range(others)]
        self.answers = {}  # by uuid: what version 1 gives again

    @property
    def id(self) -> bytes:
        if self.kind == "v1":
            return sha256(spki(self.key))
        raw = self.key.public_key().public_bytes(serialization.Encoding.Raw,
                                                 serialization.PublicFormat.Raw)
        return sha256(self.origin.encode(), b"\n\1", raw)

    def sign(self, message: bytes) -> bytes:
        if self.kind == "v1":
            return self.key.sign(message, ec.ECDSA(hashes.SHA256()))
        return self.key.sign(message)

    def checkpoint(self, leaves: list[bytes]) -> str:
        text = f"{self.origin}\n{len(leaves)}\n{b64(root(leaves))}\n"
        line = b64(self.id[:4] + self.sign(text.encode()))
        return f"{text}\n\N{EM DASH} {self.host} {line}\n"

    def add(self, body: bytes) -> dict:
        """What there is to say of an entry: index, leaves' proof, root, size, checkpoint."""
        self.bodies.append(body)
        leaves = [sha256(b"\0", entry) for entry in self.bodies]
        index = len(leaves) - 1
        return {"index": index, "size": len(leaves), "root": root(leaves),
                "hashes": path(leaves, index), "checkpoint": self.checkpoint(leaves)}

    def enter_v1(self, body: bytes) -> tuple[str, bool, dict]:
        """(uuid, whether it is new, the answer)."""
        uuid = sha256(b"\0", body).hex()
        if uuid in self.answers:
            return uuid, False, self.answers[uuid]
        seen = self.add(body)
        entry = {"body": b64(body), "integratedTime": int(time.time()), "logID": self.id.hex(),
                 "logIndex": self.older + seen["index"]}
        entry["verification"] = {
            "signedEntryTimestamp": b64(self.sign(canonical(entry))),
            "inclusionProof": {"logIndex": seen["index"], "treeSize": seen["size"],
                               "rootHash": seen["root"].hex(),
                               "hashes": [h.hex() for h in seen["hashes"]],
                               "checkpoint": seen["checkpoint"]}}
        self.answers[uuid] = {uuid: entry}
        return uuid, True, self.answers[uuid]

    def enter_v2(self, body: bytes) -> dict:
        seen = self.add(body)
        return {"logIndex": str(seen["index"]), "logId": {"keyId": b64(self.id)},
                "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
                "integratedTime": "0", "inclusionPromise": None,
                "inclusionProof": {"logIndex": str(seen["index"]), "treeSize": str(seen["size"]),
                                   "rootHash": b64(seen["root"]),
                                   "hashes": [b64(h) for h in seen["hashes"]],
                                   "checkpoint": {"envelope": seen["checkpoint"]}},
                "canonicalizedBody": b64(body)}
