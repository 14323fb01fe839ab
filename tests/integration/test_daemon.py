# SPDX-License-Identifier: Apache-2.0
"""notard decides: over HTTP, for Kubernetes, from its store, while trust and policy change."""

import concurrent.futures
import json

import pytest

from lib import admission, daemon_files, images, keys, servers, signer
from lib.hostile import HostileRegistry, answer, throttle
from lib.notard import notard, raw
from lib.push import Client


@pytest.fixture
def shop(tmp_path, api_registry, repo, tiny, key):
    """A signed and an unsigned image in one repository, the key trusted for it, a daemon."""
    client = Client(api_registry.host)
    signed = client.push(tiny, repo)
    signer.sign(signed, key.private).ok()
    other = images.tiny(tmp_path / "other", text="unsigned\n")
    unsigned = client.push(other, repo, "other")
    policy = daemon_files.policy(tmp_path / "policy.json",
                                 daemon_files.rule(f"{api_registry.host}/{repo}", "release"))
    state = tmp_path / "state"
    state.mkdir()
    daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
    with notard(tmp_path / "notard", daemon_files.config(policy), state=state) as daemon:
        daemon.signed, daemon.unsigned, daemon.state = signed, unsigned, state
        daemon.policy = policy
        yield daemon


def verdict(daemon, image: str) -> tuple[str, str]:
    """(verdict, reason) of one image."""
    told = daemon.ask("POST", "/v1/verify", {"images": [image]})
    assert told.status == 200, told
    found = [o for o in signer.objects(told.json()) if "verdict" in o]
    return found[0]["verdict"], found[0]["reason"]


def allowed(daemon, *image: str) -> bool:
    asked = admission.pod_review(*image)
    return admission.response(daemon.ask("POST", "/k8s/validate", asked), asked)["allowed"]


def test_a_signed_image_is_allowed_and_an_unsigned_one_denied_with_its_reason(shop):
    assert verdict(shop, shop.signed) == ("allow", "trusted")
    assert verdict(shop, shop.unsigned) == ("deny", "unsigned")


def test_an_admission_review_is_answered(shop):
    assert allowed(shop, shop.signed)
    asked = admission.pod_review(shop.signed, shop.unsigned)
    told = admission.response(shop.ask("POST", "/k8s/validate", asked), asked)
    assert told["allowed"] is False and told["status"]["code"] == 403
    assert "unsigned" in told["status"]["message"]
    assert shop.unsigned.split("@")[1][:19] in told["status"]["message"]


@pytest.mark.parametrize("where", ["init", "ephemeral"])
def test_no_kind_of_container_is_overlooked(shop, where):
    asked = admission.pod_review(shop.signed, **{where: (shop.unsigned,)})
    told = admission.response(shop.ask("POST", "/k8s/validate", asked), asked)
    assert told["allowed"] is False


def test_a_repository_without_a_rule_is_denied(shop, tiny, api_registry):
    elsewhere = Client(api_registry.host).push(tiny, "nobodys/app")
    assert verdict(shop, elsewhere) == ("deny", "no_rule")


def test_a_revoked_key_counts_from_the_next_question(shop, key):
    assert verdict(shop, shop.signed)[0] == "allow"
    daemon_files.trust(shop.state, "revoke", keys.spki_id(key.public)).ok()
    assert verdict(shop, shop.signed) == ("deny", "revoked_key")
    assert not allowed(shop, shop.signed)


def test_a_key_trusted_later_counts_from_the_next_question(shop, stranger):
    signer.sign(shop.unsigned, stranger.private).ok()
    fresh = verdict(shop, shop.unsigned)
    assert fresh[0] == "deny"
    daemon_files.trust(shop.state, "add", stranger.public, "--signer", "release").ok()
    assert verdict(shop, shop.unsigned)[0] == "allow"


def test_a_known_image_needs_no_registry(tmp_path, tiny, key):
    state = tmp_path / "state"
    state.mkdir()
    daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
    with servers.go_registry(tmp_path / "registry") as registry:
        reference = Client(registry.host).push(tiny, "app")
        signer.sign(reference, key.private).ok()
        policy = daemon_files.policy(tmp_path / "policy.json",
                                     daemon_files.rule(f"{registry.host}/app", "release"))
        with notard(tmp_path / "notard", daemon_files.config(policy), state=state) as daemon:
            assert verdict(daemon, reference)[0] == "allow"
            before = len(registry.requests())
            for _ in range(20):
                assert verdict(daemon, reference)[0] == "allow"
            assert len(registry.requests()) == before


