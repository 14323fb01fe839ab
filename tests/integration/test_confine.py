# SPDX-License-Identifier: Apache-2.0
"""notard confined: what it can no longer do, and that it does everything it is for all the same."""

import contextlib
import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import sys

import pytest

from lib import daemon_files, paths, peers, servers, signer, tls
from lib.docker_config import packed
from lib.notard import notard
from lib.process import wait_until
from lib.push import Client
from lib.run import environment, run

_LANDLOCK_CREATE_RULESET = 444


@pytest.fixture(autouse=True)
def _not_sanitized():
    if b"__asan_init" in pathlib.Path(peers.need("notard")).read_bytes():
        pytest.skip("under ASan notard is not confined: its leak check is a ptrace")


def landlock_abi() -> int:
    """The kernel's; 0 where it has none."""
    return max(0, ctypes.CDLL(None).syscall(_LANDLOCK_CREATE_RULESET, None, 0, 1))


def need_landlock():
    if landlock_abi() == 0:
        pytest.skip("this kernel has no Landlock: nothing was tried")


def status(daemon) -> dict[str, str]:
    """/proc/PID/status of every thread, which must agree in what counts here."""
    names = ("NoNewPrivs", "Seccomp", "CapInh", "CapPrm", "CapEff", "CapAmb")
    seen = set()
    tasks = f"/proc/{daemon.process.pid}/task"
    for thread in os.listdir(tasks):
        with open(f"{tasks}/{thread}/status", encoding="ascii") as text:
            lines = dict(line.split(":", 1) for line in text)
        seen.add(tuple(lines[name].strip() for name in names))
    assert len(seen) == 1, seen
    return dict(zip(names, seen.pop()))


def confined_event(daemon) -> dict:
    return next(event for event in map(json.loads, daemon.log().splitlines())
                if event.get("event") == "confined")


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


def test_every_thread_is_confined_and_the_log_says_so(shop, tmp_path):
    _, config, state = shop
    with notard(tmp_path / "notard", config, state=state) as daemon:
        found = status(daemon)
        assert (found.pop("NoNewPrivs"), found.pop("Seccomp")) == ("1", "2")
        assert {int(rights, 16) for rights in found.values()} == {0}
        with open(f"/proc/{daemon.process.pid}/limits", encoding="ascii") as limits:
            core = next(line for line in limits if line.startswith("Max core file size"))
        assert core.split()[4:6] == ["0", "0"]
        told = confined_event(daemon)
        assert (told["no_new_privs"], told["seccomp"]) == (1, 1)
        assert told["landlock"] == landlock_abi()


def low_port() -> int:
    for port in range(600, 1024):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    return pytest.skip("no port below 1024 can be had here")


def test_a_port_below_1024_leaves_just_the_capability_for_it(shop, tmp_path):
    _, config, state = shop
    if os.geteuid() != 0:
        pytest.skip("not root: there is no capability to keep")
    config["listen"].append(f"127.0.0.1:{low_port()}")
    with notard(tmp_path / "notard", config, state=state) as daemon:
        assert int(status(daemon)["CapEff"], 16) == 1 << 10  # CAP_NET_BIND_SERVICE


def test_all_that_it_is_for_still_works(shop, tmp_path):
    """Fetches, stores, follows a renewed certificate, reloads, serves a socket, stops in order."""
    signed, config, state = shop
    authority = tls.authority(tmp_path / "ca")
    first, second = (tls.server(authority, tmp_path / name) for name in ("one", "two"))
    pair = tmp_path / "pair"
    pair.mkdir()

    def install(made):
        for source, name in ((made.key, "key.pem"), (made.cert, "cert.pem")):
            shutil.copy(source, pair / "new")
            os.replace(pair / "new", pair / name)
    install(first)
    config["tls"] = {"certificate": str(pair / "cert.pem"), "key": str(pair / "key.pem")}
    config["confinement"] = "require" if landlock_abi() else "auto"
    path = tmp_path / "run" / "notard.sock"
    path.parent.mkdir()
    config["listen"].append(f"unix:{path}")
    context = ssl.create_default_context(cafile=str(authority.cert))
    with notard(tmp_path / "notard", config, state=state, tls_context=context) as daemon:
        assert daemon.verify(signed)[0]["verdict"] == "allow"
        install(second)
        wait_until(lambda: "certificate_renewed" in daemon.log(), "a renewed certificate")
        policy = tmp_path / "policy.json"
        policy.write_text('{"version": 1, "rules": []}')
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: '"reloaded"' in daemon.log(), "a reload")
        assert daemon.verify(signed)[0]["reason"] == "no_rule"
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(path))
        assert daemon.stop() == 0
    assert not path.exists()
    assert "reload_failed" not in daemon.log()


