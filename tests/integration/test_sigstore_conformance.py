# SPDX-License-Identifier: Apache-2.0
"""Cases of sigstore-conformance's bundle-verify, by path and by digest, as its own runner calls
them (its test/test_bundle.py), but for one thing: a refusal must be exit status 1, so that a crash
never passes for one."""

import hashlib
import os
import subprocess

import pytest

from lib import paths

CLIENT = paths.ROOT / "tests" / "conformance" / "sigstore-client"
VECTORS = paths.sigstore_vectors()
CASES = sorted(f.name for f in VECTORS.iterdir() if (f / "bundle.sigstore.json").exists())
IDENTITY = ("https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/"
            ".github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main")
ISSUER = "https://token.actions.githubusercontent.com"


def text(file, default: str) -> str:
    return file.read_text().strip() if file.exists() else default


def arguments(case, artifact: str) -> list[str]:
    folder = VECTORS / case
    root = folder / "trusted_root.json"
    who = (["--key", str(folder / "key.pub")] if (folder / "key.pub").exists() else
           ["--certificate-identity", text(folder / "identity", IDENTITY),
            "--certificate-oidc-issuer", text(folder / "issuer", ISSUER)])
    more = ["--trusted-root", str(root)] if root.exists() else []
    return ["verify-bundle", "--bundle", str(folder / "bundle.sigstore.json"), *who, *more, artifact]


def ask(case: str, by_digest: bool) -> subprocess.CompletedProcess:
    own = VECTORS / case / "artifact"
    artifact = own if own.exists() else VECTORS / "a.txt"
    name = (f"sha256:{hashlib.sha256(artifact.read_bytes()).hexdigest()}" if by_digest
            else str(artifact))
    env = {**os.environ, "NOTAR_BIN": str(paths.program("notar").parent),
           "NOTAR_TRUSTED_ROOT": str(VECTORS / "production_trusted_root.json")}
    return subprocess.run([str(CLIENT), *arguments(case, name)], env=env, capture_output=True,
                          text=True, timeout=60, check=False)


@pytest.mark.parametrize("by_digest", [False, True], ids=["path", "digest"])
@pytest.mark.parametrize("case", CASES)
def test_verify(case, by_digest):
    done = ask(case, by_digest)
    assert done.returncode == (1 if case.endswith("_fail") else 0), done.stdout + done.stderr
    assert done.stderr or not case.endswith("_fail"), "a refusal says why"


def test_there_are_cases_of_both_kinds():
    assert any(c.endswith("_fail") for c in CASES)
    assert any(not c.endswith("_fail") for c in CASES)
