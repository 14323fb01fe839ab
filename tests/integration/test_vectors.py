# SPDX-License-Identifier: Apache-2.0
"""Images that other tools signed, kept as layouts: each verifies with its key and no other."""

import shutil

import pytest

from lib import oci, paths, signer
from lib.run import environment

KEYS = {"cosign-p256": "p256.pub", "cosign-rsa2048": "rsa2048.pub",
        "cosign-ed25519": "ed25519.pub"}
DIGEST = "sha256:c3fb9ae51167d17ac2dba7a94ef7f0eea427276d4c8eb126e3f5f87e745491a1"
SIG_TAG = DIGEST.replace(":", "-") + ".sig"


@pytest.fixture(params=KEYS)
def vector(request, tmp_path):
    """(a copy of the layout, its public key)"""
    folder = paths.peer_vectors()
    shutil.copytree(folder / request.param, tmp_path / "copy")
    return oci.Layout(tmp_path / "copy"), folder / "keys" / KEYS[request.param]


def test_it_verifies_with_its_key_and_no_other(vector, stranger):
    layout, public = vector
    assert signer.allows(f"oci:{layout.folder}:v1", public).digest == DIGEST
    signer.denies(f"oci:{layout.folder}:v1", stranger.public, reason="untrusted_key")


@pytest.mark.parametrize("kept", ["classic", "bundle"])
def test_either_format_alone_is_enough(vector, kept):
    layout, public = vector
    index = layout.index()

    def is_classic(entry):
        return entry.get("annotations", {}).get(oci.REF_NAME) == SIG_TAG

    def is_referrer(entry):
        document = layout.document(entry["digest"])
        return "subject" in document or "manifests" in document

    dropped = is_referrer if kept == "classic" else is_classic
    index["manifests"] = [m for m in index["manifests"]
                          if m["digest"] == DIGEST or not dropped(m)]
    layout.write_index(index)
    signer.allows(f"oci:{layout.folder}:v1", public)


def test_its_provenance_is_read(tmp_path):
    folder = paths.peer_vectors()
    reference = f"oci:{folder / 'cosign-p256'}:v1"
    public = folder / "keys" / "p256.pub"
    signer.verify_attestation(reference, public, "slsaprovenance1").exits(0)
    signer.verify_attestation(reference, public, "cyclonedx").exits(1)


@pytest.mark.parametrize("name", ["p256", "rsa2048", "ed25519"])
def test_its_key_file_signs(tiny, name):
    folder = paths.peer_vectors() / "keys"
    signer.sign(tiny.ref, folder / f"{name}.key", env=environment(COSIGN_PASSWORD="pw")).ok()
    signer.allows(tiny.ref, folder / f"{name}.pub")
