# SPDX-License-Identifier: Apache-2.0
"""Keys of every kind, made by openssl: private halves as plain PKCS#8, public as SPKI."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from lib.run import PASSWORD, run

_OPTIONS = {
    "P-256": ("EC", "ec_paramgen_curve:P-256"),
    "P-384": ("EC", "ec_paramgen_curve:P-384"),
    "P-521": ("EC", "ec_paramgen_curve:P-521"),
    "RSA-2048": ("RSA", "rsa_keygen_bits:2048"),
    "RSA-3072": ("RSA", "rsa_keygen_bits:3072"),
    "RSA-4096": ("RSA", "rsa_keygen_bits:4096"),
    "Ed25519": ("ED25519", None),
}
KINDS = tuple(_OPTIONS)


@dataclass(frozen=True)
class Pair:
    kind: str
    private: Path
    public: Path


def openssl(*args, **options):
    return run(("openssl", *args), timeout=60, **options).ok()


def pair(folder: Path, kind: str = "P-256", stem: str | None = None) -> Pair:
    folder.mkdir(parents=True, exist_ok=True)
    stem = stem or kind
    algorithm, option = _OPTIONS[kind]
    made = Pair(kind, folder / f"{stem}.pem", folder / f"{stem}.pub")
    openssl("genpkey", "-algorithm", algorithm, *(("-pkeyopt", option) if option else ()),
            "-out", made.private)
    made.private.chmod(0o600)
    openssl("pkey", "-in", made.private, "-pubout", "-out", made.public)
    return made


def traditional(made: Pair) -> Path:
    """SEC1 (EC PRIVATE KEY) or PKCS#1 (RSA PRIVATE KEY)."""
    path = made.private.with_suffix(".traditional")
    openssl("pkey", "-in", made.private, "-traditional", "-out", path)
    return path


def encrypted(made: Pair, password: str = PASSWORD) -> Path:
    """Encrypted PKCS#8 (PBES2)."""
    path = made.private.with_suffix(".encrypted")
    openssl("pkcs8", "-topk8", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", "10000",
            "-passout", f"pass:{password}", "-in", made.private, "-out", path)
    return path


def spki_id(public: Path) -> str:
    """A key's id: SHA-256 of its SPKI DER, in hex."""
    der = public.with_suffix(".der")
    openssl("pkey", "-pubin", "-in", public, "-outform", "DER", "-out", der)
    return hashlib.sha256(der.read_bytes()).hexdigest()
