# SPDX-License-Identifier: Apache-2.0
"""notard asks about revocation again before answers run out, and keeps lists that certificates
share. Tests wait for outcomes; none asserts how long something took."""

import hashlib
import time
from datetime import datetime, timedelta, timezone

import pytest

from lib import chains, lmdb_file, revocation_server as servers
from lib.chains import LEAF, ROOT
from lib.push import Client
from test_daemon import verdict
from test_notary_daemon import Shop as OcspShop, reloaded

ALLOW, REVOKED = ("allow", "trusted"), ("deny", "revoked_certificate")
UNKNOWN = ("undetermined", "revocation_unknown")
LIMIT_S = 90


def until(condition, what):
    end = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < end, f"not in {LIMIT_S} s: {what}"
        time.sleep(0.1)


def soon(seconds):
    return datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=seconds)


def prefetches(daemon, outcome):
    return daemon.metrics()[f'notard_revocation_prefetches_total{{outcome="{outcome}"}}']


def asked(daemon):
    return sum(prefetches(daemon, outcome) for outcome in ("good", "revoked", "failed"))


class Shop(OcspShop):
    """Several leaves under one root, by OCSP or by a list that they share."""

    def leaf(self, number, extension, issuer=ROOT, root=None):
        profile = LEAF.but(number=number, extra=(extension,))
        self.chain = [chains.certificate(profile, issuer), root or chains.certificate(issuer)]
        self.authority.issued[self.chain[0].serial_number] = self.chain[0]
        (self.folder / "key.pem").write_bytes(chains.private_pem(chains.key("p256", number)))
        (self.folder / "chain.pem").write_bytes(chains.pem(*self.chain))

    def by_crl(self, number, issuer=ROOT, root=None):
        self.server.crl("/crl", self.authority)
        self.leaf(number, servers.crl_extension(self.server.url("/crl")), issuer, root)

    def hits(self, path):
        return self.server.hits.get(path, 0)


@pytest.fixture
def shops(tmp_path, api_registry, repo, tiny):
    """Makes shops of one registry, responder and folder: an image each."""
    with servers.serve() as server:
        def make(name="one"):
            Client(api_registry.host).push(tiny, f"{repo}/{name}")
            shop = Shop(tmp_path, f"{api_registry.host}/{repo}/{name}@{tiny.digest}", server)
            shop.policy()
            return shop
        yield make


@pytest.fixture
def shop(shops):
    return shops()


def test_the_responder_is_asked_again_though_nobody_asks_the_daemon(shop):
    shop.sign("jws")
    first = shop.authority.end = soon(12)
    with shop.start() as daemon:
        assert verdict(daemon, shop.reference) == ALLOW
        shop.authority.end = soon(3600)
        until(lambda: prefetches(daemon, "good") >= 1, "asked again")
        hits = shop.hits("/ocsp")
        until(lambda: soon(0) > first, "the first answer has run out")
        assert verdict(daemon, shop.reference) == ALLOW
        assert shop.hits("/ocsp") == hits


def test_an_answer_that_lasts_is_left_alone(shop):
    shop.sign("jws")
    with shop.start() as daemon:
        assert verdict(daemon, shop.reference) == ALLOW
        time.sleep(5)
        assert asked(daemon) == 0
    assert shop.hits("/ocsp") == 1


def test_what_was_revoked_meanwhile_is_denied_without_asking_anybody(shop):
    shop.sign("cose")
    shop.authority.end = soon(12)
    with shop.start() as daemon:
        assert verdict(daemon, shop.reference) == ALLOW
        shop.authority.status, shop.authority.end = "revoked", soon(3600)
        until(lambda: prefetches(daemon, "revoked") == 1, "asked again")
        shop.server.paths.clear()
        hits = shop.hits("/ocsp")
        assert verdict(daemon, shop.reference) == REVOKED
        assert shop.hits("/ocsp") == hits


def test_an_old_answer_counts_until_it_runs_out_when_the_responder_is_down(shop):
    shop.sign("jws")
    shop.authority.end = soon(24)
    with shop.start() as daemon:
        assert verdict(daemon, shop.reference) == ALLOW
        shop.server.paths.clear()
        until(lambda: prefetches(daemon, "failed") >= 1, "asked in vain")
        found = verdict(daemon, shop.reference)
        if soon(0) < shop.authority.end:  # else this machine was too slow to see it
            assert found == ALLOW
        until(lambda: soon(0) > shop.authority.end, "it has run out")
        assert verdict(daemon, shop.reference) == UNKNOWN
        shop.authority.end = soon(3600)
        shop.server.ocsp("/ocsp", shop.authority)
        until(lambda: verdict(daemon, shop.reference) == ALLOW, "it answers again")


def test_an_answer_that_is_no_good_changes_nothing(shop):
    """Signed by a stranger: neither good nor revoked, whatever it says."""
    shop.sign("jws")
    shop.authority.end = soon(24)
    with shop.start() as daemon:
        assert verdict(daemon, shop.reference) == ALLOW
        shop.authority.status, shop.authority.signer = "revoked", ROOT.but(number=11)
        until(lambda: prefetches(daemon, "failed") >= 1, "asked in vain")
        assert verdict(daemon, shop.reference) in (ALLOW, UNKNOWN)
        assert prefetches(daemon, "revoked") == 0


@pytest.mark.parametrize("settings", [{"offline": True}, {"allow_private": False}],
                         ids=["offline", "guarded"])
