# SPDX-License-Identifier: Apache-2.0
"""Finds the programs tests talk to. A missing one skips the test aloud; in CI it fails it."""

import os
import shutil
from pathlib import Path

import pytest

from lib import paths

# name -> what brings it
_BUILT = {"cosign": "cosign", "go-registry": "registry", "etcd": "etcd",
          "kube-apiserver": "kube-apiserver", "helm": "helm", "ratify": "ratify",
          "notation": "notation"}
_HINT = {
    "cosign": "tests/interop/build-peers builds it (needs Go)",
    "go-registry": "tests/interop/build-peers builds it (needs Go)",
    "etcd": "tests/interop/build-peers builds it (needs Go)",
    "kube-apiserver": "tests/interop/build-peers builds it (needs Go)",
    "helm": "tests/interop/build-peers builds it (needs Go)",
    "ratify": "tests/interop/build-peers builds it (needs Go)",
    "notation": "tests/interop/build-peers builds it (needs Go)",
    "notar": "make builds it, or set NOTAR_BIN",
    "notard": "make builds it, or set NOTAR_BIN",
}


def find(name: str) -> Path | None:
    if name in ("notar", "notard"):
        path = paths.program(name)
    elif name in _BUILT:
        path = paths.cache_dir() / "peers" / _BUILT[name]
    else:
        path = Path(shutil.which(name) or "/nonexistent")
    return path if os.access(path, os.X_OK) else None


def need(name: str) -> str:
    """The program's path; skips the test without it, or fails it in CI."""
    path = find(name)
    if path is not None:
        return str(path)
    reason = f"no {name} here: {_HINT.get(name, 'tools/deps check installs it')}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
