# SPDX-License-Identifier: Apache-2.0
"""notation-go behind a small command (tests/interop/notation), and its configuration folders."""

import json
from pathlib import Path

from lib import peers
from lib.run import Result, run


def notation(*args, timeout: float = 60, **options) -> Result:
    """Prints one JSON object; 0 yes, 1 no."""
    return run([peers.need("notation"), *args], timeout=timeout, **options)


def config(folder: Path, stores: dict, *, level: str = "strict", scopes=("*",),
           identities=("*",), override: dict | None = None, name: str = "test",
           verify_timestamp: str | None = None) -> Path:
    """stores: PEM by "type:name". Returns the folder, as notation would keep it."""
    folder.mkdir(parents=True, exist_ok=True)
    for store, pem in stores.items():
        kind, _, store_name = store.partition(":")
        at = folder / "truststore" / "x509" / kind / store_name
        at.mkdir(parents=True, exist_ok=True)
        (at / "cert.pem").write_bytes(pem)
    verification = {"level": level}
    if override is not None:
        verification["override"] = override
    if verify_timestamp is not None:
        verification["verifyTimestamp"] = verify_timestamp
    statement = {"name": name, "registryScopes": list(scopes),
                 "signatureVerification": verification}
    if level != "skip":
        statement.update(trustStores=list(stores), trustedIdentities=list(identities))
    (folder / "trustpolicy.json").write_text(
        json.dumps({"version": "1.0", "trustPolicies": [statement]}))
    return folder