def test_who_must_not_be_asked_is_not_asked_again(shop, settings):
    shop.sign("jws")
    shop.authority.end = soon(8)
    with shop.start() as daemon:
        assert verdict(daemon, shop.reference) == ALLOW
        before = shop.hits("/ocsp")
    with shop.start(**settings) as daemon:
        until(lambda: soon(-3) > shop.authority.end, "it has run out")
        assert verdict(daemon, shop.reference) == UNKNOWN
        assert settings.get("offline") is None or asked(daemon) == 0
    assert shop.hits("/ocsp") == before


def test_what_ran_out_while_the_daemon_was_down_is_asked_about_at_its_start(shop):
    shop.sign("jws")
    shop.authority.end = soon(8)
    with shop.start() as daemon:
        assert verdict(daemon, shop.reference) == ALLOW
    until(lambda: soon(0) > shop.authority.end, "it has run out")
    shop.authority.end = soon(3600)
    with shop.start() as daemon:
        until(lambda: prefetches(daemon, "good") == 1, "asked at the start")
        hits = shop.hits("/ocsp")
        assert verdict(daemon, shop.reference) == ALLOW
        assert shop.hits("/ocsp") == hits


def test_the_daemon_stops_while_a_responder_keeps_it_waiting(shop):
    shop.sign("jws")
    shop.authority.end = soon(8)
    with shop.start() as daemon:
        assert verdict(daemon, shop.reference) == ALLOW
        shop.server.ocsp("/ocsp", shop.authority, servers.slowly(5))
        until(lambda: shop.hits("/ocsp") == 2, "it is being asked")
        assert daemon.stop() == 0


def two_images(shops):
    one, two = shops("one"), shops("two")
    two.authority = one.authority
    one.by_crl(20)
    one.sign("jws")
    two.by_crl(21, root=one.chain[-1])
    two.sign("cose")
    two.policy()
    return one, two


def test_two_leaves_under_one_list_fetch_it_once(shops):
    one, two = two_images(shops)
    with one.start() as daemon:
        assert verdict(daemon, one.reference) == ALLOW
        assert verdict(daemon, two.reference) == ALLOW
    assert one.server.hits == {"/crl": 1}


def test_a_list_outlives_the_daemon(shops):
    one, two = two_images(shops)
    with one.start() as daemon:
        assert verdict(daemon, one.reference) == ALLOW
    one.server.paths.clear()
    with one.start() as daemon:
        assert verdict(daemon, two.reference) == ALLOW
    assert one.server.hits == {"/crl": 1}


def test_a_kept_list_still_revokes(shops):
    one, two = two_images(shops)
    two_serial = two.chain[0].serial_number
    one.authority.entries = [(two_serial, None, chains.NOW - timedelta(hours=2))]
    with one.start() as daemon:
        assert verdict(daemon, one.reference) == ALLOW
        one.authority.entries = []
        assert verdict(daemon, two.reference) == REVOKED
    assert one.server.hits == {"/crl": 1}


def test_a_delta_is_kept_beside_its_base(shops):
    one, two = two_images(shops)
    delta = servers.Authority(ROOT)
    delta.number, delta.delta_of = 7, 5
    one.authority.delta_url = one.server.url("/delta")
    one.server.crl("/delta", delta)
    with one.start() as daemon:
        assert verdict(daemon, one.reference) == ALLOW
        assert verdict(daemon, two.reference) == ALLOW
    assert one.server.hits == {"/crl": 1, "/delta": 1}


def test_a_kept_list_that_has_run_out_is_fetched_again(shops):
    one, two = two_images(shops)
    one.authority.end = soon(8)
    with one.start() as daemon:
        assert verdict(daemon, one.reference) == ALLOW
    until(lambda: soon(-1) > one.authority.end, "it has run out")
    one.server.paths.clear()
    with one.start() as daemon:
        assert verdict(daemon, two.reference) == UNKNOWN
        one.authority.end = soon(3600)
        one.server.crl("/crl", one.authority)
        until(lambda: verdict(daemon, two.reference) == ALLOW, "it is fetched again")


def test_prefetching_fetches_a_list_anew(shops):
    """What is kept would only say the same again."""
    one, two = two_images(shops)
    one.authority.end = soon(12)
    with one.start() as daemon:
        assert verdict(daemon, one.reference) == ALLOW
        one.authority.status, one.authority.end = "revoked", soon(3600)
        until(lambda: prefetches(daemon, "revoked") == 1, "asked again")
        assert verdict(daemon, one.reference) == REVOKED
        assert verdict(daemon, two.reference) == REVOKED


def test_a_list_of_another_signer_at_the_same_address_is_a_miss(shops):
    one, two = two_images(shops)
    with one.start() as daemon:
        assert verdict(daemon, one.reference) == ALLOW
        other = ROOT.but(number=12)
        two.authority = servers.Authority(other)
        two.by_crl(22, issuer=other)
        two.sign("jws")
        two.policy()
        reloaded(daemon, two, ALLOW)
    assert one.hits("/crl") >= 2


@pytest.mark.parametrize("change", ["altered", "cut", "version", "empty"])
def test_a_damaged_kept_list_is_a_miss(shops, change):
    one, two = two_images(shops)
    with one.start() as daemon:
        assert verdict(daemon, one.reference) == ALLOW
    key = hashlib.sha256(one.server.url("/crl").encode()).digest()
    lmdb_file.change(one.folder / "notard/state", "lists", key, {
        "altered": lambda row: row[:-1] + bytes([row[-1] ^ 1]),
        "cut": lambda row: row[:-10],
        "version": lambda row: b"\x63" + row[1:],
        "empty": lambda row: b""}[change])
    with one.start() as daemon:
        assert verdict(daemon, two.reference) == ALLOW
    assert one.hits("/crl") == 2
