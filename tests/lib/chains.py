# SPDX-License-Identifier: Apache-2.0
"""Certificate chains with one rule broken at a time (specs/notary-project.md section 8).

A Profile says what a certificate is; a chain is made from the root down. Keys are made once a
process, since RSA takes its time.
"""

import functools
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku
from cryptography.x509.oid import NameOID

NOW = datetime.now(timezone.utc).replace(microsecond=0)
CURVES = {"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1, "k256": ec.SECP256K1}
KINDS = ("rsa2048", "rsa3072", "rsa4096", "p256", "p384", "p521")


def key(kind: str, number: int = 0):
    """The number-th key of its kind."""
    return _key(kind, number)


@functools.lru_cache(maxsize=None)
def _key(kind: str, number: int):
    del number
    if kind in CURVES:
        return ec.generate_private_key(CURVES[kind]())
    return rsa.generate_private_key(65537, int(kind.removeprefix("rsa")))


def usage(*bits: str) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
             "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    assert set(bits) <= set(names), bits
    return x509.KeyUsage(**{name: name in bits for name in names})


@dataclass
class Profile:
    name: dict = field(default_factory=lambda: {"C": "US", "ST": "WA", "O": "notar tests"})
    common: str = "somebody"
    kind: str = "p256"
    number: int = 0
    ca: bool | None = None  # None: no basicConstraints
    path_length: int | None = None
    bits: tuple | None = ("digital_signature",)  # None: no keyUsage
    bits_critical: bool = True
    purposes: tuple | None = (Eku.CODE_SIGNING,)
    purposes_critical: bool = False
    hash: object = hashes.SHA256
    start: datetime = NOW - timedelta(days=1)
    end: datetime = NOW + timedelta(days=30)
    extra: tuple = ()  # (extension, critical)

    def subject(self) -> x509.Name:
        oids = {"C": NameOID.COUNTRY_NAME, "ST": NameOID.STATE_OR_PROVINCE_NAME,
                "L": NameOID.LOCALITY_NAME, "O": NameOID.ORGANIZATION_NAME,
                "OU": NameOID.ORGANIZATIONAL_UNIT_NAME}
        parts = [x509.NameAttribute(oids[k], v) for k, v in self.name.items()]
        return x509.Name(parts + [x509.NameAttribute(NameOID.COMMON_NAME, self.common)])

    def but(self, **changes) -> "Profile":
        return replace(self, **changes)


LEAF = Profile(common="leaf")
INTERMEDIATE = Profile(common="intermediate", number=1, ca=True,
                       bits=("key_cert_sign", "crl_sign"), purposes=None)
ROOT = Profile(common="root", number=2, ca=True, bits=("key_cert_sign", "crl_sign"), purposes=None)
TSA = Profile(common="timestamps", number=3, purposes=(Eku.TIME_STAMPING,), purposes_critical=True)


def certificate(profile: Profile, issuer: Profile | None = None):
    """Signed by the issuer's key, or by its own."""
    signer = issuer or profile
    builder = (x509.CertificateBuilder().subject_name(profile.subject())
               .issuer_name(signer.subject()).public_key(key(profile.kind, profile.number).public_key())
               .serial_number(x509.random_serial_number())
               .not_valid_before(profile.start).not_valid_after(profile.end))
    if profile.ca is not None:
        builder = builder.add_extension(
            x509.BasicConstraints(profile.ca, profile.path_length), critical=True)
    if profile.bits is not None:
        builder = builder.add_extension(usage(*profile.bits), profile.bits_critical)
    if profile.purposes is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(profile.purposes),
                                        profile.purposes_critical)
    for extension, critical in profile.extra:
        builder = builder.add_extension(extension, critical)
    private = key(signer.kind, signer.number)
    if profile.hash is not hashes.SHA1:
        return builder.sign(private, profile.hash())
    made = builder.sign(private, hashes.SHA256())
    return x509.load_der_x509_certificate(over_sha1(
        made.public_bytes(serialization.Encoding.DER), made.tbs_certificate_bytes, made.signature,
        private))


def over_sha1(der: bytes, tbs: bytes, signature: bytes, private) -> bytes:
    """What was signed by RSA over SHA-256, signed over SHA-1 instead: the library makes none."""
    sha256, sha1 = (bytes.fromhex("2a864886f70d01010" + last) for last in "b5")
    weak = tbs.replace(sha256, sha1)
    whole = der.replace(tbs, weak).replace(sha256, sha1)
    return whole.replace(signature, private.sign(weak, padding.PKCS1v15(), hashes.SHA1()))


def chain(*profiles: Profile) -> list:
    """Leaf first; each is issued by the next, the last by itself."""
    issuers = list(profiles[1:]) + [None]
    return [certificate(p, issuer) for p, issuer in zip(profiles, issuers)]


def pem(*certificates) -> bytes:
    return b"".join(c.public_bytes(serialization.Encoding.PEM) for c in certificates)


def private_pem(private) -> bytes:
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                 serialization.NoEncryption())
