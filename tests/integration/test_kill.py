# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random points, 100 times: the store opens, nothing acknowledged is lost."""

import random
import signal
import subprocess
import time

from lib import daemon_files, keys, peers, signer
from lib.notard import notard
from lib.push import Client
from lib.run import environment

ROUNDS = 100


def _listed(state) -> str:
    return daemon_files.trust(state, "list", "--json").ok().out


def _public_keys(folder, count: int):
    """P-256 public keys; cheap enough by the hundred."""
    return [keys.pair(folder, "P-256", f"k{n}").public for n in range(count)]


def test_kill_9_of_notar_trust_loses_nothing_acknowledged(tmp_path):
    chance = random.Random(20260101)
    state = tmp_path / "state"
    state.mkdir()
    publics = _public_keys(tmp_path / "keys", ROUNDS)
    program, acknowledged = peers.need("notar"), set()
    start = time.monotonic()
    daemon_files.trust(state, "add", publics[0], "--signer", "release").ok()
    usual_s = time.monotonic() - start
    acknowledged.add(keys.spki_id(publics[0]))
    for public in publics[1:]:
        process = subprocess.Popen(
            [program, "trust", "add", "--state", state, public, "--signer", "release"],
            env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0, usual_s * 1.2))
        process.kill()
        if process.wait() == 0:
            acknowledged.add(keys.spki_id(public))
        else:
            assert process.returncode == -signal.SIGKILL
    listed = _listed(state)
    assert [key for key in acknowledged if key not in listed] == []
    daemon_files.trust(state, "revoke", next(iter(acknowledged))).ok()


def test_kill_9_of_notard_keeps_the_store(tmp_path, api_registry, repo, tiny, key):
    chance = random.Random(20260102)
    reference = Client(api_registry.host).push(tiny, repo)
    signer.sign(reference, key.private).ok()
    policy = daemon_files.policy(tmp_path / "policy.json",
                                 daemon_files.rule(f"{api_registry.host}/{repo}", "release"))
    state = tmp_path / "state"
    state.mkdir()
    daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
    publics = _public_keys(tmp_path / "keys", ROUNDS)
    for public in publics:
        with notard(tmp_path / "notard", daemon_files.config(policy), state=state) as daemon:
            daemon_files.trust(state, "add", public, "--signer", "spare").ok()
            asked = daemon.ask("POST", "/v1/verify", {"images": [reference]})
            assert '"allow"' in asked.body.decode().replace(" ", ""), asked
            time.sleep(chance.uniform(0, 0.02))
            daemon.kill()
    listed = _listed(state)
    assert [p for p in publics if keys.spki_id(p) not in listed] == []
