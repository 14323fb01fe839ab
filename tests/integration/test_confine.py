# SPDX-License-Identifier: Apache-2.0
"""What notard gives up, and that it does its work all the same."""

import os
from pathlib import Path

import pytest

from lib import daemon_files, keys, servers, signer, tls
from lib.notard import notard
from lib.process import wait_until
from lib.push import Client
from lib.run import environment


def has_landlock() -> bool:
    import ctypes
    return ctypes.CDLL(None).syscall(444, None, 0, 1) >= 1


def status_of(pid: int) -> dict:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def start(folder, key, **more):
    policy = daemon_files.policy(folder / "p.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    return notard(folder / "n", daemon_files.config(policy, **more))


def test_every_thread_has_given_up_what_it_does_not_need(tmp_path, key):
    with start(tmp_path, key) as daemon:
        pid = daemon.process.pid
        threads = [int(name) for name in os.listdir(f"/proc/{pid}/task")]
        assert len(threads) > 5
        for thread in threads:
            told = status_of(thread)
            assert told["NoNewPrivs"] == "1" and told["Seccomp"] == "2", told
        limits = Path(f"/proc/{pid}/limits").read_text()
        core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
        assert core.split()[4] == "0"
        assert status_of(pid)["CapBnd"] == "0" * 16
        line = next(line for line in daemon.log().splitlines() if '"confined"' in line)
        assert '"seccomp":1' in line and (not has_landlock() or '"landlock":0' not in line)


def test_confined_it_still_fetches_stores_reloads_renews_and_asks_helpers(
        tmp_path, key, tiny, authority):
    """A registry that wants credentials, which a helper program gives; TLS that is renewed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    helper = folder / "docker-credential-test"
    helper.write_text("#!/bin/sh\ncat >/dev/null\n"
                      f'echo \'{{"Username":"{servers.USER}","Secret":"{servers.SECRET}"}}\'\n')
    helper.chmod(0o755)
    home = tmp_path / "home"
    (home / ".docker").mkdir(parents=True)
    (home / ".docker" / "config.json").write_text('{"credsStore":"test"}')
    env = environment(HOME=str(home), PATH=f"{folder}:{os.environ['PATH']}")
    ca, certificate = authority
    with servers.go_registry(tmp_path / "r", basic=True) as registry:
        import base64
        basic = base64.b64encode(f"{servers.USER}:{servers.SECRET}".encode()).decode()
        client = Client(registry.host, {"Authorization": f"Basic {basic}"})
        reference = client.push(tiny, "app")
        signer.sign(reference, key.private, env={"HOME": str(home), "PATH": env["PATH"]}).ok()
        policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule("*", "release"),
                                     signers={"release": [key.public]})
        config = daemon_files.config(policy, confinement="require" if has_landlock() else "auto",
                                     audit={"file": str(tmp_path / "audit.log")})
        with notard(tmp_path / "n", config, env=env) as daemon:
            assert daemon.verify(reference)[0]["verdict"] == "allow"
            assert daemon.verify(reference)[0]["cached"] is True
            daemon.process.send_signal(1)
            wait_until(lambda: "reloaded" in daemon.log(), "reload")
            assert daemon.verify(reference)[0]["verdict"] == "allow"
            assert daemon.stop() == 0
    assert ca and certificate and tls and keys


def test_it_can_be_turned_off(tmp_path, key):
    with start(tmp_path, key, confinement="off") as daemon:
        assert status_of(daemon.process.pid)["Seccomp"] == "0"


@pytest.mark.parametrize("word", ["no", "", 7])
def test_other_words_are_refused(tmp_path, key, word):
    with pytest.raises(AssertionError, match="confinement"):
        with start(tmp_path, key, confinement=word):
            pass
