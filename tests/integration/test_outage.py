# SPDX-License-Identifier: Apache-2.0
"""Undetermined, and outages: last known good where the policy says so, and nothing else."""

import time

import pytest

from lib import daemon_files, images, keys, signer
from lib.hostile import HostileRegistry, answer, silence, throttle
from lib.notard import notard
from lib.process import wait_until

LKG = {"on_undetermined": "last_known_good", "max_age": "1h"}


@pytest.fixture
def shop(tmp_path, tiny, key):
    """A registry that can fail, an image that is signed, another that is not yet seen."""
    signer.sign(tiny.ref, key.private).ok()
    unseen = images.tiny(tmp_path / "unseen", text="unseen\n")
    signer.sign(unseen.ref, key.private).ok()
    with HostileRegistry() as registry:
        registry.store.load(tiny.layout, "app")
        registry.store.load(unseen.layout, "app")
        registry.seen = f"{registry.host}/app@{tiny.digest}"
        registry.unseen = f"{registry.host}/app@{unseen.digest}"
        yield registry


def start(folder, key, outage: dict, **more):
    state = folder / "state"
    state.mkdir(exist_ok=True)
    daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
    rule = {**daemon_files.rule("*", "release"), **outage}
    policy = daemon_files.policy(folder / "p.json", rule)
    more = {"listing_ttl": "1s", "fetch_timeout": "2s", **more}
    return notard(folder / "n", daemon_files.config(policy, **more), state=state)


FAILURES = {"down": answer(503), "throttled": throttle("60"), "silent": silence(),
            "denied": answer(401)}


@pytest.mark.parametrize("failure", FAILURES)
def test_what_was_good_stays_good_where_the_policy_says_so(tmp_path, shop, key, failure):
    with start(tmp_path, key, LKG) as daemon:
        assert daemon.verify(shop.seen)[0]["verdict"] == "allow"
        shop.on("any", FAILURES[failure])
        time.sleep(2.1)
        for _ in range(3):
            got = daemon.verify(shop.seen, timeout="2s")[0]
            assert (got["verdict"], got["lastKnownGood"]) == ("allow", True), got
        # Never one that was not seen before, whatever happened.
        assert daemon.verify(shop.unseen, timeout="2s")[0]["verdict"] == "undetermined"
        # And today's keys are asked.
        daemon_files.trust(tmp_path / "state", "revoke", keys.spki_id(key.public)).ok()
        assert daemon.verify(shop.seen, timeout="2s")[0]["verdict"] != "allow"
        shop.calm()


def test_by_default_what_nobody_knows_is_refused(tmp_path, shop, key):
    with start(tmp_path, key, {}) as daemon:
        assert daemon.verify(shop.seen)[0]["verdict"] == "allow"
        shop.on("any", answer(503))
        time.sleep(2.1)
        assert daemon.verify(shop.seen)[0]["verdict"] == "undetermined"


def test_good_for_so_long_and_no_longer(tmp_path, shop, key):
    with start(tmp_path, key, {**LKG, "max_age": "8s"}) as daemon:
        assert daemon.verify(shop.seen)[0]["verdict"] == "allow"
        shop.on("any", answer(503))
        time.sleep(2.1)
        assert daemon.verify(shop.seen)[0]["lastKnownGood"] is True
        time.sleep(7)
        assert daemon.verify(shop.seen)[0]["verdict"] == "undetermined"


def test_a_tag_is_never_last_known_good(tmp_path, shop, key):
    """A tag says nothing while its registry is silent: it may mean another image by now."""
    with start(tmp_path, key, LKG) as daemon:
        assert daemon.verify(shop.seen)[0]["verdict"] == "allow"
        shop.on("any", answer(503))
        assert daemon.verify(shop.seen.split("@")[0] + ":v1")[0]["verdict"] == "undetermined"


