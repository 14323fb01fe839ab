# SPDX-License-Identifier: Apache-2.0
"""The pull gate: the real nginx before Debian's docker-registry, skopeo as the client."""

import contextlib
import json

import pytest

from lib import daemon_files, images, nginx, servers, signer
from lib.notard import notard
from lib.process import free_port
from lib.push import Client
from lib.run import skopeo

NAME = "registry.example"


@contextlib.contextmanager
def gated(folder, key, registry, *, rules=None, **more):
    """(gate's host, daemon): policies know the registry as registry.example."""
    port = free_port()
    policy = daemon_files.policy(folder / "policy.json",
                                 *(rules or [daemon_files.rule(f"{NAME}/*", "release")]),
                                 signers={"release": [key.public]})
    config = daemon_files.config(policy, gate={"registry": NAME}, negative_ttl="0s",
                                 registries={NAME: {"upstream": registry.host}}, **more)
    with notard(folder / "notard", config) as daemon, \
         nginx.gate(folder / "nginx", registry.host, daemon.host, port) as host:
        yield host, daemon


@pytest.fixture
def gate(tmp_path, key, tag_registry):
    with gated(tmp_path, key, tag_registry) as (host, daemon):
        yield host, daemon, Client(tag_registry.host)


def pull(host: str, what: str, folder, *args):
    return skopeo("copy", "--src-tls-verify=false", *args, f"docker://{host}/{what}",
                  f"oci:{folder}:v1")


def check(daemon, uri: str, method: str = "GET", **more):
    headers = {"X-Original-Method": method, "X-Original-URI": uri, **more}
    return daemon.ask("GET", "/v1/gate", headers=headers)


def test_a_signed_image_is_pulled_by_tag_and_by_digest(gate, repo, tiny, key, tmp_path):
    host, _, client = gate
    ref = client.push(tiny, repo)
    signer.sign(ref, key.private).ok()
    pull(host, f"{repo}:{tiny.tag}", tmp_path / "a").ok()
    pull(host, f"{repo}@{tiny.digest}", tmp_path / "b").ok()


def test_an_unsigned_image_is_refused_and_the_client_sees_why(gate, repo, tiny, tmp_path):
    host, _, client = gate
    client.push(tiny, repo)
    got = pull(host, f"{repo}:{tiny.tag}", tmp_path / "a")
    assert got.code != 0 and "unsigned" in got.err, str(got)


def test_pushes_pass_and_what_was_pushed_is_still_judged(gate, repo, tiny, key, tmp_path):
    host, _, client = gate
    skopeo("copy", "--dest-tls-verify=false", tiny.ref, f"docker://{host}/{repo}:v1").ok()
    assert pull(host, f"{repo}:v1", tmp_path / "a").code != 0
    # Whoever signs reads what is signed, so behind the gate; the signature is read through it.
    signer.sign(f"{client.host}/{repo}@{tiny.digest}", key.private).ok()
    pull(host, f"{repo}:v1", tmp_path / "b").ok()
    signer.allows(f"{host}/{repo}@{tiny.digest}", key.public)


@pytest.mark.parametrize("form", signer.FORMATS)
def test_signature_artifacts_pass(gate, repo, tiny, key, stranger, form):
    """Whoever made them: a client must be able to look at any signature."""
    host, _, client = gate
    ref = client.push(tiny, repo)
    signer.sign(ref, stranger.private, form).ok()
    verdict = signer.judge(f"{host}/{repo}@{tiny.digest}", stranger.public)
    assert verdict.verdict == signer.ALLOW, str(verdict.result)


def test_a_tag_that_moves_behind_the_gate_is_not_served(gate, repo, tmp_path, key):
    """The gate names the digest it judged; the registry is asked for that."""
    host, daemon, client = gate
    good = images.tiny(tmp_path / "good")
    bad = images.tiny(tmp_path / "bad", text="evil\n")
    signer.sign(client.push(good, repo), key.private).ok()
    answer = check(daemon, f"/v2/{repo}/manifests/v1")
    assert answer.status == 200
    assert answer.headers["x-notar-manifest"] == f"/v2/{repo}/manifests/{good.digest}"
    client.push(bad, repo)
    assert Client(host).get_manifest(repo, good.digest)[0] == good.digest
    assert check(daemon, f"/v2/{repo}/manifests/v1").status == 403


