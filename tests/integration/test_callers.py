# SPDX-License-Identifier: Apache-2.0
"""Who may ask and read: bearer tokens, client certificates, Unix peers; rates and connections."""

import contextlib
import hashlib
import http.client
import os
import socket
import ssl

import pytest

from lib import daemon_files, tls
from lib.notard import notard
from lib.run import run

TOKEN, READER = "t0ken-of-ci-3f9a", "t0ken-of-audit-77b1"


def token(name: str, secret: str, *rights: str, **caps) -> dict:
    return {"name": name, "token_sha256": hashlib.sha256(secret.encode()).hexdigest(),
            "rights": list(rights), **caps}


def start(folder, key, callers: dict, **more):
    policy = daemon_files.policy(folder / "p.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    return notard(folder / "n", daemon_files.config(policy, callers=callers, **more))


def bearer(secret: str) -> dict:
    return {"Authorization": f"Bearer {secret}"}


QUESTION = {"images": ["127.0.0.1:1/app@sha256:" + "0" * 64]}


def status(daemon, method="GET", path="/v1/keys", body=None, headers=None) -> int:
    return daemon.ask(method, path, body, headers=headers).status


@pytest.fixture
def daemon(tmp_path, key):
    callers = {"anonymous": [], "named": [token("ci", TOKEN, "ask"),
                                          token("audit", READER, "read")]}
    with start(tmp_path, key, callers) as running:
        yield running


def test_asking_and_reading_are_two_rights(daemon):
    def ask(headers):
        return status(daemon, "POST", "/v1/verify", QUESTION, headers)
    assert ask(bearer(TOKEN)) == 200 and ask(bearer(READER)) == 403 and ask(None) == 401
    assert status(daemon, headers=bearer(READER)) == 200
    assert status(daemon, headers=bearer(TOKEN)) == 403
    assert status(daemon) == 401


@pytest.mark.parametrize("path", ["/v1/images", "/v1/keys", "/v1/keys/" + "0" * 64,
                                  "/v1/keys/" + "0" * 64 + "/impact",
                                  "/v1/images/sha256:" + "0" * 64])
def test_nothing_is_read_without_the_right(daemon, path):
    assert status(daemon, path=path) == 401
    assert status(daemon, path=path, headers=bearer(TOKEN)) == 403


@pytest.mark.parametrize("value", [
    "Bearer wrong", "Bearer", "Bearer ", "Basic dDpw", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}",
    f"bearer{TOKEN}", TOKEN, "Bearer " + hashlib.sha256(TOKEN.encode()).hexdigest(),
    f"Bearer  {TOKEN}"])
def test_a_proof_that_does_not_fit_is_not_anonymous(tmp_path, key, value):
    with start(tmp_path, key, {"anonymous": ["ask", "read"],
                               "named": [token("ci", TOKEN, "ask")]}) as daemon:
        assert status(daemon) == 200
        answer = daemon.ask("GET", "/v1/keys", headers={"Authorization": value})
        assert answer.status == 401 and answer.headers["www-authenticate"] == "Bearer"


def test_two_credentials_are_none(daemon):
    name, port = daemon.host.split(":")
    with socket.create_connection((name, int(port)), timeout=10) as link:
        link.sendall(f"GET /v1/keys HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {READER}\r\n"
                     f"Authorization: Bearer {READER}\r\n\r\n".encode())
        assert link.recv(65536).startswith(b"HTTP/1.1 401 ")


