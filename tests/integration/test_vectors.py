# SPDX-License-Identifier: Apache-2.0
"""Images that other tools signed, kept as layouts: each verifies with its key and no other."""

import json
import shutil

import pytest

from lib import oci, paths, signer
from lib.run import environment, notar

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


NOTATIONS = {"notation-nec256": "nec256", "notation-nrsa3072": "nrsa3072"}
ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json"


def notary_policy(folder, pem, level="strict"):
    """notation's own files, as a policy: a store with this anchor."""
    store = folder / "truststore" / "x509" / "ca" / "us"
    store.mkdir(parents=True)
    (store / "ca.crt").write_bytes(pem)
    (folder / "trustpolicy.json").write_text(json.dumps({"version": "1.0", "trustPolicies": [{
        "name": "all", "registryScopes": ["*"], "signatureVerification": {"level": level},
        "trustStores": ["ca:us"], "trustedIdentities": ["*"]}]}))
    return folder


@pytest.fixture(params=NOTATIONS)
def notations(request, tmp_path):
    """(a copy of the layout, its CA, a stranger's CA)"""
    folder = paths.peer_vectors()
    shutil.copytree(folder / request.param, tmp_path / "copy")
    other = next(n for n in NOTATIONS.values() if n != NOTATIONS[request.param])
    anchors = [(folder / "keys" / f"{n}-ca.crt").read_bytes()
               for n in (NOTATIONS[request.param], other)]
    return oci.Layout(tmp_path / "copy"), *anchors


def signatures_of(layout):
    """Digest of the manifest by the media type of the envelope in it."""
    return {manifest["layers"][0]["mediaType"]: entry["digest"]
            for entry, manifest in layout.referrers(DIGEST)}


def keep_only(layout, digest):
    index = layout.index()
    index["manifests"] = [m for m in index["manifests"] if m["digest"] in (DIGEST, digest)]
    layout.write_index(index)


@pytest.mark.parametrize("form", ["application/jose+json", "application/cose"])
def test_notations_signature_holds_for_its_authority_and_no_other(notations, tmp_path, form):
    layout, ca, stranger = notations
    keep_only(layout, signatures_of(layout)[form])
    policy = notary_policy(tmp_path / "known", ca)
    image = f"oci:{layout.folder}:v1"
    notar("verify", "--policy", policy, image).exits(0)
    notar("verify", "--policy", notary_policy(tmp_path / "unknown", stranger), image).exits(1)


@pytest.mark.parametrize("form", ["application/jose+json", "application/cose"])
def test_notations_signature_in_an_artifact_manifest_is_read(notations, tmp_path, form):
    """As the release candidates of OCI 1.1 had it."""
    layout, ca, stranger = notations
    document = layout.document(signatures_of(layout)[form])
    artifact = {"mediaType": ARTIFACT, "artifactType": "application/vnd.cncf.notary.signature",
                "blobs": document["layers"], "subject": document["subject"],
                "annotations": document["annotations"]}
    keep_only(layout, DIGEST)
    layout.add(ARTIFACT, oci.dump(artifact))
    image = f"oci:{layout.folder}:v1"
    notar("verify", "--policy", notary_policy(tmp_path / "known", ca), image).exits(0)
    notar("verify", "--policy", notary_policy(tmp_path / "unknown", stranger), image).exits(1)