def test_the_parts_of_a_signed_index_pass_and_of_an_unsigned_one_do_not(gate, repo, tmp_path, key):
    host, _, client = gate
    index = images.index_of(tmp_path / "index")
    ref = client.push(index, repo)
    child = index.layout.document(index.digest)["manifests"][0]["digest"]
    assert pull(host, f"{repo}@{child}", tmp_path / "a").code != 0
    signer.sign(ref, key.private).ok()
    pull(host, f"{repo}:{index.tag}", tmp_path / "b", "--all").ok()
    pull(host, f"{repo}@{child}", tmp_path / "c").ok()


def test_an_index_in_a_tag_of_signatures_does_not_smuggle_images(gate, repo, tmp_path, tiny):
    """A fallback tag lists what it likes; its entries are judged one by one."""
    host, _, client = gate
    client.push(tiny, repo)
    index = json.dumps({"schemaVersion": 2, "mediaType":
                        "application/vnd.oci.image.index.v1+json", "manifests": [
                            {"mediaType": "application/vnd.oci.image.manifest.v1+json",
                             "digest": tiny.digest,
                             "size": len(tiny.layout.read(tiny.digest))}]}).encode()
    client.put_manifest(repo, index, tag="sha256-" + "0" * 64)
    assert pull(host, f"{repo}@{tiny.digest}", tmp_path / "a").code != 0


def test_an_image_with_a_subject_and_a_signatures_type_is_still_an_image(gate, repo, tiny, tmp_path):
    host, _, client = gate
    client.push(tiny, repo)
    manifest = tiny.layout.document(tiny.digest)
    manifest["artifactType"] = "application/vnd.dev.sigstore.bundle.v0.3+json"
    manifest["subject"] = {"mediaType": manifest["mediaType"], "digest": tiny.digest,
                           "size": len(tiny.layout.read(tiny.digest))}
    digest = client.put_manifest(repo, json.dumps(manifest).encode())
    assert pull(host, f"{repo}@{digest}", tmp_path / "a").code != 0


def test_what_is_not_there_is_for_the_registry_to_say(gate, repo, tiny):
    host, daemon, client = gate
    client.push(tiny, repo)
    status, _, body = Client(host).ask("GET", f"/v2/{repo}/manifests/nothing")
    assert status == 404 and b"MANIFEST_UNKNOWN" in body
    answer = check(daemon, f"/v2/{repo}/manifests/nothing")
    assert answer.headers["x-notar-manifest"].endswith("sha256:" + "0" * 64)


def test_nobody_knows_is_neither_yes_nor_no(tmp_path, key, repo):
    """The registry cannot be reached by the daemon: 503, and nginx serves nothing."""
    dead = servers.Registry(f"127.0.0.1:{free_port()}", False)
    with gated(tmp_path, key, dead) as (host, daemon):
        answer = check(daemon, f"/v2/{repo}/manifests/v1")
        assert answer.status == 503 and answer.headers["x-notar-reason"] == "registry_unreachable"
        status, headers, body = Client(host).ask("GET", f"/v2/{repo}/manifests/v1")
        assert status == 503 and b"UNAVAILABLE" in body and headers["Retry-After"] == "1"


def test_a_revoked_key_closes_the_gate_at_once(gate, repo, tiny, key):
    host, daemon, client = gate
    signer.sign(client.push(tiny, repo), key.private).ok()
    assert check(daemon, f"/v2/{repo}/manifests/{tiny.digest}").status == 200
    state = daemon.folder / "state"
    daemon_files.trust(state, "add", key.public).ok()
    daemon_files.trust(state, "revoke", key.public).ok()
    answer = check(daemon, f"/v2/{repo}/manifests/{tiny.digest}")
    assert answer.status == 403 and answer.headers["x-notar-reason"] == "revoked_key"


