# SPDX-License-Identifier: Apache-2.0
"""notard's life: configured, listening with TLS and on sockets, reloaded, asked in every form."""

import json
import os
import signal
import socket
import ssl
import time

import pytest

from lib import admission, daemon_files, images, keys, peers, signer, tls
from lib.notard import notard
from lib.push import Client
from lib.run import notar, run


@pytest.fixture
def shop(tmp_path, api_registry, repo, tiny, key):
    """(reference by digest, configuration, state) of a signed image whose key is trusted."""
    signed = Client(api_registry.host).push(tiny, repo)
    signer.sign(signed, key.private).ok()
    state = tmp_path / "state"
    state.mkdir()
    daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
    policy = daemon_files.policy(tmp_path / "policy.json",
                                 daemon_files.rule(f"{api_registry.host}/{repo}", "release"))
    return signed, daemon_files.config(policy), state


def judged(daemon, image: str) -> dict:
    return daemon.verify(image)[0]


def test_tls_is_spoken_and_a_renewed_certificate_is_used_without_a_lost_call(shop, tmp_path):
    signed, config, state = shop
    authority = tls.authority(tmp_path / "ca")
    first = tls.server(authority, tmp_path / "one")
    second = tls.server(authority, tmp_path / "two")
    pair = tmp_path / "pair"
    pair.mkdir()
    cert, private = pair / "cert.pem", pair / "key.pem"

    def install(made):
        for source, target in ((made.key, private), (made.cert, cert)):
            fresh = target.with_suffix(".new")
            fresh.write_bytes(source.read_bytes())
            os.replace(fresh, target)

    install(first)
    context = ssl.create_default_context(cafile=str(authority.cert))
    config["tls"] = {"certificate": str(cert), "key": str(private)}
    with notard(tmp_path / "notard", config, state=state, tls_context=context) as daemon:
        def serial() -> str:
            name, port = daemon.host.rsplit(":", 1)
            with socket.create_connection((name, int(port)), timeout=10) as plain, \
                    context.wrap_socket(plain, server_hostname=name) as secure:
                return secure.getpeercert()["serialNumber"]
        before = serial()
        assert judged(daemon, signed)["verdict"] == "allow"
        install(second)
        deadline = time.monotonic() + 10
        while serial() == before and time.monotonic() < deadline:
            assert judged(daemon, signed)["verdict"] == "allow"
        assert serial() != before
        private.write_text("no key\n")
        time.sleep(1.5)
        assert judged(daemon, signed)["verdict"] == "allow"
        assert "certificate_failed" in daemon.log()


def test_a_reload_takes_up_the_policy_and_a_bad_one_keeps_the_old(shop, tmp_path):
    signed, config, state = shop
    policy = tmp_path / "policy.json"
    good = policy.read_text()
    with notard(tmp_path / "notard", config, state=state) as daemon:
        assert judged(daemon, signed)["reason"] == "trusted"

        def reload_with(text: str, event: str, times: int):
            policy.write_text(text)
            daemon.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + 10
            while daemon.log().count(event) < times and time.monotonic() < deadline:
                time.sleep(0.02)
            assert daemon.log().count(event) >= times, daemon.log()

        reload_with('{"version": 1, "rules": []}', '"reloaded"', 1)
        assert judged(daemon, signed)["reason"] == "no_rule"
        reload_with('{"version": 1, "rules": [{"scope": 7}]}', '"reload_failed"', 1)
        assert judged(daemon, signed)["reason"] == "no_rule"
        assert "rules[0]" in daemon.log()
        reload_with(good, '"reloaded"', 2)
        assert judged(daemon, signed)["reason"] == "trusted"


def test_a_tag_is_resolved_and_the_answer_names_the_digest(shop, tmp_path):
    signed, config, state = shop
    repository, digest = signed.split("@")
    with notard(tmp_path / "notard", config, state=state) as daemon:
        told = judged(daemon, f"{repository}:v1")
        assert (told["verdict"], told["digest"]) == ("allow", digest)
        assert judged(daemon, f"{repository}:nothing")["verdict"] != "allow"


def test_a_moved_tag_is_not_allowed_by_what_it_was(shop, tmp_path, api_registry):
    signed, config, state = shop
    repository = signed.split("@")[0]
    name = repository.split("/", 1)[1]
    with notard(tmp_path / "notard", config, state=state) as daemon:
        assert judged(daemon, f"{repository}:v1")["verdict"] == "allow"
        Client(api_registry.host).push(images.tiny(tmp_path / "evil", text="evil\n"), name, "v1")
        assert judged(daemon, f"{repository}:v1")["reason"] == "unsigned"
        assert judged(daemon, signed)["verdict"] == "allow"


def test_a_rule_that_warns_admits_with_a_warning(shop, tmp_path, api_registry):
    signed, config, state = shop
    name = signed.split("@")[0].split("/", 1)[1]
    other = Client(api_registry.host).push(images.tiny(tmp_path / "o", text="o\n"), name, "o")
    daemon_files.policy(tmp_path / "policy.json",
                        daemon_files.rule(f"{api_registry.host}/{name}", "release", action="warn"))
    with notard(tmp_path / "notard", config, state=state) as daemon:
        asked = admission.pod_review(other)
        told = admission.response(daemon.ask("POST", "/k8s/validate", asked), asked)
        assert told["allowed"] is True and "unsigned" in told["warnings"][0]
        assert judged(daemon, other)["verdict"] == "deny"


