# SPDX-License-Identifier: Apache-2.0
"""notar verifies what the real cosign signs, and refuses it for anything else."""

import base64
import json

import pytest

from lib import cosign, images, keys, oci, referrers, signer
from lib.push import Client

BOTH = pytest.mark.parametrize("form", cosign.FORMATS)


@pytest.fixture(scope="module")
def imported(tmp_path_factory, key_pairs):
    """A function: cosign's encrypted form of the run's key of a kind."""
    folder, made = tmp_path_factory.mktemp("imported"), {}

    def get(kind: str):
        if kind not in made:
            made[kind] = cosign.import_key(folder, key_pairs(kind).private, kind)
        return made[kind]
    return get


@BOTH
@pytest.mark.parametrize("kind", keys.KINDS)
def test_we_verify_cosigns_signature(api_registry, repo, tiny, imported, key_pairs, kind, form):
    private, public = imported(kind)
    reference = Client(api_registry.host).push(tiny, repo)
    cosign.sign(reference, private, form).ok()
    verdict = signer.allows(reference, public)
    assert verdict.digest == tiny.digest
    signer.denies(reference, key_pairs(kind, number=2).public, reason="untrusted_key")


@BOTH
@pytest.mark.parametrize("kind", ["P-256", "RSA-2048"])
def test_we_verify_cosigns_signature_without_the_referrers_api(tag_registry, repo, tiny, imported,
                                                               kind, form):
    private, public = imported(kind)
    reference = Client(tag_registry.host).push(tiny, repo)
    cosign.sign(reference, private, form).ok()
    signer.allows(reference, public)


@BOTH
def test_cosigns_signature_is_refused_for_another_digest(pushed, registry, repo, imported, form,
                                                         tmp_path):
    client, reference = pushed
    private, public = imported("P-256")
    cosign.sign(reference, private, form).ok()
    digest = reference.split("@")[1]
    other = images.tiny(tmp_path / "other", text="not what was signed\n")
    other_reference = client.push(other, repo, "other")
    if form == "bundle":
        for _, _, bundle in referrers.bundles(client, repo, digest):
            referrers.plant_bundle(client, repo, referrers.subject(client, repo, "other"), bundle)
    else:
        signatures = referrers.simple(client, repo, digest)
        referrers.plant_simple(client, repo, other.digest, signatures)
    signer.denies(other_reference, public, reason="digest_mismatch")


def _flip_payload(bundle: bytes) -> bytes:
    document = json.loads(bundle)
    envelope = document["dsseEnvelope"]
    # Still the same statement to a JSON reader, but not the bytes that were signed.
    payload = base64.b64decode(envelope["payload"]) + b" "
    envelope["payload"] = base64.b64encode(payload).decode()
    return oci.dump(document)


@BOTH
def test_a_changed_payload_is_refused(pushed, repo, imported, form, tiny):
    client, reference = pushed
    private, public = imported("P-256")
    cosign.sign(reference, private, form).ok()
    # The genuine signature is replaced, or the image would rightly stay trusted.
    if form == "bundle":
        genuine = referrers.bundles(client, repo, tiny.digest)[0][2]
        twin = f"{repo}-twin"
        reference = client.push(tiny, twin)
        referrers.plant_bundle(client, twin, referrers.subject(client, twin, tiny.digest),
                               _flip_payload(genuine))
    else:
        layer, payload = referrers.simple(client, repo, tiny.digest)[0]
        referrers.plant_simple(client, repo, tiny.digest, [(layer, payload + b" ")])
    # By a key alone, a wrong signature and another key's signature look the same.
    verdict = signer.judge(reference, public)
    assert verdict.verdict == signer.DENY
    assert ({verdict.reason} | verdict.reasons) & {"bad_signature", "untrusted_key"}


@BOTH
def test_a_moved_tag_is_refused(pushed, registry, repo, imported, form, tmp_path, tiny):
    client, _ = pushed
    private, public = imported("P-256")
    by_tag = registry.ref(repo, tiny.tag)
    cosign.sign(by_tag, private, form).ok()
    assert signer.allows(by_tag, public).digest == tiny.digest
    moved = images.tiny(tmp_path / "moved", text="moved\n")
    client.push(moved, repo, tiny.tag)
    verdict = signer.denies(by_tag, public, reason="unsigned")
    assert verdict.digest == moved.digest


@BOTH
def test_a_signature_by_cosign_with_annotations_is_verified(pushed, imported, form):
    _, reference = pushed
    private, public = imported("P-256")
    cosign.sign(reference, private, form, "-a", "build=42").ok()
    signer.allows(reference, public)


@BOTH
def test_cosigns_recursive_signatures_are_verified(api_registry, repo, imported, form, tmp_path):
    private, public = imported("P-256")
    image = images.index_of(tmp_path / "multi", 2)
    client = Client(api_registry.host)
    cosign.sign(client.push(image, repo), private, form, "--recursive").ok()
    for child in image.layout.document(image.digest)["manifests"]:
        signer.allows(f"{api_registry.host}/{repo}@{child['digest']}", public)


@BOTH
def test_we_verify_cosigns_attestation(registry, repo, tiny, imported, form, tmp_path):
    private, public = imported("P-256")
    reference = Client(registry.host).push(tiny, repo)
    predicate = tmp_path / "predicate.json"
    predicate.write_text(json.dumps({
        "buildDefinition": {"buildType": "https://example.com/build/v1", "externalParameters": {}},
        "runDetails": {"builder": {"id": "https://example.com/builder"}}}))
    cosign.attest(reference, private, predicate, form=form).ok()
    signer.verify_attestation(reference, public, "slsaprovenance1").exits(0)
    signer.verify_attestation(reference, public, "spdxjson").exits(1)
    # An attestation is not a signature of the image.
    assert signer.judge(reference, public).verdict == signer.DENY


def test_we_verify_cosigns_blob_signature(imported, key_pairs, tmp_path):
    private, public = imported("P-256")
    blob, bundle = tmp_path / "release.tar", tmp_path / "release.bundle"
    blob.write_bytes(b"bytes to ship\n" * 1000)
    cosign.sign_blob(blob, private, bundle).ok()
    signer.verify_blob(blob, public, bundle).exits(0)
    digest = oci.digest_of(blob.read_bytes())
    signer.verify_blob(digest, public, bundle).exits(0)
    signer.verify_blob(blob, key_pairs(number=2).public, bundle).exits(1)
    blob.write_bytes(b"other bytes\n")
    signer.verify_blob(blob, public, bundle).exits(1)


def test_cosigns_signature_travels_in_a_layout(api_registry, repo, tiny, imported, tmp_path):
    private, public = imported("P-256")
    client = Client(api_registry.host)
    cosign.sign(client.push(tiny, repo), private).ok()
    layout = oci.Layout(tmp_path / "copy")
    for blob in (tiny.layout.folder / "blobs" / "sha256").iterdir():
        layout.write(blob.read_bytes())
    layout.add(oci.MANIFEST, tiny.layout.read(tiny.digest), "v1")
    for _, manifest, bundle in referrers.bundles(client, repo, tiny.digest):
        layout.write(bundle)
        layout.write(b"{}")
        found = client.referrers(repo, tiny.digest)[0]["digest"]
        layout.add(oci.MANIFEST, client.get_manifest(repo, found)[2])
    signer.allows(f"oci:{layout.folder}:v1", public)