@pytest.mark.parametrize("uri", [
    "/v2/app//manifests/v1", "/v2/app/./manifests/v1", "/v2/app/x/../manifests/v1",
    "/v2/app%2fmanifests%2fv1", "/v2/app/%2e%2e/app/manifests/v1", "/v2/app/manifests%2Fv1",
    "/v2/app/Manifests/v1", "/V2/app/manifests/v1", "/v2/app/manifests/v1%00",
    "/v2/app/manifests/%76%", "/v2/app/%256danifests/v1", "/v2/app\\manifests\\v1",
    "v2/app/manifests/v1", "", "/v2/app/manifests/v1;x", "/v2/App/manifests/v1",
    "/v2/app/manifests/sha256:abc", "/v2/app/manifests/" + "a" * 200, "/v2/manifests/v1",
    "/v2/app/manifests/a:b"])
def test_a_path_of_two_meanings_is_refused(gate, uri):
    assert check(gate[1], uri).status == 403


@pytest.mark.parametrize("uri", ["/v2/", "/v2/app/blobs/sha256:" + "a" * 64, "/v2/app/tags/list",
                                 "/v2/app/referrers/sha256:" + "a" * 64, "/v2/_catalog?n=1",
                                 "/v2/app/blobs/uploads/", "/"])
def test_what_is_no_manifest_passes(gate, uri):
    assert check(gate[1], uri).status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_writing_passes(gate, method):
    assert check(gate[1], "/v2/app/manifests/v1", method).status == 200


@pytest.mark.parametrize("method", ["get", "TRACE", "CONNECT", "", "GET GET"])
def test_an_unknown_method_on_a_manifest_is_refused(gate, method):
    assert check(gate[1], "/v2/app/manifests/v1", method).status == 403


def test_escapes_that_hide_nothing_are_read(gate, repo, tiny):
    _, daemon, client = gate
    client.push(tiny, repo)
    assert check(daemon, f"/v2/{repo}/%6danifests/v1").status == 403
    assert check(daemon, f"/v2/{repo}/manifests/v%31").headers["x-notar-reason"] == "unsigned"


def test_headers_that_the_proxy_does_not_set_are_not_believed(gate, repo, tiny):
    """A client's own X-Forwarded-Uri says nothing where X-Original-URI is the proxy's."""
    _, daemon, client = gate
    client.push(tiny, repo)
    forged = {"X-Forwarded-Method": "GET", "X-Forwarded-Uri": "/v2/"}
    assert check(daemon, f"/v2/{repo}/manifests/v1", **forged).status == 403
    assert daemon.ask("GET", "/v1/gate", headers=forged).status == 403


def test_forwarded_headers_where_the_proxy_sets_those(tmp_path, key, tag_registry, repo, tiny):
    Client(tag_registry.host).push(tiny, repo)
    policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule(f"{NAME}/*", "release"),
                                 signers={"release": [key.public]})
    config = daemon_files.config(policy, gate={"registry": NAME, "headers": "forwarded"},
                                 registries={NAME: {"upstream": tag_registry.host}})
    with notard(tmp_path / "n", config) as daemon:
        def forward(uri, **more):
            return daemon.ask("GET", "/v1/gate", headers={
                "X-Forwarded-Method": "GET", "X-Forwarded-Uri": uri, **more}).status
        assert forward("/v2/") == 200
        assert forward(f"/v2/{repo}/manifests/v1") == 403
        assert forward(f"/v2/{repo}/manifests/v1", **{"X-Original-Method": "GET",
                                                      "X-Original-URI": "/v2/"}) == 403


def test_without_a_name_for_the_registry_there_is_no_gate(tmp_path, key):
    policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    with notard(tmp_path / "n", daemon_files.config(policy)) as daemon:
        assert check(daemon, "/v2/").status == 503