def test_a_unix_socket_is_served(shop, tmp_path):
    signed, config, state = shop
    path = tmp_path / "notard.sock"
    config["listen"].append(f"unix:{path}")
    body = json.dumps({"images": [signed]}).encode()
    with notard(tmp_path / "notard", config, state=state):
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(10)
            link.connect(str(path))
            link.sendall(b"POST /v1/verify HTTP/1.1\r\nHost: local\r\nConnection: close\r\n"
                         b"Content-Length: %d\r\n\r\n" % len(body) + body)
            told = b""
            while chunk := link.recv(65536):
                told += chunk
        assert b'"verdict":"allow"' in told
    assert not path.exists()


def test_a_short_time_limit_is_kept_and_undetermined(shop, tmp_path):
    signed, config, state = shop
    with socket.socket() as silent:  # takes connections and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        daemon_files.policy(tmp_path / "policy.json", daemon_files.rule(f"{host}/*", "release"))
        with notard(tmp_path / "notard", config, state=state) as daemon:
            start = time.monotonic()
            told = daemon.verify(f"{host}/app@{signed.split('@')[1]}", timeout="1s")[0]
            assert time.monotonic() - start < 5
            assert (told["verdict"], told["reason"]) == ("undetermined", "deadline")


def test_the_command_line_decides_as_the_daemon_does(shop, key):
    signed, _, state = shop
    assert notar("verify", "--state", state, signed).code == 1  # the store has no policy yet
    seen = signer.read(notar("verify", "--json", "--state", state, "--key", key.public, signed))
    assert seen.verdict == "allow"
    daemon_files.trust(state, "revoke", key.public).ok()
    seen = signer.read(notar("verify", "--json", "--state", state, "--key", key.public, signed))
    assert (seen.verdict, seen.reason) == ("deny", "revoked_key")


def test_verify_takes_the_stores_policy(shop, tmp_path):
    signed, config, state = shop
    with notard(tmp_path / "notard", config, state=state):
        pass  # imports the policy
    seen = signer.read(notar("verify", "--json", "--state", state, signed))
    assert (seen.verdict, seen.reason) == ("allow", "trusted")


@pytest.mark.parametrize("change, named", [
    ({"listen": []}, "listen"), ({"colour": 1}, "colour"), ({"workers": 0}, "workers"),
    ({"policy": "/nonexistent/policy.json"}, "policy"),
    ({"tls": {"certificate": "/nonexistent/c", "key": "/nonexistent/k"}}, "/nonexistent/c")])
def test_a_wrong_configuration_is_exit_2_and_named(shop, tmp_path, change, named):
    _, config, _ = shop
    path = tmp_path / "notard.json"
    path.write_text(json.dumps({**config, "listen": ["127.0.0.1:0"],
                                "probes": "127.0.0.1:0", **change}))
    told = run((peers.need("notard"), "--config", path, "--check-config"))
    assert told.code == 2 and named in told.err and told.err.count("\n") == 1, told


@pytest.mark.parametrize("words", [
    (), ("--config",), ("--config", "/nonexistent/x"), ("--nothing",), ("--config", "a", "extra"),
    ("--config", "a", "--config", "b")])
def test_a_wrong_command_line_is_exit_2(words):
    told = run((peers.need("notard"), *words))
    assert told.code == 2 and told.err.count("\n") == 1, told


@pytest.mark.parametrize("words", [
    ("trust",), ("trust", "give"), ("trust", "add"), ("trust", "add", "/nonexistent/key.pub"),
    ("trust", "revoke", "ab" * 32), ("trust", "revoke", "no-key"),
    ("trust", "add", "--not-after", "tomorrow", "k"), ("trust", "list", "more"),
    ("trust", "retire", "--signer", "x", "k"), ("policy",), ("policy", "check"),
    ("policy", "check", "/nonexistent/policy.json")])
def test_wrong_usage_of_trust_and_policy_is_exit_2(words, tmp_path):
    more = ("--state", tmp_path / "state") if words[0] == "trust" else ()
    told = notar(*words, *more)
    assert told.code == 2 and told.err.count("\n") == 1, told


def test_every_change_of_trust_is_in_the_log(tmp_path, key, stranger):
    state = tmp_path / "state"
    daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
    daemon_files.trust(state, "add", stranger.public, "--staged").ok()
    daemon_files.trust(state, "retire", key.public).ok()
    daemon_files.trust(state, "revoke", keys.spki_id(stranger.public)).ok()
    log = daemon_files.trust(state, "log", "--json").ok().json()
    assert [entry["action"] for entry in log] == ["key_added", "key_staged", "key_retired",
                                                  "key_revoked"]
    listed = {row["id"]: row["status"] for row in
              daemon_files.trust(state, "list", "--json").ok().json()}
    assert listed == {keys.spki_id(key.public): "retired",
                      keys.spki_id(stranger.public): "revoked"}
    again = daemon_files.trust(state, "add", stranger.public)
    assert again.code == 2 and "revoked" in again.err


@pytest.mark.parametrize("missing", ["policy", "keys", None])
def test_ready_only_with_policy_and_keys(tmp_path, key, missing):
    state = tmp_path / "state"
    state.mkdir()
    policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule("*", "release"))
    config = daemon_files.config(policy)
    if missing == "policy":
        config.pop("policy")
    if missing is None:
        daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
        with notard(tmp_path / "n", config, state=state) as daemon:
            assert daemon.probe("/readyz").body == b"ready\n"
        return
    def has_started(daemon) -> bool:
        return daemon.alive() and daemon.probe("/readyz").body != b"starting\n"
    with notard(tmp_path / "n", config, state=state, ready=has_started) as daemon:
        answer = daemon.probe("/readyz")
        assert answer.status == 503 and missing.encode() in answer.body
        assert daemon.probe("/livez").status == 200
        if missing == "policy":
            return
        daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
        assert daemon.probe("/readyz").status == 200
