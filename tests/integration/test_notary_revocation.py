# SPDX-License-Identifier: Apache-2.0
"""Revocation of Notary Project certificates: OCSP and CRL answers, good, bad and none."""

from datetime import timedelta

import pytest

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from lib import chains, revocation_server as servers
from lib.chains import LEAF, NOW, ROOT
from test_notary_rules import Shop

Reason = x509.ReasonFlags
OTHER = ROOT.but(number=11)
PRIVATE = "--private-responders"


class Case:
    def __init__(self, folder, server):
        self.shop, self.server = Shop(folder), server
        self.authority = servers.Authority(ROOT)
        self.chain = None

    def sign(self, *extensions, **more):
        """A signature whose leaf carries these extensions; all it is issued by is known."""
        self.chain = chains.chain(LEAF.but(extra=tuple(extensions)), ROOT)
        self.authority.issued[self.chain[0].serial_number] = self.chain[0]
        self.shop.attach("jws", self.shop.draft(self.chain, **more))
        return self

    def by_ocsp(self, twist=None):
        self.server.ocsp("/ocsp", self.authority, twist)
        return self.sign(servers.ocsp_extension(self.server.url("/ocsp")))

    def by_crl(self, twist=None):
        self.server.crl("/crl", self.authority, twist)
        return self.sign(servers.crl_extension(self.server.url("/crl")))

    def ask(self, level="strict", *args, **more):
        return self.shop.ask(self.shop.policy(self.chain[-1:], level=level, **more),
                             *(args or (PRIVATE,)))[:2]


@pytest.fixture
def case(tmp_path):
    with servers.serve() as server:
        yield Case(tmp_path, server)


GOOD, REVOKED = ("allow", "trusted"), ("deny", "revoked_certificate")
UNKNOWN = ("undetermined", "revocation_unknown")


@pytest.mark.parametrize("kind", ["by_ocsp", "by_crl"])
def test_good(case, kind):
    getattr(case, kind)()
    assert case.ask() == GOOD
    assert sum(case.server.hits.values()) == 1


@pytest.mark.parametrize("kind", ["by_ocsp", "by_crl"])
def test_revoked(case, kind):
    case.authority.status = "revoked"
    getattr(case, kind)()
    assert case.ask() == REVOKED
    assert case.ask("permissive") == GOOD and case.ask("audit") == GOOD
    assert case.ask("strict", revocation="skip") == GOOD


def test_nobody_is_asked_when_the_policy_skips(case):
    case.by_ocsp()
    assert case.ask("strict", revocation="skip") == GOOD
    assert case.server.hits == {}


def test_nobody_is_asked_offline(case):
    case.by_ocsp()
    assert case.ask("strict", "--offline", PRIVATE) == UNKNOWN
    assert case.ask("permissive", "--offline", PRIVATE) == GOOD
    assert case.server.hits == {}


def test_nobody_is_asked_about_a_stranger(case):
    """SSRF: addresses in a chain that leads to nobody trusted are never called."""
    case.by_ocsp()
    stranger = chains.chain(OTHER)
    for level in ("strict", "permissive", "audit"):
        case.shop.ask(case.shop.policy(stranger, level=level), PRIVATE)
    assert case.server.hits == {}


def test_private_addresses_are_called_only_where_allowed(case):
    case.by_ocsp()
    assert case.ask("strict", "--explain") == UNKNOWN
    assert case.server.hits == {}


BAD_OCSP = {
    "refused": dict(status="unknown"),
    "stale": dict(end=NOW - timedelta(minutes=10)),
    "without nextUpdate": dict(next_update=False),
    "to come": dict(start=NOW + timedelta(minutes=30)),
    "of a stranger": dict(signer=OTHER),
    "about another": dict(other_serial=True),
    "of a leaf without the purpose": dict(signer=LEAF),
}


@pytest.mark.parametrize("name", BAD_OCSP)
def test_bad_ocsp_answers_say_nothing(case, name):
    case.by_ocsp()
    for member, value in BAD_OCSP[name].items():
        setattr(case.authority, member, value)
    assert case.ask() == UNKNOWN
    assert case.ask("permissive") == GOOD


