# SPDX-License-Identifier: Apache-2.0
"""The daemon's configuration and policy documents that tests share (notar.conf(5),
notar-policy(5)): the one place that knows their member names."""

import json
from pathlib import Path

from lib.run import notar


def config(policy: Path, **more) -> dict:
    """Listens on loopback, plain; "{port}" and "{probe_port}" are filled in by lib.notard."""
    return {"listen": ["127.0.0.1:{port}"], "probes": "127.0.0.1:{probe_port}",
            "policy": str(policy), **more}


def policy(path: Path, *rules: dict, signers: dict | None = None) -> Path:
    """rules as rule() makes them; signers maps a name to public key files."""
    document = {"version": 1, "rules": list(rules)}
    if signers:
        document["signers"] = {name: {"keys": [public.read_text() for public in publics]}
                               for name, publics in signers.items()}
    path.write_text(json.dumps(document, indent=1))
    return path


def rule(scope: str, *signers: str, threshold: int = 1, action: str = "enforce") -> dict:
    return {"scope": scope, "require": {"signers": list(signers), "threshold": threshold},
            "action": action}


def trust(state: Path, verb: str, *args, **options):
    return notar("trust", verb, "--state", state, *args, **options)