def test_an_outage_is_paid_for_once_and_recovers_alone(tmp_path, shop, key):
    with start(tmp_path, key, LKG) as daemon:
        assert daemon.verify(shop.seen)[0]["verdict"] == "allow"
        shop.on("any", silence())
        time.sleep(2.1)
        daemon.verify(shop.seen, timeout="1s")
        wait_until(lambda: daemon.metrics()["notard_inflight"] == 0, "the look to fail")
        begin = time.monotonic()
        for _ in range(20):
            assert daemon.verify(shop.seen)[0]["lastKnownGood"] is True
        assert time.monotonic() - begin < 2  # not twenty time limits
        shop.calm()
        wait_until(lambda: not daemon.verify(shop.seen)[0]["lastKnownGood"], "recovery", limit_s=30)


def test_a_failure_does_not_wipe_out_what_was_known(tmp_path, shop, key):
    """The listing of before the outage is there after it, though looks failed meanwhile."""
    with start(tmp_path, key, {}, listing_ttl="2s") as daemon:
        assert daemon.verify(shop.seen)[0]["verdict"] == "allow"
        shop.on("any", answer(503))
        time.sleep(3.1)
        assert daemon.verify(shop.seen)[0]["verdict"] == "undetermined"
        shop.calm()
        assert daemon.verify(shop.seen)[0]["verdict"] == "allow"


def test_a_listing_is_refreshed_behind_the_answers_before_it_is_too_old(tmp_path, shop, key):
    with start(tmp_path, key, {}, listing_ttl="5s") as daemon:
        assert daemon.verify(shop.seen)[0]["verdict"] == "allow"
        end = time.monotonic() + 9
        while time.monotonic() < end:
            got = daemon.verify(shop.seen)[0]
            assert got["verdict"] == "allow" and got["cached"] is True, got
            time.sleep(0.05)
        assert daemon.metrics()["notard_fetch_looks_total"] >= 1


def test_dead_registries_leave_workers_for_the_living(tmp_path, shop, key):
    """Eight workers, and many questions for registries that never answer."""
    with HostileRegistry() as dead, HostileRegistry() as dead2, \
         start(tmp_path, key, {}, workers=4, fetch_timeout="5s") as daemon:
        for one in (dead, dead2):
            one.on("any", silence())
        questions = [f"{one.host}/app{n}@sha256:{n:064x}" for n in range(20) for one in (dead, dead2)]
        for _ in range(2):  # the first round finds out who is dead
            daemon.verify(*questions, timeout="1s")
            time.sleep(5.5)
        daemon.verify(*questions, timeout="1s")
        got = daemon.verify(shop.seen, timeout="4s")[0]
        assert got["verdict"] == "allow", got


@pytest.mark.parametrize("outage", [
    {"on_undetermined": "allow"}, {"on_undetermined": "last_known_good"}, {"max_age": "1h"},
    {"on_undetermined": "deny", "max_age": "1h"}, {**LKG, "max_age": "91d"},
    {**LKG, "max_age": "0s"}, {**LKG, "max_age": 3600}, {**LKG, "max_age": "soon"}])
def test_a_policy_that_says_it_wrongly_is_refused(tmp_path, key, outage):
    from lib.run import notar
    path = daemon_files.policy(tmp_path / "p.json", {**daemon_files.rule("*", "release"), **outage},
                               signers={"release": [key.public]})
    got = notar("policy", "check", path)
    assert got.code == 2 and ("on_undetermined" in got.err or "max_age" in got.err), str(got)


def test_a_documents_word_holds_for_rules_that_say_nothing(tmp_path, shop, key):
    import json
    state = tmp_path / "state"
    state.mkdir()
    policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    policy.write_text(json.dumps({**json.loads(policy.read_text()), **LKG}))
    config = daemon_files.config(policy, listing_ttl="1s")
    with notard(tmp_path / "n", config, state=state) as daemon:
        assert daemon.verify(shop.seen)[0]["verdict"] == "allow"
        shop.on("any", answer(503))
        time.sleep(2.1)
        assert daemon.verify(shop.seen)[0]["lastKnownGood"] is True
