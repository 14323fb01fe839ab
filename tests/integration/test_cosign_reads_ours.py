# SPDX-License-Identifier: Apache-2.0
"""The real cosign verifies what notar signs, wherever cosign can verify that kind of key."""

import json

import pytest

from lib import cosign, images, keys, referrers, signer
from lib.push import Client


@pytest.mark.parametrize("form", signer.FORMATS)
@pytest.mark.parametrize("kind", keys.KINDS)
def test_cosign_verifies_our_signature(api_registry, repo, tiny, key_pairs, kind, form):
    pair = key_pairs(kind)
    reference = Client(api_registry.host).push(tiny, repo)
    signer.sign(reference, pair.private, form).ok()
    cosign.verify(reference, pair.public, form, curve=kind).ok()
    other = key_pairs(kind, number=2)
    assert cosign.verify(reference, other.public, form, curve=kind).code != 0


@pytest.mark.parametrize("form", signer.FORMATS)
@pytest.mark.parametrize("kind", ["P-256", "RSA-2048"])
def test_cosign_verifies_our_signature_without_the_referrers_api(tag_registry, repo, tiny,
                                                                 key_pairs, kind, form):
    pair = key_pairs(kind)
    reference = Client(tag_registry.host).push(tiny, repo)
    signer.sign(reference, pair.private, form).ok()
    cosign.verify(reference, pair.public, form, curve=kind).ok()


@pytest.mark.parametrize("form", signer.FORMATS)
def test_cosign_sees_our_annotations(pushed, key, form):
    _, reference = pushed
    signer.sign(reference, key.private, form, "--annotation", "build=42").ok()
    cosign.verify(reference, key.public, form, "-a", "build=42").ok()
    if form == "simple":  # cosign compares annotations of classic signatures only
        assert cosign.verify(reference, key.public, form, "-a", "build=43").code != 0


@pytest.mark.parametrize("form", signer.FORMATS)
def test_cosign_verifies_our_signature_on_an_index_and_its_children(pushed, registry, repo, key,
                                                                    form, tmp_path):
    client, _ = pushed
    image = images.index_of(tmp_path / "multi", 2)
    reference = client.push(image, repo)
    signer.sign(reference, key.private, form, "--recursive").ok()
    children = image.layout.document(image.digest)["manifests"]
    for digest in (image.digest, *(child["digest"] for child in children)):
        cosign.verify(f"{registry.host}/{repo}@{digest}", key.public, form).ok()


@pytest.mark.parametrize("form", signer.FORMATS)
def test_cosign_verifies_a_signature_we_wrote_into_a_layout(api_registry, repo, tiny, key, form):
    signer.sign(tiny.ref, key.private, form).ok()
    client = Client(api_registry.host)
    client.push_all(tiny.layout, repo)
    cosign.verify(f"{api_registry.host}/{repo}@{tiny.digest}", key.public, form).ok()


@pytest.mark.parametrize("form", signer.FORMATS)
def test_a_second_signature_leaves_cosigns_in_place(pushed, key, form, tmp_path):
    _, reference = pushed
    private, public = cosign.generate_key(tmp_path / "cosign")
    cosign.sign(reference, private, form).ok()
    signer.sign(reference, key.private, form).ok()
    cosign.verify(reference, public, form).ok()
    cosign.verify(reference, key.public, form).ok()


@pytest.mark.parametrize("form", signer.FORMATS)
def test_cosigns_signature_leaves_ours_in_place(pushed, key, form, tmp_path):
    _, reference = pushed
    private, public = cosign.generate_key(tmp_path / "cosign")
    signer.sign(reference, key.private, form).ok()
    cosign.sign(reference, private, form).ok()
    signer.allows(reference, key.public)
    signer.allows(reference, public)


def test_cosign_signs_with_a_key_file_we_wrote(pushed, tmp_path):
    _, reference = pushed
    private, public = signer.generate_key(tmp_path / "made")
    cosign.sign(reference, private).ok()
    signer.allows(reference, public)
    cosign.verify(reference, public).ok()


def test_we_sign_with_a_key_file_cosign_wrote(pushed, tmp_path):
    _, reference = pushed
    private, public = cosign.generate_key(tmp_path / "made")
    signer.sign(reference, private).ok()
    cosign.verify(reference, public).ok()


@pytest.mark.parametrize("kind", ["slsaprovenance1", "spdxjson", "cyclonedx", "vuln",
                                  "https://example.com/review/v1"])
def test_cosign_verifies_our_attestation(api_registry, repo, tiny, key, kind, tmp_path):
    reference = Client(api_registry.host).push(tiny, repo)
    predicate = tmp_path / "predicate.json"
    predicate.write_text(json.dumps(PREDICATES.get(kind, {"approved": True})))
    signer.attest(reference, key.private, kind, predicate).ok()
    cosign.verify_attestation(reference, key.public, kind).ok()


def test_the_bundle_is_stored_the_way_cosign_stores_it(pushed, repo, tiny, key, tmp_path):
    client, reference = pushed
    private, _ = cosign.generate_key(tmp_path / "cosign")
    signer.sign(reference, key.private).ok()
    cosign.sign(reference, private).ok()
    ours, theirs = referrers.bundles(client, repo, tiny.digest)
    for manifest in (ours[1], theirs[1]):
        assert manifest["subject"]["digest"] == tiny.digest
        for volatile in ("layers", "annotations"):
            manifest[volatile + " members"] = sorted(manifest.pop(volatile)[0]) \
                if volatile == "layers" else sorted(manifest.pop(volatile))
    assert ours[1] == theirs[1]
    assert sorted(json.loads(ours[2])) == sorted(json.loads(theirs[2]))


def test_cosign_verifies_our_blob_signature(key, tmp_path):
    blob, bundle = tmp_path / "release.tar", tmp_path / "release.bundle"
    blob.write_bytes(b"bytes to ship\n" * 1000)
    signer.sign_blob(blob, key.private, bundle).ok()
    cosign.verify_blob(blob, key.public, bundle).ok()
    blob.write_bytes(b"other bytes\n")
    assert cosign.verify_blob(blob, key.public, bundle).code != 0


PREDICATES = {
    "slsaprovenance1": {
        "buildDefinition": {"buildType": "https://example.com/build/v1", "externalParameters": {}},
        "runDetails": {"builder": {"id": "https://example.com/builder"}}},
    "spdxjson": {"spdxVersion": "SPDX-2.3", "name": "app", "packages": []},
    "cyclonedx": {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": []},
    "vuln": {"invocation": {}, "scanner": {"uri": "https://example.com/scanner"},
             "metadata": {"scanStartedOn": "2026-01-01T00:00:00Z",
                          "scanFinishedOn": "2026-01-01T00:01:00Z"}},
}
