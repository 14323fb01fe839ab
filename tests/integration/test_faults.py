# SPDX-License-Identifier: Apache-2.0
"""The machine fails: fail closed, recover alone, lose nothing that was acknowledged."""

import contextlib
import os
import shutil
import subprocess
import time

import pytest

from lib import daemon_files, images, keys, paths, signer
from lib.notard import notard
from lib.process import wait_until
from lib.push import Client
from lib.run import environment, notar, run


@pytest.fixture(scope="session")
def preload(tmp_path_factory):
    """tests/faults/preload.c, built."""
    library = tmp_path_factory.mktemp("faults") / "preload.so"
    run(("gcc", "-shared", "-fPIC", "-O1", "-o", library,
         paths.ROOT / "tests" / "faults" / "preload.c", "-ldl", "-pthread"), timeout=60).ok()
    return library


class Faults:
    """Faults of one program, by name: files in a folder (tests/faults/preload.c)."""

    def __init__(self, library, folder):
        folder.mkdir()
        self.folder = folder
        self.env = {"LD_PRELOAD": str(library), "FAULTS": str(folder)}

    def on(self, name: str, value: int) -> None:
        (self.folder / "new").write_text(str(value))
        (self.folder / "new").rename(self.folder / name)
        time.sleep(0.05)

    def off(self, name: str) -> None:
        (self.folder / name).unlink()
        time.sleep(0.05)


@pytest.fixture
def faults(preload, tmp_path):
    return Faults(preload, tmp_path / "faults")


@pytest.fixture
def shop(tmp_path, api_registry, repo, tiny, key):
    """What a daemon needs, and two images; start() starts it."""
    class Shop:
        pass
    made, client = Shop(), Client(api_registry.host)
    made.signed = client.push(tiny, repo)
    signer.sign(made.signed, key.private).ok()
    made.unsigned = client.push(images.tiny(tmp_path / "u", text="unsigned\n"), repo)
    made.state, made.key_id = tmp_path / "state", keys.spki_id(key.public)
    made.state.mkdir()
    daemon_files.trust(made.state, "add", key.public, "--signer", "release").ok()
    made.policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule("*", "release"))
    numbers = iter(range(100))

    def start(env=None, state=None, ready=None, **more):
        return notard(tmp_path / f"n{next(numbers)}", daemon_files.config(made.policy, **more),
                      state=state or made.state, env=environment(**(env or {})), ready=ready)
    made.start = start
    return made


def verdict(daemon, reference: str, **options) -> str:
    return daemon.verify(reference, **options)[0]["verdict"]


# Allocations