@pytest.mark.parametrize("behaviour, reason", [
    (throttle("60"), "throttled"), (answer(503), "registry_unreachable")])
def test_a_failing_registry_is_undetermined_and_denies(tmp_path, tiny, key, behaviour, reason):
    state = tmp_path / "state"
    state.mkdir()
    daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
    with HostileRegistry() as registry:
        registry.store.load(tiny.layout, "app")
        registry.on("any", behaviour)
        policy = daemon_files.policy(tmp_path / "policy.json",
                                     daemon_files.rule(f"{registry.host}/app", "release"))
        with notard(tmp_path / "notard", daemon_files.config(policy), state=state) as daemon:
            reference = f"{registry.host}/app@{tiny.digest}"
            assert verdict(daemon, reference) == ("undetermined", reason)
            asked = admission.pod_review(reference)
            told = admission.response(daemon.ask("POST", "/k8s/validate", asked), asked)
            assert told["allowed"] is False and told["status"]["code"] == 503
            registry.calm()


def test_one_flight_a_digest(tmp_path, tiny, key):
    state = tmp_path / "state"
    state.mkdir()
    daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
    with servers.go_registry(tmp_path / "registry") as registry:
        reference = Client(registry.host).push(tiny, "app")
        signer.sign(reference, key.private).ok()
        policy = daemon_files.policy(tmp_path / "policy.json",
                                     daemon_files.rule(f"{registry.host}/app", "release"))
        with notard(tmp_path / "notard", daemon_files.config(policy), state=state) as daemon:
            before = len(registry.requests())
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                told = list(pool.map(lambda _: verdict(daemon, reference), range(32)))
            assert {t[0] for t in told} == {"allow"}
            assert len(registry.requests()) - before <= 4


def test_probes_and_metrics(shop):
    assert shop.probe("/healthz").status == 200
    verdict(shop, shop.signed)
    assert any("verdict" in name for name in shop.metrics())
    assert shop.ask("GET", "/metrics").status == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"images":"x"}', b'{"images":[7]}',
                                  b'{"images":[],"images":[]}', b"[" * 5000,
                                  b'{"images":["not an image"]}'])
def test_a_bad_question_is_refused(shop, body):
    told = shop.ask("POST", "/v1/verify", body, headers={"Content-Type": "application/json"})
    if told.status == 200:  # a bad name among images is an answer about that image
        assert all(o["verdict"] != "allow" for o in signer.objects(told.json()) if "verdict" in o)
    else:
        assert 400 <= told.status < 500, told
    assert verdict(shop, shop.signed)[0] == "allow"


def test_a_duplicate_member_in_a_review_is_refused(shop):
    text = json.dumps(admission.pod_review(shop.signed))
    doubled = text.replace('"image":', f'"image": "{shop.unsigned}", "image":', 1)
    told = shop.ask("POST", "/k8s/validate", doubled.encode(),
                    headers={"Content-Type": "application/json"})
    assert told.status == 400 or told.json()["response"]["allowed"] is False


@pytest.mark.parametrize("request_bytes", [
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n{}",
    b"GET /healthz HTTP/1.1\nHost: a\n\n", b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20000 + b"\r\n\r\n", b"\x16\x03\x01\x00\x05hello",
    b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"])
def test_a_smuggled_request_is_refused_and_the_connection_closed(shop, request_bytes):
    told = raw(shop.host, request_bytes)
    assert told == b"" or told.split(b" ", 2)[1].startswith((b"4", b"5")), told
    assert verdict(shop, shop.signed)[0] == "allow"


def test_too_large_a_body_is_refused_early(shop):
    told = raw(shop.host, b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n")
    assert told.split(b" ", 2)[1] == b"413", told


def test_sigterm_ends_it_cleanly_and_the_store_remembers(shop, tmp_path):
    assert verdict(shop, shop.signed)[0] == "allow"
    assert shop.stop() == 0
    with notard(tmp_path / "again", daemon_files.config(shop.policy), state=shop.state) as daemon:
        assert verdict(daemon, shop.signed)[0] == "allow"
