# SPDX-License-Identifier: Apache-2.0
"""The peers and the test infrastructure do what the other tests take for granted."""

import json

import pytest

from lib import cosign, docker_config, images, oci, referrers, servers
from lib.hostile import HostileRegistry, cut_mid_body, throttle, wrong_bytes
from lib.push import Client
from lib.run import skopeo
from lib.tokens import TokenServer


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return cosign.generate_key(tmp_path_factory.mktemp("cosign-key"))


@pytest.mark.parametrize("form", cosign.FORMATS)
def test_cosign_signs_and_verifies(registry, repo, tiny, key, form):
    reference = Client(registry.host).push(tiny, repo)
    assert cosign.verify(reference, key[1], form).code != 0
    cosign.sign(reference, key[0], form).ok()
    cosign.verify(reference, key[1], form).ok()


def test_a_bundle_is_found_through_the_referrers_api(api_registry, repo, tiny, key):
    client = Client(api_registry.host)
    cosign.sign(client.push(tiny, repo), key[0]).ok()
    assert len(client.referrers(repo, tiny.digest)) == 1
    assert client.get_manifest(repo, tiny.digest.replace(":", "-")) is None


def test_a_bundle_is_found_through_the_fallback_tag(tag_registry, repo, tiny, key):
    client = Client(tag_registry.host)
    cosign.sign(client.push(tiny, repo), key[0]).ok()
    assert client.referrers(repo, tiny.digest) is None
    _, media_type, index = client.get_manifest(repo, tiny.digest.replace(":", "-"))
    assert media_type == oci.INDEX and len(json.loads(index)["manifests"]) == 1


@pytest.mark.parametrize("form", cosign.FORMATS)
def test_the_hostile_registry_left_alone_is_honest(hostile, tiny, key, form, tmp_path):
    reference = images.push(tiny, f"{hostile.host}/app:v1")
    cosign.sign(reference, key[0], form).ok()
    cosign.verify(reference, key[1], form).ok()
    assert images.pull(f"{hostile.host}/app:v1", tmp_path / "back").digest == tiny.digest


def test_a_hostile_rule_bites_and_is_taken_back(hostile, tiny, tmp_path):
    hostile.store.load(tiny.layout, "app")
    hostile.on("blob", wrong_bytes())
    copy = ("copy", "--src-tls-verify=false", f"docker://{hostile.host}/app:v1",
            f"oci:{tmp_path}/back:v1")
    assert "Digest did not match" in skopeo(*copy).err
    hostile.calm()
    hostile.on("manifest", throttle("0"), times=1)
    skopeo(*copy).ok()
    assert [s.status for s in hostile.seen("manifest")].count(429) == 1


@pytest.mark.parametrize("form", cosign.FORMATS)
def test_a_signature_planted_elsewhere_is_what_it_was(registry, repo, tiny, key, form, tmp_path):
    """Planting works, so what the refusal tests plant is refused for its content."""
    client, twin = Client(registry.host), repo + "-twin"
    cosign.sign(client.push(tiny, repo), key[0], form).ok()
    copy = client.push(tiny, twin)
    other = images.tiny(tmp_path / "other", text="other\n")
    elsewhere = client.push(other, twin, "other")
    if form == "bundle":
        bundle = referrers.bundles(client, repo, tiny.digest)[0][2]
        for tag in ("v1", "other"):
            referrers.plant_bundle(client, twin, referrers.subject(client, twin, tag), bundle)
    else:
        found = referrers.simple(client, repo, tiny.digest)
        for digest in (tiny.digest, other.digest):
            referrers.plant_simple(client, twin, digest, found)
    cosign.verify(copy, key[1], form).ok()
    assert cosign.verify(elsewhere, key[1], form).code != 0


def test_the_hostile_registry_speaks_tls_and_cuts_it(authority, tiny, tmp_path):
    ca, certificate = authority
    with HostileRegistry(certificate=certificate) as hostile:
        hostile.store.load(tiny.layout, "app")
        trusted = tmp_path / "certs"
        trusted.mkdir()
        (trusted / "ca.crt").write_bytes(ca.cert.read_bytes())
        inspect = ("inspect", "--raw", "--retry-times=0", "--cert-dir", trusted,
                   f"docker://{hostile.host}/app:v1")
        assert oci.digest_of(skopeo(*inspect).ok().out.encode()) == tiny.digest
        hostile.on("manifest", cut_mid_body())
        assert skopeo(*inspect).code != 0


def test_an_index_and_its_children_are_copied(registry, repo, tmp_path):
    image = images.index_of(tmp_path / "image", 3)
    images.push(image, registry.ref(repo, "multi"))
    back = images.pull(registry.ref(repo, "multi"), tmp_path / "back")
    assert back.digest == image.digest
    assert len(back.layout.document(back.digest)["manifests"]) == 3


def test_a_real_debian_root_is_copied(registry, repo, debian_image, tmp_path):
    images.push(debian_image, registry.ref(repo))
    assert images.pull(registry.ref(repo), tmp_path / "back").digest == debian_image.digest


@pytest.mark.parametrize("start", [servers.go_registry, servers.debian_registry])
def test_a_registry_behind_basic_authentication_and_tls(start, authority, tiny, tmp_path, repo):
    _, certificate = authority
    with start(tmp_path / "registry", cert=certificate, basic=True) as registry:
        login = f"{servers.USER}:{servers.SECRET}"
        copy = ("copy", "--dest-tls-verify=false", tiny.ref, f"docker://{registry.ref(repo)}")
        assert skopeo(*copy).code != 0
        skopeo(*copy[:1], "--dest-creds", login, *copy[1:]).ok()


def test_a_registry_behind_a_token_service(tiny, tmp_path, repo):
    # Not with cosign: it refuses a token realm on a loopback address.
    with TokenServer(tmp_path / "tokens", servers.USER, servers.SECRET) as tokens, \
            servers.debian_registry(tmp_path / "registry", token=tokens) as registry:
        env = docker_config.environment(tmp_path / "docker", registry.host)
        images.push(tiny, registry.ref(repo), env=env)
        pull = ("inspect", "--raw", "--tls-verify=false", f"docker://{registry.ref(repo)}")
        assert "unauthorized" in skopeo(*pull).err
        assert oci.digest_of(skopeo(*pull, env=env).ok().out.encode()) == tiny.digest
        assert any("push" in query.get("scope", [""])[0] for query, _ in tokens.asked)


def test_requests_are_counted(tmp_path, tiny):
    with servers.go_registry(tmp_path / "registry") as registry:
        Client(registry.host).get_manifest("app", "v1")
        assert registry.requests() == ["GET /v2/app/manifests/v1 404"]