def test_each_allocation_of_a_verification_may_fail(faults, tmp_path, tiny, key):
    """The n-th fails, for n from 1 on until all succeed: never a crash, never a wrong yes."""
    other = images.tiny(tmp_path / "other", text="unsigned\n")
    signer.sign(tiny.ref, key.private).ok()
    outcomes = set()
    for reference, right in ((tiny.by_digest, 0), (other.by_digest, 1)):
        n, clean = 1, 0
        while clean < 3 and n < 60000:
            (faults.folder / "alloc_nth").write_text(str(n))
            got = subprocess.run(
                [paths.program("notar"), "verify", "--key", key.public, reference],
                env=environment(**faults.env, FAULTS_ONCE="1", FAULTS_OURS="1"), capture_output=True, timeout=30)
            assert got.returncode in (0, 1, 2, 3), (n, got)
            # Survived, undetermined, or denied; but a failure never lets an image run.
            assert right == 0 or got.returncode != 0, (n, got)
            outcomes.add(got.returncode)
            clean = clean + 1 if got.returncode == right else 0
            n += 1 if n < 150 else max(1, n // 25)
    assert {0, 1, 3} <= outcomes


def test_a_daemon_that_runs_short_of_memory_denies_and_recovers(faults, shop):
    with shop.start(faults.env, negative_ttl="0s", listing_ttl="1s") as daemon:
        assert verdict(daemon, shop.signed) == "allow"
        for every in (500, 100, 37, 11):
            faults.on("alloc_every", every)
            for _ in range(30):
                with contextlib.suppress(Exception):
                    assert verdict(daemon, shop.unsigned, timeout="2s") != "allow"
            faults.off("alloc_every")
            assert daemon.process.poll() is None
        wait_until(lambda: verdict(daemon, shop.signed) == "allow", "recovery")
        assert verdict(daemon, shop.unsigned) == "deny"
        assert daemon.stop() == 0


# The disk

def test_slow_syncs_do_not_hold_up_answers_from_the_store(faults, shop):
    with shop.start(faults.env) as daemon:
        assert verdict(daemon, shop.signed) == "allow"
        faults.on("sync_ms", 3000)
        writer = subprocess.Popen(
            [paths.program("notar"), "trust", "add", "--state", shop.state, "--signer", "x",
             other_key(shop)], env=environment(**faults.env), stdout=subprocess.DEVNULL)
        begin = time.monotonic()
        for _ in range(50):
            assert verdict(daemon, shop.signed) == "allow"
        assert time.monotonic() - begin < 2.5
        assert writer.wait(30) == 0


def other_key(shop):
    path = shop.state.parent / "other.pem"
    public = shop.state.parent / "other.pub"
    run(("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
         path)).ok()
    run(("openssl", "pkey", "-in", path, "-pubout", "-out", public)).ok()
    return public


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    got = run(("mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "notar-test", place))
    if got.code != 0:
        pytest.skip(f"cannot mount here: {got.err.strip()}")
    yield place
    run(("umount", "-l", place)).ok()


def test_a_full_disk_refuses_what_it_cannot_keep_and_answers_on(small_disk, shop):
    state = small_disk / "state"
    shutil.copytree(shop.state, state)
    with shop.start(state=state, negative_ttl="0s") as daemon:
        assert verdict(daemon, shop.signed) == "allow"
        with contextlib.suppress(OSError), open(small_disk / "filler", "wb", 0) as filler:
            while True:
                filler.write(b"x" * 4096)
        # What is known stays known; what is new is judged, if not remembered.
        assert verdict(daemon, shop.signed) == "allow"
        assert verdict(daemon, shop.unsigned) == "deny"
        refused = notar("trust", "add", "--state", state, "--signer", "x", other_key(shop))
        revoked = notar("trust", "revoke", "--state", state, shop.key_id)
        (small_disk / "filler").unlink()
        if revoked.code == 0:
            assert verdict(daemon, shop.signed) == "deny"  # acknowledged is in force
        else:
            assert revoked.code == 3 and verdict(daemon, shop.signed) == "allow"
            notar("trust", "revoke", "--state", state, shop.key_id).ok()
            assert verdict(daemon, shop.signed) == "deny"
        assert refused.code in (0, 3)


def test_a_disk_that_is_read_only_is_refused_at_start(small_disk, shop):
    state = small_disk / "state"
    shutil.copytree(shop.state, state)
    run(("mount", "-o", "remount,ro", small_disk)).ok()
    with pytest.raises(AssertionError, match="Read-only file system"):
        with shop.start(state=state):
            pass
    notar("trust", "revoke", "--state", state, shop.key_id).exits(3)
    run(("mount", "-o", "remount,rw", small_disk)).ok()
    with shop.start(state=state) as daemon:
        assert verdict(daemon, shop.signed) == "allow"


@pytest.mark.parametrize("damage", ["truncated", "half", "foreign", "empty", "text"])
def test_a_damaged_data_file_is_refused_at_start_and_named(shop, damage):
    with shop.start() as daemon:
        daemon.verify(shop.signed)
    file = shop.state / "data.mdb"
    data = file.read_bytes()
    file.write_bytes({"truncated": data[:len(data) - 8192], "half": data[:len(data) // 2],
                      "foreign": os.urandom(len(data)), "empty": b"",
                      "text": b"this is no store\n" * 1000}[damage])
    if damage == "empty":  # LMDB makes a new store of it: nobody is trusted then
        with shop.start(ready=lambda daemon: daemon.alive()) as daemon:
            assert verdict(daemon, shop.signed) != "allow" and not daemon.ready()
        return
    with pytest.raises(AssertionError, match="ended with 3"):
        with shop.start():
            pass
    notar("verify", "--state", shop.state, shop.signed).exits(3)


# The clock

def test_a_clock_that_is_set_back_or_forward(faults, shop):
    with shop.start(faults.env, listing_ttl="1h") as daemon:
        assert verdict(daemon, shop.signed) == "allow"
        for seconds in (-86400, 86400, -400 * 86400, 400 * 86400):
            faults.on("clock_s", seconds)
            told = daemon.verify(shop.signed)[0]
            assert told["verdict"] == "allow", (seconds, told)
            assert verdict(daemon, shop.unsigned) == "deny"
        faults.off("clock_s")
        assert verdict(daemon, shop.signed) == "allow"


def test_a_keys_window_follows_the_clock(faults, tmp_path, shop, key):
    state = tmp_path / "state2"
    state.mkdir()
    daemon_files.trust(state, "add", key.public, "--signer", "release", "--not-after",
                       time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 7200))).ok()
    with shop.start(faults.env, state=state) as daemon:
        assert verdict(daemon, shop.signed) == "allow"
        faults.on("clock_s", 86400)
        assert daemon.verify(shop.signed)[0]["reason"] == "key_expired"
        faults.on("clock_s", 0)
        assert verdict(daemon, shop.signed) == "allow"