TWISTS = {
    "garbage": lambda a: b"garbage",
    "empty": lambda a: b"",
    "cut off": lambda a: a[:-1],
    "a byte more": lambda a: a + b"\0",
    "huge": lambda a: a + b"\0" * (40 << 20),
    "500": lambda a: (500, a),
    "404": lambda a: (404, a),
    "a redirect": lambda a: (302, a),
    "an altered byte": lambda a: a[:len(a) // 2] + bytes([a[len(a) // 2] ^ 1]) + a[len(a) // 2 + 1:],
}


@pytest.mark.parametrize("kind", ["by_ocsp", "by_crl"])
@pytest.mark.parametrize("twist", TWISTS)
def test_malformed_answers_say_nothing(case, kind, twist):
    getattr(case, kind)(TWISTS[twist])
    assert case.ask() == UNKNOWN
    assert "/elsewhere" not in case.server.hits


def test_a_slow_responder_is_given_up(case):
    case.by_ocsp(servers.slowly(4))
    assert case.ask() == UNKNOWN


def test_crl_when_the_responder_does_not_answer(case):
    case.server.crl("/crl", case.authority)
    case.sign(servers.ocsp_extension(case.server.url("/nobody")),
              servers.crl_extension(case.server.url("/crl")))
    assert case.ask() == GOOD
    case.authority.status = "revoked"
    assert case.ask() == REVOKED


def test_ocsp_comes_first(case):
    case.server.ocsp("/ocsp", case.authority)
    case.sign(servers.ocsp_extension(case.server.url("/ocsp")),
              servers.crl_extension(case.server.url("/crl")))
    assert case.ask() == GOOD and "/crl" not in case.server.hits


def test_https_cannot_be_asked(case):
    case.sign(servers.ocsp_extension("https://127.0.0.1:1/ocsp"))
    assert case.ask() == UNKNOWN


def test_a_responder_that_cannot_be_asked_leaves_the_list(case):
    case.server.crl("/crl", case.authority)
    case.sign(servers.ocsp_extension("https://127.0.0.1:1/ocsp"),
              servers.crl_extension(case.server.url("/crl")))
    assert case.ask() == GOOD


def test_a_delta_that_only_the_certificate_names(case):
    case.server.crl("/crl", case.authority)
    case.sign(servers.crl_extension(case.server.url("/crl")),
              servers.freshest_extension(case.server.url("/delta")))
    assert case.ask() == UNKNOWN


@pytest.mark.parametrize("name, answer", [("/crl", GOOD), ("/other", UNKNOWN)])
def test_a_list_of_another_part_is_none(case, name, answer):
    case.by_crl()
    case.authority.part = case.server.url(name)
    assert case.ask() == answer


def test_every_list_must_be_there(case):
    case.server.crl("/one", case.authority)
    case.sign(servers.crl_extension(case.server.url("/one"), case.server.url("/two")))
    assert case.ask() == UNKNOWN
    case.server.crl("/two", case.authority)
    assert case.ask() == GOOD


BAD_CRL = {
    "stale": dict(end=NOW - timedelta(minutes=10)),
    "to come": dict(start=NOW + timedelta(minutes=30)),
    "of a stranger": dict(signer=OTHER),
    "a delta instead": dict(delta_of=1),
}


@pytest.mark.parametrize("name", BAD_CRL)
def test_bad_lists_say_nothing(case, name):
    case.by_crl()
    for member, value in BAD_CRL[name].items():
        setattr(case.authority, member, value)
    assert case.ask() == UNKNOWN


HOURS = [NOW - timedelta(hours=n) for n in range(6)]
ENTRIES = {
    "held": ([(Reason.certificate_hold, 2)], REVOKED),
    "held, then removed": ([(Reason.certificate_hold, 3), (Reason.remove_from_crl, 2)], GOOD),
    "removed, then held": ([(Reason.remove_from_crl, 3), (Reason.certificate_hold, 2)], REVOKED),
    "held, removed, revoked": ([(Reason.certificate_hold, 4), (Reason.remove_from_crl, 3),
                                (Reason.key_compromise, 2)], REVOKED),
    "revoked, then removed": ([(Reason.key_compromise, 4), (Reason.remove_from_crl, 3)], REVOKED),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_entries_for_one_serial(case, name):
    entries, answer = ENTRIES[name]
    case.by_crl()
    serial = case.chain[0].serial_number
    case.authority.entries = [(serial, reason, HOURS[n]) for reason, n in entries]
    assert case.ask() == answer


def delta(case, **members):
    """A base that names a delta, and the delta's own authority."""
    more = servers.Authority(ROOT)
    more.number, more.delta_of = 7, 5
    for member, value in members.items():
        setattr(more, member, value)
    case.authority.delta_url = case.server.url("/delta")
    case.server.crl("/delta", more)
    case.by_crl()
    more.issued = case.authority.issued
    return more


def test_a_delta_revokes(case):
    more = delta(case)
    assert case.ask() == GOOD and case.server.hits["/delta"] == 1
    more.status = "revoked"
    assert case.ask() == REVOKED


def test_a_delta_removes(case):
    more = delta(case)
    serial = case.chain[0].serial_number
    case.authority.entries = [(serial, Reason.certificate_hold, HOURS[3])]
    assert case.ask() == REVOKED
    more.entries = [(serial, Reason.remove_from_crl, HOURS[2])]
    assert case.ask() == GOOD


@pytest.mark.parametrize("members", [
    dict(number=5), dict(number=4), dict(delta_of=6), dict(delta_of=None),
    dict(end=NOW - timedelta(minutes=10)), dict(signer=OTHER)], ids=range(6))
def test_a_delta_that_does_not_fit(case, members):
    delta(case, **members)
    assert case.ask() == UNKNOWN


def test_a_delta_that_is_not_there(case):
    case.authority.delta_url = case.server.url("/delta")
    case.by_crl()
    assert case.ask() == UNKNOWN


def test_a_list_signed_over_sha1(tmp_path):
    rsa_root = ROOT.but(kind="rsa2048")
    with servers.serve() as server:
        made = Case(tmp_path, server)
        made.authority = servers.Authority(rsa_root)
        made.authority.hash = hashes.SHA1
        server.crl("/crl", made.authority)
        leaf = LEAF.but(extra=(servers.crl_extension(server.url("/crl")),))
        made.chain = chains.chain(leaf, rsa_root)
        made.shop.attach("jws", made.shop.draft(made.chain))
        assert made.ask() == UNKNOWN


def test_the_authoritys_time_before_the_invalidity(case):
    """A signature from before a certificate became invalid stays good, by the authority's word."""
    case.server.crl("/crl", case.authority)
    case.authority.status, case.authority.invalid_since = "revoked", NOW - timedelta(hours=3)
    signed = int((NOW - timedelta(hours=5)).timestamp())
    case.sign(servers.crl_extension(case.server.url("/crl")), authority=True, signed=signed)
    policy = case.shop.policy(case.chain[-1:], kind="signingAuthority")
    assert case.shop.ask(policy, PRIVATE)[:2] == GOOD
    case.authority.invalid_since = NOW - timedelta(hours=6)
    assert case.shop.ask(policy, PRIVATE)[:2] == REVOKED
