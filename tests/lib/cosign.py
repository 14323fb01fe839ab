# SPDX-License-Identifier: Apache-2.0
"""The real cosign, offline: no log, no TUF, no network but the registry."""

from pathlib import Path

from lib.run import Result, cosign

FORMATS = ("bundle", "simple")
# What cosign must be told about curves other than P-256.
DIGEST_OF_CURVE = {"P-384": "sha384", "P-521": "sha512"}
_OFFLINE = ("--tlog-upload=false", "--use-signing-config=false", "-y")
_REGISTRY = ("--allow-http-registry",)


def _format(name: str) -> tuple[str, ...]:
    return ("--new-bundle-format=false",) if name == "simple" else ()


def generate_key(folder: Path, stem: str = "cosign") -> tuple[Path, Path]:
    """cosign's own encrypted P-256 key pair: (private, public)."""
    folder.mkdir(parents=True, exist_ok=True)
    cosign("generate-key-pair", "--output-key-prefix", stem, cwd=folder).ok()
    return folder / f"{stem}.key", folder / f"{stem}.pub"


def import_key(folder: Path, pem: Path, stem: str) -> tuple[Path, Path]:
    """cosign's encrypted form of a PKCS#8 or PKCS#1 key."""
    folder.mkdir(parents=True, exist_ok=True)
    cosign("import-key-pair", "--key", pem, "--output-key-prefix", stem, "-y", cwd=folder).ok()
    return folder / f"{stem}.key", folder / f"{stem}.pub"


def sign(reference: str, key: Path, form: str = "bundle", *args, **options) -> Result:
    return cosign("sign", "--key", key, *_OFFLINE, *_REGISTRY, *_format(form), *args, reference,
                  **options)


def verify(reference: str, public: Path, form: str = "bundle", *args, curve: str = "P-256",
           **options) -> Result:
    digest = DIGEST_OF_CURVE.get(curve)
    more = ("--signature-digest-algorithm", digest) if digest else ()
    return cosign("verify", "--key", public, "--insecure-ignore-tlog=true", *_REGISTRY,
                  *_format(form), *more, *args, reference, **options)


def attest(reference: str, key: Path, predicate: Path, kind: str = "slsaprovenance1",
           form: str = "bundle", *args, **options) -> Result:
    return cosign("attest", "--key", key, "--type", kind, "--predicate", predicate, *_OFFLINE,
                  *_REGISTRY, *_format(form), *args, reference, **options)


def verify_attestation(reference: str, public: Path, kind: str = "slsaprovenance1",
                       form: str = "bundle", *args, **options) -> Result:
    return cosign("verify-attestation", "--key", public, "--type", kind,
                  "--insecure-ignore-tlog=true", *_REGISTRY, *_format(form), *args, reference,
                  **options)


def sign_blob(path: Path, key: Path, bundle: Path) -> Result:
    return cosign("sign-blob", "--key", key, "--tlog-upload=false", "--use-signing-config=false",
                  "--bundle", bundle, "-y", path)


def verify_blob(path: Path, public: Path, bundle: Path) -> Result:
    return cosign("verify-blob", "--key", public, "--insecure-ignore-tlog=true", "--bundle",
                  bundle, path)

