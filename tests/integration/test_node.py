# SPDX-License-Identifier: Apache-2.0
"""notar-image-verifier, as containerd calls it: the daemon's word, else the store's."""

import json
import os
import socket
import subprocess
import threading

import pytest

from lib import daemon_files, images, keys, paths, signer
from lib.notard import notard
from lib.push import Client
from lib.run import environment

DESCRIPTOR = "application/vnd.oci.descriptor.v1+json"


@pytest.fixture
def node(tmp_path, api_registry, repo, tiny, key):
    """A daemon with a Unix socket, a signed and an unsigned image it has seen, a configuration."""
    client = Client(api_registry.host)
    signed = client.push(tiny, repo)
    signer.sign(signed, key.private).ok()
    unsigned = client.push(images.tiny(tmp_path / "u", text="unsigned\n"), repo)
    path = f"/tmp/notar-node-{os.getpid()}.sock"
    state = tmp_path / "state"
    state.mkdir()
    daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
    policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule("*", "release"))
    config = daemon_files.config(policy, listen=["127.0.0.1:{port}", f"unix:{path}"])
    file = tmp_path / "image-verifier.json"
    file.write_text(json.dumps({"socket": path, "state": str(state)}))
    with notard(tmp_path / "n", config, state=state) as daemon:
        daemon.verify(signed, unsigned)
        daemon.signed, daemon.unsigned, daemon.file, daemon.state = signed, unsigned, file, state
        yield daemon


def call(file, reference: str, *extra: str, data: bytes = b"{}", name: str | None = None):
    repository, digest = reference.split("@")
    argv = [paths.program("notar-image-verifier"), "-name", name or repository + ":v1",
            "-digest", digest, "-stdin-media-type", DESCRIPTOR, *extra]
    env = environment(NOTAR_IMAGE_VERIFIER_CONFIG=str(file))
    return subprocess.run([str(a) for a in argv], input=data, capture_output=True, env=env,
                          timeout=10)


def test_it_says_what_the_daemon_says(node):
    good, bad = call(node.file, node.signed), call(node.file, node.unsigned)
    assert good.returncode == 0 and b"trusted" in good.stdout
    assert bad.returncode != 0 and b"unsigned" in bad.stdout


def test_flags_in_any_order_unknown_ones_and_an_operation(node):
    repository, digest = node.signed.split("@")
    for argv in (["-digest", digest, "-name", repository],
                 ["-operation", "run", "-name", repository, "-new-flag", "x", "-digest", digest],
                 ["--name", repository, "--digest", digest]):
        got = subprocess.run([str(paths.program("notar-image-verifier")), *argv], timeout=10,
                             env=environment(NOTAR_IMAGE_VERIFIER_CONFIG=str(node.file)))
        assert got.returncode == 0, argv


@pytest.mark.parametrize("data", [b"", b"x" * 65536, b"{" * 1000000])
def test_whatever_comes_in_does_not_block(node, data):
    assert call(node.file, node.signed, data=data).returncode == 0


def test_without_the_daemon_the_store_decides_with_todays_keys(node, key):
    node.stop()
    assert call(node.file, node.signed).returncode == 0
    assert call(node.file, node.unsigned).returncode != 0
    unseen = node.signed.split("@")[0] + "@sha256:" + "0" * 64
    got = call(node.file, unseen)
    assert got.returncode != 0 and b"not_cached" in got.stdout
    daemon_files.trust(node.state, "revoke", keys.spki_id(key.public)).ok()
    got = call(node.file, node.signed)
    assert got.returncode != 0


def test_a_daemon_that_says_nothing_is_not_waited_for_beyond_the_budget(node, tmp_path):
    path = str(tmp_path / "silent.sock") if len(str(tmp_path)) < 80 else "/tmp/notar-silent.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        file = tmp_path / "silent.json"
        file.write_text(json.dumps({"socket": path, "state": str(node.state), "budget_ms": 300}))
        assert call(file, node.signed).returncode == 0  # from the store
        assert call(file, node.unsigned).returncode != 0
    if os.path.exists(path):
        os.unlink(path)


@pytest.mark.parametrize("reply", [
    b"", b"HTTP/1.1 500 No\r\n\r\n{}", b"HTTP/1.1 200 OK\r\n\r\n", b"nonsense\r\n\r\n",
    b'HTTP/1.1 200 OK\r\n\r\n{"results":[]}', b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 100000,
    b'HTTP/1.1 200 OK\r\n\r\n{"results":[{"verdict":"allow"}]}',
    b'HTTP/1.1 200 OK\r\n\r\n{"results":[{"verdict":"perhaps","reason":"x","message":"","action":""}]}',
    b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (2 << 20)])
def test_an_answer_that_is_none_is_no_permission(node, tmp_path, reply):
    path = f"/tmp/notar-odd-{os.getpid()}.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        try:
            listener.listen()
            def serve():
                link, _ = listener.accept()
                with link:
                    link.recv(65536)
                    try:
                        link.sendall(reply)
                    except OSError:
                        pass
            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            file = tmp_path / "odd.json"
            file.write_text(json.dumps({"socket": path, "state": str(tmp_path / "none")}))
            assert call(file, node.signed).returncode != 0
            thread.join(10)
        finally:
            os.unlink(path)


@pytest.mark.parametrize("argv", [
    [], ["-name", "r.example/a"], ["-digest", "sha256:" + "0" * 64],
    ["-name", "r.example/a", "-digest", "sha256:12"], ["-name", "UPPER", "-digest", "sha256:" + "0" * 64],
    ["-name", "r.example/a", "-digest", "sha256:" + "A" * 64], ["-name", "", "-digest", ""]])
def test_what_cannot_be_understood_is_rejected(node, argv):
    got = subprocess.run([str(paths.program("notar-image-verifier")), *argv], capture_output=True,
                         timeout=10, env=environment(NOTAR_IMAGE_VERIFIER_CONFIG=str(node.file)))
    assert got.returncode != 0 and got.stdout


@pytest.mark.parametrize("text", ["{", "[]", '{"sockets":"x"}', '{"budget_ms":0}', '{"state":7}'])
def test_a_configuration_that_is_none_rejects(node, tmp_path, text):
    file = tmp_path / "bad.json"
    file.write_text(text)
    assert call(file, node.signed).returncode != 0


def test_a_short_name_means_docker_hub_and_scopes_the_rule(node):
    got = call(node.file, node.signed, name="nginx:1")
    assert got.returncode != 0 and b"docker.io/library/nginx@" in got.stdout


def test_it_needs_nothing_but_the_c_library():
    got = subprocess.run(["ldd", str(paths.program("notar-image-verifier"))], capture_output=True,
                         text=True, timeout=10)
    libraries = {line.split()[0].split("/")[-1].split(".so")[0] for line in got.stdout.splitlines()}
    assert libraries <= {"linux-vdso", "libc", "ld-linux-x86-64", "libm", "statically"}, got.stdout
