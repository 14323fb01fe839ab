# SPDX-License-Identifier: Apache-2.0
"""Where things are."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def peer_vectors() -> Path:
    """Layouts signed by other tools: our copy, else the ones beside the repository."""
    ours = ROOT / "tests" / "vectors" / "peers"
    return ours if ours.is_dir() else ROOT.parent / "shared" / "vectors" / "peers"


def sigstore_vectors() -> Path:
    """sigstore-conformance's bundle-verify cases: our copy, else the ones beside the repository."""
    ours = ROOT / "tests" / "vectors" / "sigstore-conformance"
    return ours if ours.is_dir() else ROOT.parent / "shared" / "vectors" / "sigstore-conformance"


def cache_dir() -> Path:
    """Kept between runs: built peers, the Debian root. Safe to delete."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(os.environ.get("NOTAR_CACHE") or os.path.join(base, "notar"))


def program(name: str) -> Path:
    """The `notar` or `notard` under test: NOTAR_BIN, else the default build's."""
    folder = Path(os.environ.get("NOTAR_BIN") or ROOT / "build" / "default" / "bin").resolve()
    return folder / name