def test_who_may_not_ask_is_told_before_the_body(daemon):
    name, port = daemon.host.split(":")
    with socket.create_connection((name, int(port)), timeout=10) as link:
        link.sendall(b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n")
        assert link.recv(65536).startswith(b"HTTP/1.1 401 ")


def test_no_token_in_log_or_metrics(daemon):
    assert status(daemon, headers=bearer(READER)) == 200
    assert READER not in daemon.log() and READER not in daemon.probe("/metrics").body.decode()


def test_events_want_somebody_with_a_name(tmp_path, key):
    event = {"events": []}
    with start(tmp_path, key, {"anonymous": ["ask", "read"],
                               "named": [token("registry", TOKEN, "ask")]}) as daemon:
        assert status(daemon, "POST", "/v1/events", event) == 401
        assert status(daemon, "POST", "/v1/events", event, bearer(TOKEN)) == 202


def test_a_caller_has_its_rate_and_others_have_theirs(tmp_path, key):
    callers = {"named": [token("slow", TOKEN, "read", rate=2), token("other", READER, "read")]}
    with start(tmp_path, key, callers) as daemon:
        got = [daemon.ask("GET", "/v1/keys", headers=bearer(TOKEN)) for _ in range(8)]
        assert [g.status for g in got[:2]] == [200, 200]
        refused = [g for g in got if g.status == 429]
        assert refused and refused[0].headers["retry-after"] == "1"
        assert all(status(daemon, headers=bearer(READER)) == 200 for _ in range(8))


def test_a_caller_has_its_connections_and_others_have_theirs(tmp_path, key):
    callers = {"named": [token("few", TOKEN, "read", connections=2), token("other", READER, "read")]}
    with start(tmp_path, key, callers) as daemon, contextlib.ExitStack() as stack:
        def open_one(secret):
            link = http.client.HTTPConnection(daemon.host, timeout=10)
            stack.callback(link.close)
            link.request("GET", "/v1/keys", headers=bearer(secret))
            answer = link.getresponse()
            answer.read()
            return link, answer.status
        kept = [open_one(TOKEN) for _ in range(2)]
        assert [s for _, s in kept] == [200, 200]
        assert open_one(TOKEN)[1] == 503
        assert open_one(READER)[1] == 200
        kept[0][0].close()
        for _ in range(50):
            if open_one(TOKEN)[1] == 200:
                break
        else:
            raise AssertionError("a closed connection still counts")


def unix_ask(path, method="GET", target="/v1/keys", uid: int | None = None) -> int:
    argv = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "10",
            "--unix-socket", path, "-X", method, f"http://notard{target}"]
    if uid is not None:
        argv = ["setpriv", "--reuid", str(uid), "--clear-groups", *argv]
    return int(run(argv).out)


def test_a_unix_peer_is_known_by_its_uid(tmp_path, key):
    if os.getuid() != 0:
        pytest.skip("needs root to ask as another user")
    os.chmod(tmp_path, 0o755)
    callers = {"anonymous": [], "unix": [], "named": [
        {"name": "root", "uid": 0, "rights": ["read"]},
        {"name": "node", "uid": 65534, "rights": ["ask"]}]}
    path = f"/tmp/notar-test-{os.getpid()}.sock"
    with start(tmp_path, key, callers, listen=["127.0.0.1:{port}", f"unix:{path}"]) as daemon:
        os.chmod(path, 0o777)
        assert unix_ask(path, uid=None) == 200
        assert unix_ask(path, uid=65534) == 403
        assert unix_ask(path, uid=12345) == 403
        assert status(daemon) == 401


def test_a_certificate_names_its_caller(tmp_path, key, authority):
    ca, certificate = authority
    callers_ca = tls.authority(tmp_path / "callers", "callers")
    config = {"certificate": str(certificate.cert), "key": str(certificate.key),
              "client_ca": str(callers_ca.cert)}
    named = [{"name": "audit", "certificate": "audit", "rights": ["read"]}]
    with start(tmp_path, key, {"anonymous": ["ask"], "named": named}, tls=config) as daemon:
        def context(who=None):
            made = ssl.create_default_context(cafile=str(ca.cert))
            if who:
                made.load_cert_chain(who.cert, who.key)
            return made
        def read(who) -> int:
            daemon.tls_context = context(who)
            return status(daemon)
        assert read(tls.client(callers_ca, tmp_path / "callers", "audit")) == 200
        assert read(tls.client(callers_ca, tmp_path / "callers", "audit.evil")) == 401
        assert read(None) == 401
        other = tls.authority(tmp_path / "others", "others")
        with pytest.raises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
            read(tls.client(other, tmp_path / "others", "audit"))


@pytest.mark.parametrize("callers", [
    {"anonymous": ["admin"]}, {"anonymous": "ask"}, {"anonymous": ["ask", "ask"]},
    {"named": [{"name": "x"}]}, {"named": [{"name": "", "uid": 1}]},
    {"named": [{"name": "x", "uid": -1}]}, {"named": [{"name": "x", "uid": 1, "certificate": "y"}]},
    {"named": [{"name": "x", "token_sha256": "abc"}]},
    {"named": [{"name": "x", "token_sha256": "A" * 64}]}, {"named": [{"name": "x", "token": "y"}]},
    {"named": [{"name": "anonymous", "uid": 1}]}, {"rate": -1}, {"unknown": 1},
    {"named": [{"name": "x", "uid": 1}, {"name": "x", "uid": 2}]}])
def test_a_configuration_that_names_callers_wrongly_is_refused(tmp_path, key, callers):
    import json
    from lib import peers
    policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    config = {**daemon_files.config(policy), "listen": ["127.0.0.1:0"],
              "probes": "127.0.0.1:0", "callers": callers}
    (tmp_path / "c.json").write_text(json.dumps(config))
    got = run((peers.need("notard"), "--config", tmp_path / "c.json", "--check-config"))
    assert got.code == 2 and "callers" in got.err, str(got)