def test_what_it_fetched_is_in_the_store_after_a_restart(shop, tmp_path):
    signed, config, state = shop
    for folder, fetched in (("one", True), ("two", False)):
        with notard(tmp_path / folder, config, state=state) as daemon:
            assert daemon.verify(signed)[0]["verdict"] == "allow"
            flights = [value for name, value in daemon.metrics().items() if "flight" in name
                       or "fetch" in name]
            assert (sum(flights) > 0) is fetched, daemon.metrics()
            assert daemon.stop() == 0


def helper(folder, host: str, script: str) -> dict[str, str]:
    folder.mkdir()
    program = folder / "docker-credential-test"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(0o755)
    (folder / "config.json").write_text(json.dumps({"credHelpers": {host: "test"}}))
    return environment(DOCKER_CONFIG=str(folder), PATH=f"{folder}:/usr/bin:/bin")


def test_a_credential_helper_runs_and_is_confined_too(tmp_path, tiny, key):
    need_landlock()
    state = tmp_path / "state"
    state.mkdir()
    with servers.go_registry(tmp_path / "registry", basic=True) as registry:
        signed = Client(registry.host, {"Authorization": "Basic " + packed()}).push(tiny, "app")
        answer = json.dumps({"Username": servers.USER, "Secret": servers.SECRET})
        env = helper(tmp_path / "helper", registry.host,
                     f"( : >'{tmp_path}/outside' ) 2>/dev/null\n"
                     f"grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status >'{state}/told'\n"
                     f"cat >/dev/null\nprintf '%s' \"$(echo '{answer}' | cat)\"\n")
        signer.sign(signed, key.private, env=env).ok()
        (tmp_path / "outside").unlink()  # `notar` is not confined
        daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
        policy = daemon_files.policy(tmp_path / "policy.json",
                                     daemon_files.rule(f"{registry.host}/*", "release"))
        with notard(tmp_path / "notard", daemon_files.config(policy), state=state,
                    env=env) as daemon:
            assert daemon.verify(signed)[0]["verdict"] == "allow", daemon.log()
    told = dict(line.split(":\t") for line in (state / "told").read_text().splitlines())
    assert told == {"CapEff": "0" * 16, "NoNewPrivs": "1", "Seccomp": "2"}
    assert not (tmp_path / "outside").exists()


def test_a_helper_that_traces_is_ended_and_the_daemon_lives(tmp_path, tiny, key):
    with servers.go_registry(tmp_path / "registry", basic=True) as registry:
        signed = Client(registry.host, {"Authorization": "Basic " + packed()}).push(tiny, "app")
        env = helper(tmp_path / "helper", registry.host,
                     f"echo started >'{tmp_path}/state/told'\n"
                     f"'{sys.executable}' -c "
                     "'import ctypes; ctypes.CDLL(None).ptrace(0, 0, 0, 0)'\n"
                     f"echo $? >'{tmp_path}/state/told'\nexit 1\n")
        policy = daemon_files.policy(tmp_path / "policy.json",
                                     daemon_files.rule(f"{registry.host}/*", "release"))
        state = tmp_path / "state"
        with notard(tmp_path / "notard", daemon_files.config(policy), state=state,
                    env=env, ready=lambda daemon: daemon.alive()) as daemon:
            assert daemon.verify(signed)[0]["verdict"] == "undetermined"
            assert daemon.alive()
    assert int((state / "told").read_text()) == 128 + signal.SIGSYS


def test_off_is_off(shop, tmp_path):
    signed, config, state = shop
    config["confinement"] = "off"
    with notard(tmp_path / "notard", config, state=state) as daemon:
        assert daemon.verify(signed)[0]["verdict"] == "allow"
        assert status(daemon)["NoNewPrivs"] == "0"
        told = confined_event(daemon)
        assert (told["no_new_privs"], told["seccomp"], told["landlock"]) == (0, 0, 0)


def test_a_change_of_confinement_is_said_to_need_a_restart(shop, tmp_path):
    _, config, state = shop
    with notard(tmp_path / "notard", config, state=state) as daemon:
        made = json.loads(daemon.config_file.read_text())
        daemon.config_file.write_text(json.dumps({**made, "confinement": "off"}))
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "reload_needs_restart" in daemon.log(), "a warning")
        assert status(daemon)["Seccomp"] == "2"


def unit(folder):
    text = (paths.ROOT / "deploy" / "notard.service.in").read_text()
    path = folder / "notard.service"
    path.write_text(text.replace("@SBINDIR@/notard", peers.need("notard")))
    return path


def analyze(*words):
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze here: the unit was not looked at")
    return run((program, *words))


def test_the_unit_is_sound(tmp_path):
    told = analyze("verify", "--man=no", unit(tmp_path))
    assert told.code == 0 and "notard.service" not in told.err, told


def test_the_units_exposure_is_low(tmp_path):
    # A service that talks to the network does not get far below 1.
    told = analyze("security", "--offline=true", "--threshold=15", unit(tmp_path))
    assert told.code == 0, told
