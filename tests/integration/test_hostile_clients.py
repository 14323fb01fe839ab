# SPDX-License-Identifier: Apache-2.0
"""Clients that mean harm: the daemon stays small, and goes on answering others."""

import contextlib
import json
import resource
import socket
import ssl
import time
from pathlib import Path

import pytest

from lib import admission, daemon_files, signer, tls
from lib.notard import notard
from lib.process import wait_until
from lib.push import Client

LOADED_KIB = 24 * 1024  # design section 8


def anonymous_kib(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().split("RssAnon:")[1].split()[0])


@pytest.fixture(scope="module")
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (11000, max(hard, 11000)))
    except (ValueError, OSError):
        pytest.skip(f"only {hard} open files are allowed here")
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(params=["plain", "tls"])
def shop(request, tmp_path, api_registry, repo, tiny, key):
    reference = Client(api_registry.host).push(tiny, repo)
    signer.sign(reference, key.private).ok()
    policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    more, context = {}, None
    if request.param == "tls":
        ca = tls.authority(tmp_path / "tls")
        server = tls.server(ca, tmp_path / "tls")
        more["tls"] = {"certificate": str(server.cert), "key": str(server.key)}
        context = ssl.create_default_context(cafile=str(ca.cert))
    with notard(tmp_path / "n", daemon_files.config(policy, **more), tls_context=context) as daemon:
        daemon.reference = reference
        assert daemon.verify(reference)[0]["verdict"] == "allow"
        yield daemon


def address(daemon) -> tuple[str, int]:
    host, port = daemon.host.split(":")
    return host, int(port)


def answers_others(daemon) -> None:
    asked = admission.pod_review(daemon.reference)
    begin = time.monotonic()
    told = admission.response(daemon.ask("POST", "/k8s/validate", asked, timeout=10), asked)
    assert told["allowed"] is True and time.monotonic() - begin < 5


def connect(daemon, data: bytes = b""):
    """A connection that has sent data; wrapped where the daemon speaks TLS."""
    link = socket.create_connection(address(daemon), timeout=10)
    if daemon.tls_context is not None:
        link = daemon.tls_context.wrap_socket(link, server_hostname="127.0.0.1")
    if data:
        link.sendall(data)
    return link


@pytest.mark.parametrize("first", [b"", b"P", b"POST /k8s/validate HTTP/1.1\r\nHost: a\r\n"],
                         ids=["silent", "a letter", "half a header"])
def test_ten_thousand_idle_connections(many_files, shop, first):
    """Without a word, with half a word; on TLS none of them even begins its handshake."""
    links = []
    try:
        for n in range(10000):
            with contextlib.suppress(OSError):
                link = socket.create_connection(address(shop), timeout=10)
                link.sendall(first)
                links.append(link)
            if n % 2500 == 2499:
                answers_others(shop)
        assert len(links) > 9000
        answers_others(shop)
        assert anonymous_kib(shop.process.pid) <= LOADED_KIB
    finally:
        for link in links:
            link.close()
    wait_until(lambda: shop.metrics()["notard_connections"] < 10, "them to be gone", limit_s=30)
    answers_others(shop)


def test_two_thousand_idle_connections_that_shook_hands(many_files, shop):
    with contextlib.ExitStack() as stack:
        for _ in range(2500):
            stack.enter_context(contextlib.closing(connect(shop)))
        answers_others(shop)
        assert anonymous_kib(shop.process.pid) <= LOADED_KIB


def test_dribbled_headers_and_bodies_are_cut_off(shop):
    head = b"POST /k8s/validate HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
    links = [connect(shop, head[:20]) for _ in range(50)] + [connect(shop, head) for _ in range(50)]
    end, cut = time.monotonic() + 20, set()
    while time.monotonic() < end and len(cut) < len(links):
        for n, link in enumerate(links):
            if n in cut:
                continue
            try:
                link.sendall(b"x")
                link.settimeout(0.001)
                if link.recv(1024) != b"":
                    cut.add(n)
            except (TimeoutError, ssl.SSLWantReadError):
                pass
            except OSError:
                cut.add(n)
        answers_others(shop)
        time.sleep(0.5)
    assert len(cut) == len(links)
    for link in links:
        link.close()


def test_large_bodies_that_never_end_are_bounded_together(shop):
    head = b"POST /k8s/validate HTTP/1.1\r\nHost: a\r\nContent-Length: 7000000\r\n\r\n" + b" " * 1000
    links = [connect(shop, head) for _ in range(200)]
    answers_others(shop)
    assert anonymous_kib(shop.process.pid) <= LOADED_KIB
    for link in links:
        link.close()


def test_a_flood_of_pipelined_requests_does_not_starve_others(shop):
    body = json.dumps(admission.pod_review(shop.reference)).encode()
    one = (b"POST /k8s/validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
           b"Content-Length: %d\r\n\r\n" % len(body)) + body
    links = [connect(shop) for _ in range(8)]
    for link in links:
        link.settimeout(0.2)
    for _ in range(10):
        for link in links:  # answers are never read
            with contextlib.suppress(OSError):
                link.sendall(one * 50)
        answers_others(shop)
    assert anonymous_kib(shop.process.pid) <= LOADED_KIB
    for link in links:
        link.close()


@pytest.mark.parametrize("body", [
    b"[" * 7000000, b'{"a":' * 1000000, b'{"x":"' + b"\\u0041" * 1000000 + b'"}',
    b"{" + b",".join(b'"m%d":0' % n for n in range(400000)) + b"}",
    b'{"request":{"object":{"spec":{"containers":[' +
    b",".join([b'{"image":"a"}'] * 100000) + b"]}}}}"],
    ids=["arrays", "objects", "escapes", "members", "images"])
def test_expensive_bodies_are_refused_cheaply(shop, body):
    begin = time.process_time()
    with contextlib.suppress(OSError):
        answer = shop.ask("POST", "/k8s/validate", body,
                          headers={"Content-Type": "application/json"})
        assert answer.status in (400, 413), answer
    answers_others(shop)
    assert time.process_time() - begin < 30


def test_chunks_that_are_none(shop):
    head = b"POST /k8s/validate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    for chunk in (b"zz\r\n", b"-1\r\n", b"0x5\r\n", b"5;ext=1\r\nhello\r\n", b"5\nhello\r\n",
                  b"fffffffff\r\n", b"5\r\nhelloX", b"0\r\nTrailer: x\r\n\r\n", b" 5\r\nhello\r\n"):
        link = connect(shop, head + chunk)
        link.settimeout(10)
        told = b""
        with contextlib.suppress(OSError):
            told = link.recv(4096)
        assert told == b"" or told.split(b" ")[1][:1] == b"4", (chunk, told)
        link.close()
    answers_others(shop)


@pytest.mark.parametrize("shop", ["tls"], indirect=True)
def test_half_open_tls(shop):
    """A handshake's first bytes, and then nothing; and bytes that are no TLS at all."""
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    links = [socket.create_connection(address(shop), timeout=10) for _ in range(300)]
    for n, link in enumerate(links):
        link.sendall(hello if n % 2 else b"GET / HTTP/1.1\r\n\r\n")
    answers_others(shop)
    def all_closed():
        return shop.metrics()["notard_connections"] < 10
    wait_until(all_closed, "half-open handshakes to be cut", limit_s=15)
    for link in links:
        link.close()
