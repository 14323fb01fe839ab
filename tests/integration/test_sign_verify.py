# SPDX-License-Identifier: Apache-2.0
"""notar with itself: sign, store, find, verify, refuse; in registries and layouts."""

import concurrent.futures
import json

import pytest

from lib import images, keys, oci, referrers, servers, signer
from lib.push import Client
from lib.run import notar, skopeo

BOTH = pytest.mark.parametrize("form", signer.FORMATS)


@pytest.fixture(params=["referrers-api", "tag-fallback", "layout"])
def place(request, repo, tiny):
    """The tiny image by digest in a registry with, one without the referrers API, a layout."""
    if request.param == "layout":
        return tiny.by_digest
    name = {"referrers-api": "api_registry", "tag-fallback": "tag_registry"}[request.param]
    return Client(request.getfixturevalue(name).host).push(tiny, repo)


@BOTH
@pytest.mark.parametrize("kind", keys.KINDS)
def test_each_kind_of_key_signs_and_verifies(tiny, key_pairs, kind, form):
    pair = key_pairs(kind)
    signer.sign(tiny.ref, pair.private, form).ok()
    assert signer.allows(tiny.ref, pair.public).digest == tiny.digest
    signer.denies(tiny.ref, key_pairs(kind, number=2).public, reason="untrusted_key")


@BOTH
def test_an_image_is_refused_until_it_is_signed(place, key, stranger, form):
    signer.denies(place, key.public, reason="unsigned")
    signer.sign(place, key.private, form).ok()
    signer.allows(place, key.public)
    signer.denies(place, stranger.public, reason="untrusted_key")
    signer.allows(place, stranger.public, key.public)


@BOTH
def test_signing_again_writes_nothing_and_says_so(place, key, form):
    first = signer.sign(place, key.private, form).ok()
    again = signer.sign(place, key.private, form).ok()
    assert again.err != first.err, "it must say that nothing was written"
    signer.sign(place, key.private, form, "--annotation", "build=42").ok()
    signatures = json.loads(notar("tree", "--json", place).ok().out)
    assert _count(signatures, "format") == 2, signatures


def _count(document, member: str) -> int:
    return sum(1 for o in signer.objects(document) if member in o)


@BOTH
def test_a_real_debian_image_is_signed_and_verified(debian_image, registry, repo, key, form,
                                                    tmp_path):
    images.push(debian_image, registry.ref(repo))
    reference = f"{registry.host}/{repo}@{debian_image.digest}"
    signer.sign(reference, key.private, form).ok()
    signer.allows(reference, key.public)
    back = images.pull(reference, tmp_path / "back")
    assert back.digest == debian_image.digest


@BOTH
def test_skopeo_takes_a_signed_image_elsewhere(registry, repo, tiny, key, form, tmp_path):
    signer.sign(Client(registry.host).push(tiny, repo), key.private, form).ok()
    back = images.pull(registry.ref(repo), tmp_path / "back")
    # skopeo leaves referrers behind: the copy is unsigned, and that is what we must say.
    signer.denies(back.ref, key.public, reason="unsigned")
    there = images.push(back, registry.ref(repo + "-copy"))
    signer.denies(there, key.public, reason="unsigned")
    signer.sign(back.ref, key.private, form).ok()
    signer.allows(back.ref, key.public)
    skopeo("inspect", "--raw", back.ref).ok()


def test_a_classic_signature_copied_by_skopeo_counts(registry, repo, tiny, key):
    signer.sign(Client(registry.host).push(tiny, repo), key.private, "simple").ok()
    tag = referrers.simple_tag(tiny.digest)
    there = images.push(tiny, registry.ref(repo + "-copy"))
    skopeo("copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--preserve-digests",
           f"docker://{registry.ref(repo, tag)}", f"docker://{registry.ref(repo + '-copy', tag)}"
           ).ok()
    signer.allows(there, key.public)


@BOTH
def test_both_sources_are_searched(place, key, stranger, form):
    other = {"bundle": "simple", "simple": "bundle"}[form]
    signer.sign(place, stranger.private, other).ok()
    signer.sign(place, key.private, form).ok()
    signer.allows(place, key.public)
    signer.allows(place, stranger.public)


def test_a_tag_is_resolved_and_its_digest_printed(registry, repo, tiny, key):
    client = Client(registry.host)
    client.push(tiny, repo)
    assert tiny.digest in signer.sign(registry.ref(repo), key.private).ok().err
    assert signer.allows(registry.ref(repo), key.public).digest == tiny.digest


@BOTH
def test_a_moved_tag_is_refused(registry, repo, tiny, key, form, tmp_path):
    client = Client(registry.host)
    client.push(tiny, repo)
    signer.sign(registry.ref(repo), key.private, form).ok()
    moved = images.tiny(tmp_path / "moved", text="moved\n")
    client.push(moved, repo, "v1")
    assert signer.denies(registry.ref(repo), key.public, reason="unsigned").digest == moved.digest
    signer.allows(f"{registry.host}/{repo}:v1@{tiny.digest}", key.public)


@BOTH
def test_our_signature_is_refused_for_another_digest(registry, repo, tiny, key, form, tmp_path):
    client = Client(registry.host)
    signer.sign(client.push(tiny, repo), key.private, form).ok()
    other = images.tiny(tmp_path / "other", text="not what was signed\n")
    reference = client.push(other, repo, "other")
    for _, _, bundle in referrers.bundles(client, repo, tiny.digest):
        referrers.plant_bundle(client, repo, referrers.subject(client, repo, "other"), bundle)
    if form == "simple":
        referrers.plant_simple(client, repo, other.digest,
                               referrers.simple(client, repo, tiny.digest))
    signer.denies(reference, key.public, reason="digest_mismatch")


def test_every_bit_of_a_bundle_blob_counts(tiny, key):
    """A layout whose signature blob was touched: digests no longer match, nothing is allowed."""
    signer.sign(tiny.ref, key.private).ok()
    layout = tiny.layout
    _, manifest = layout.referrers(tiny.digest)[0]
    path = layout.blob_path(manifest["layers"][0]["digest"])
    good = path.read_bytes()
    for position in range(0, len(good), max(1, len(good) // 24)):
        bad = bytearray(good)
        bad[position] ^= 1
        path.write_bytes(bytes(bad))
        verdict = signer.judge(tiny.ref, key.public)
        assert verdict.verdict != signer.ALLOW, f"byte {position}"
        assert verdict.reason != "unsigned", f"byte {position}"


def test_a_tampered_image_is_refused(tiny, key):
    signer.sign(tiny.ref, key.private).ok()
    path = tiny.layout.blob_path(tiny.digest)
    path.write_bytes(path.read_bytes().replace(b"application", b"Application", 1))
    assert signer.judge(tiny.ref, key.public).verdict != signer.ALLOW


def test_recursive_signs_the_children(place, api_registry, repo, key, tmp_path):
    image = images.index_of(tmp_path / "multi", 3)
    children = [c["digest"] for c in image.layout.document(image.digest)["manifests"]]
    reference, base = image.ref, f"oci:{image.layout.folder}"
    if not place.startswith("oci:"):
        base = place.split("@")[0]
        reference = Client(place.split("/")[0]).push(image, base.split("/", 1)[1])
    signer.sign(reference, key.private).ok()
    signer.denies(f"{base}@{children[0]}", key.public, reason="unsigned")
    signer.sign(reference, key.private, "bundle", "--recursive").ok()
    for child in children:
        signer.allows(f"{base}@{child}", key.public)


def test_several_images_are_signed_in_one_go(tmp_path, key):
    made = [images.tiny(tmp_path / str(n), text=f"{n}\n") for n in range(3)]
    notar("sign", "--key", key.private, *(image.ref for image in made)).ok()
    notar("verify", "--key", key.public, *(image.ref for image in made)).ok()
    images.tiny(made[1].layout.folder, text="changed\n")
    notar("verify", "--key", key.public, *(image.ref for image in made)).exits(1)


def test_five_signers_at_once_lose_nothing(tmp_path, registry, repo, tiny, key_pairs):
    reference = Client(registry.host).push(tiny, repo)
    pairs = [key_pairs("P-256", number) for number in range(1, 6)]
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        done = list(pool.map(lambda pair: signer.sign(reference, pair.private), pairs))
    for result, pair in zip(done, pairs, strict=True):
        result.ok()
        signer.allows(reference, pair.public)


def test_five_signers_at_once_in_one_layout_lose_nothing(tiny, key_pairs):
    pairs = [key_pairs("P-256", number) for number in range(1, 6)]
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        done = list(pool.map(lambda pair: signer.sign(tiny.ref, pair.private), pairs))
    for result, pair in zip(done, pairs, strict=True):
        result.ok()
        signer.allows(tiny.ref, pair.public)


def test_somebody_elses_referrer_survives_our_signature(tag_registry, repo, tiny, key):
    client = Client(tag_registry.host)
    reference = client.push(tiny, repo)
    foreign = {"mediaType": "application/vnd.example+json", "digest": "sha256:" + "a" * 64,
               "size": 7, "artifactType": "application/vnd.example", "unknown": {"kept": [1, 2]}}
    tag = referrers.fallback_tag(tiny.digest)
    client.put_blob(repo, b"{}")
    odd = oci.dump({"schemaVersion": 2, "mediaType": oci.INDEX, "manifests": [],
                    "annotations": {"kept": "too"}})
    client.put_manifest(repo, odd, oci.INDEX, tag)
    # docker-registry refuses an index that lists what it does not hold: add a real one.
    planted = referrers.plant_bundle(client, repo, referrers.subject(client, repo, "v1"), b"{}",
                                     annotations={"org.example": foreign["artifactType"]})
    before = json.loads(client.get_manifest(repo, tag)[2])
    signer.sign(reference, key.private).ok()
    after = json.loads(client.get_manifest(repo, tag)[2])
    assert after["manifests"][0] == before["manifests"][0]
    assert after["manifests"][0]["digest"] == planted and len(after["manifests"]) == 2
    assert after["annotations"] == {"kept": "too"}
    signer.allows(reference, key.public)


def test_unknown_index_members_of_a_layout_survive_our_signature(tiny, key):
    index = tiny.layout.index()
    index["x-unknown"], index["manifests"][0]["x-kept"] = {"a": 1}, [1]
    tiny.layout.write_index(index)
    signer.sign(tiny.ref, key.private).ok()
    after = tiny.layout.index()
    assert after["x-unknown"] == {"a": 1} and after["manifests"][0]["x-kept"] == [1]
    assert after["manifests"][0]["digest"] == tiny.digest
    signer.allows(tiny.ref, key.public)


def test_a_missing_image_is_not_called_unsigned(registry, repo, key, tiny):
    Client(registry.host).push(tiny, repo)
    for reference in (registry.ref(repo, "absent"), registry.ref(repo + "-absent")):
        verdict = signer.judge(reference, key.public)
        assert verdict.verdict != signer.ALLOW and verdict.reason == "not_found", verdict.result
    absent = f"oci:{tiny.layout.folder}:absent"
    assert signer.judge(absent, key.public).reason == "not_found"


def test_an_unreachable_registry_is_undetermined(key):
    signer.cannot_tell("127.0.0.1:1/app:v1", key.public, reason="registry_unreachable")


def test_a_cold_verification_by_digest_asks_at_most_three_times(tmp_path, tiny, key):
    with servers.go_registry(tmp_path / "registry") as registry:
        reference = Client(registry.host).push(tiny, "app")
        signer.sign(reference, key.private).ok()
        before = len(registry.requests())
        signer.allows(reference, key.public)
        asked = registry.requests()[before:]
        assert len(asked) <= 3, asked


def test_explain_names_each_signature_and_why(place, key, stranger):
    signer.sign(place, stranger.private, "simple").ok()
    signer.sign(place, key.private).ok()
    told = signer.verify(place, key.public, args=("--explain",)).ok()
    said = told.out + told.err
    assert "untrusted_key" in said and "trusted" in said.replace("untrusted", "")


def test_tree_shows_every_referrer(place, key, tmp_path):
    predicate = tmp_path / "predicate.json"
    predicate.write_text('{"approved": true}')
    signer.sign(place, key.private).ok()
    signer.sign(place, key.private, "simple").ok()
    signer.attest(place, key.private, "https://example.com/review/v1", predicate).ok()
    shown = notar("tree", place).ok().out
    assert "https://example.com/review/v1" in shown
    assert "bundle" in shown and "simple" in shown


def test_quiet_says_nothing(place, key):
    assert signer.sign(place, key.private, "bundle", "--quiet").ok().err == ""
    told = signer.verify(place, key.public, args=("--quiet",)).ok()
    assert (told.out, told.err) == ("", "")


def test_attestations_are_told_apart_by_type_and_key(place, key, stranger, tmp_path):
    predicate = tmp_path / "predicate.json"
    predicate.write_text('{"spdxVersion": "SPDX-2.3", "name": "app"}')
    signer.attest(place, key.private, "spdx", predicate).ok()
    signer.verify_attestation(place, key.public, "spdx").exits(0)
    signer.verify_attestation(place, key.public, "cyclonedx").exits(1)
    signer.verify_attestation(place, stranger.public, "spdx").exits(1)
    assert signer.judge(place, key.public).verdict == signer.DENY
