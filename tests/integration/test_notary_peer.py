# SPDX-License-Identifier: Apache-2.0
"""Notary Project signatures both ways between notar and notation-go, on real registries."""

import json
import time
from datetime import timedelta

import pytest

from lib import chains, notary_envelope as notary, notation as peer, oci, tsa as tsas
from lib.chains import INTERMEDIATE, LEAF, ROOT
from lib.notation import notation
from lib.push import Client
from lib.run import notar

FORMATS = ("jws", "cose")


class Owner:
    """A key, its chain in files, and what trusts it: a policy of ours, a configuration of theirs."""

    def __init__(self, folder, kind="p256", profiles=None):
        self.folder = folder
        self.chain = chains.chain(*(profiles or (LEAF.but(kind=kind), INTERMEDIATE, ROOT)))
        self.key, self.certs = folder / "key.pem", folder / "chain.pem"
        self.key.write_bytes(chains.private_pem(chains.key(kind)))
        self.certs.write_bytes(chains.pem(*self.chain))
        self.root = chains.pem(self.chain[-1])

    def policy(self, **more) -> str:
        path = self.folder / "policy.json"
        x509 = {"ca": [self.root.decode()], "identities": ["*"], **more}
        path.write_text(json.dumps({
            "version": 1,
            "signers": {"us": {"x509": {k: v for k, v in x509.items() if v}}},
            "rules": [{"scope": "*", "require": {"signers": ["us"]}}]}))
        return str(path)

    def config(self, stores=None, **more):
        return peer.config(self.folder / "notation", {"ca:us": self.root, **(stores or {})}, **more)

    def sign(self, form, image, *more):
        return notar("sign", "--format", form, "--key", self.key, "--cert-chain", self.certs,
                     *more, image)

    def notation_sign(self, form, image, *more):
        return notation("sign", "--format", form, "--key", self.key, "--certs", self.certs,
                        *more, "--plain-http", image)


def notation_verify(config, image, *more):
    return notation("verify", "--config", config, "--plain-http", *more, image)


@pytest.fixture
def image(registry, repo, tiny):
    client = Client(registry.host)
    client.push(tiny, repo)
    return f"{registry.host}/{repo}@{tiny.digest}"


@pytest.mark.parametrize("form", FORMATS)
def test_notation_verifies_ours_in_a_layout(tiny, tmp_path, form):
    owner = Owner(tmp_path)
    owner.sign(form, tiny.by_digest).ok()
    notation("verify", "--config", owner.config(), "--layout", tiny.layout.folder, "--scope",
             "local/test", tiny.digest).ok()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", chains.KINDS)
def test_notation_verifies_ours(image, tmp_path, form, kind):
    owner = Owner(tmp_path, kind)
    owner.sign(form, image, "--annotation", "build=7").ok()
    notation_verify(owner.config(), image, "--meta", "build=7").ok()
    notation_verify(owner.config(), image, "--meta", "build=8").exits(1)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", chains.KINDS)
def test_we_verify_notations(image, tmp_path, form, kind):
    owner = Owner(tmp_path, kind)
    owner.notation_sign(form, image, "--meta", "build=7").ok()
    notar("verify", "--policy", owner.policy(), "--annotation", "build=7", image).ok()
    notar("verify", "--policy", owner.policy(), "--annotation", "build=8", image).exits(1)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("profiles", [(LEAF,), (LEAF, ROOT)], ids=["self-signed", "two"])
def test_other_lengths_of_chains(image, tmp_path, form, profiles):
    owner = Owner(tmp_path, profiles=profiles)
    owner.sign(form, image).ok()
    notation_verify(owner.config(), image).ok()
    notar("verify", "--policy", owner.policy(), image).ok()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("level", ["strict", "permissive", "audit"])
def test_notation_takes_our_timestamp(image, tmp_path, form, level):
    owner = Owner(tmp_path)
    with tsas.serve(tsas.Tsa(tmp_path / "tsa")) as tsa:
        owner.sign(form, image, "--timestamp-url", tsa.url, "--tsa-ca", tsa.root,
                   "--expiry", "24h").ok()
        config = owner.config({"tsa:them": chains.pem(tsa.chain[-1])}, level=level)
        notation_verify(config, image).ok()


@pytest.mark.parametrize("form", FORMATS)
def test_we_take_notations_timestamp(image, tmp_path, form):
    owner = Owner(tmp_path)
    with tsas.serve(tsas.Tsa(tmp_path / "tsa")) as tsa:
        owner.notation_sign(form, image, "--timestamp-url", tsa.url, "--timestamp-root", tsa.root,
                            "--expiry", "24h").ok()
        policy = owner.policy(tsa=[chains.pem(tsa.chain[-1]).decode()])
        notar("verify", "--policy", policy, image).ok()


@pytest.mark.parametrize("form", FORMATS)
def test_both_refuse_a_stranger(image, tmp_path, form):
    owner = Owner(tmp_path)
    owner.sign(form, image).ok()
    owner.root = chains.pem(*chains.chain(ROOT.but(number=12)))
    notation_verify(owner.config(), image).exits(1)
    notar("verify", "--policy", owner.policy(), image).exits(1)


@pytest.mark.parametrize("identity,holds", [
    ("x509.subject: C=US, ST=WA, O=notar tests", True),
    ("x509.subject: C=US, ST=WA, O=notar tests, CN=leaf", True),
    ("x509.subject: C=US, ST=WA, O=notar tests, CN=other", False),
    ("x509.subject: C=US, ST=WA, O=Notar Tests", False),
])
def test_identities_mean_the_same_to_both(image, tmp_path, identity, holds):
    owner = Owner(tmp_path)
    owner.sign("jws", image).ok()
    notation_verify(owner.config(identities=[identity]), image).exits(0 if holds else 1)
    notar("verify", "--policy", owner.policy(identities=[identity]), image).exits(
        0 if holds else 1)


def test_signing_twice_writes_once(image, tmp_path):
    owner = Owner(tmp_path)
    first = owner.sign("jws", image).ok()
    again = owner.sign("jws", image).ok()
    assert "already signed" in again.err and first.out == again.out
    assert "already" not in owner.sign("jws", image, "--expiry", "24h").ok().err


@pytest.mark.parametrize("args,word", [
    (("--format", "jws"), "certificate chain"),
    (("--format", "bundle", "--expiry", "24h"), "jws and cose"),
    (("--format", "jws", "--expiry", "soon"), "--expiry"),
    (("--format", "pgp"), "--format"),
])
def test_options_that_do_not_go_together(image, tmp_path, args, word):
    owner = Owner(tmp_path)
    result = notar("sign", *args, "--key", owner.key, image).exits(2)
    assert word in result.err


def test_a_chain_of_another_key_is_not_signed_with(image, tmp_path):
    owner = Owner(tmp_path)
    owner.key.write_bytes(chains.private_pem(chains.key("p256", 13)))
    result = owner.sign("jws", image)
    assert result.code != 0 and "not this key's" in result.err


@pytest.mark.parametrize("key,value", [("io.cncf.notary.x", "1"), ("", "1")])
def test_metadata_that_may_not_be(image, tmp_path, key, value):
    assert Owner(tmp_path).sign("jws", image, "--annotation", f"{key}={value}").code == 2


LEVELS = {"strict": {}, "audit": {"authenticity": "log", "authenticTimestamp": "log",
                                  "expiry": "log", "revocation": "log"}}
SEALS = {"jws": notary.jws, "cose": notary.cose}
HOUR = 3600
OUTGROWN = LEAF.but(start=chains.NOW - timedelta(days=3), end=chains.NOW - timedelta(days=1))


def second_hand(owner, form, image, tiny, **more):
    """An envelope that neither of the two made, attached by notation-go unread."""
    subject = oci.descriptor(oci.MANIFEST, tiny.layout.read(tiny.digest))
    draft = notary.Draft(subject=subject, key=chains.key("p256"), chain=owner.chain, **more)
    envelope = owner.folder / "envelope"
    envelope.write_bytes(SEALS[form](draft))
    notation("attach", "--format", form, "--envelope", envelope, "--plain-http", image).ok()


def both(owner, image, kind, level, holds):
    """The verdicts of the two, with the anchor in a store of this kind."""
    config = peer.config(owner.folder / "notation", {f"{kind}:us": owner.root}, level=level)
    policy = owner.policy(**{"ca": [], kind: [owner.root.decode()], **LEVELS[level]})
    notation_verify(config, image).exits(0 if holds else 1)
    notar("verify", "--policy", policy, image).exits(0 if holds else 1)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind,authority,level,holds", [
    ("signingAuthority", True, "strict", True),
    ("ca", True, "strict", False),
    ("signingAuthority", False, "strict", False),
    ("ca", False, "strict", True),
])
def test_stores_of_another_scheme_trust_nobody(image, tiny, tmp_path, form, kind, authority, level,
                                               holds):
    owner = Owner(tmp_path)
    second_hand(owner, form, image, tiny, authority=authority)
    both(owner, image, kind, level, holds)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("profile,signed,authority,holds", [
    (OUTGROWN, -2 * 24 * HOUR, True, True),  # valid when the authority says it was signed
    (OUTGROWN, -HOUR, True, False),
    (OUTGROWN, -2 * 24 * HOUR, False, False),  # a time that is only claimed proves nothing
    (LEAF, -2 * 24 * HOUR, True, False),  # before its certificate
])
def test_when_it_was_signed_means_the_same_to_both(image, tiny, tmp_path, form, profile, signed,
                                                   authority, holds):
    owner = Owner(tmp_path, profiles=(profile, INTERMEDIATE.but(start=OUTGROWN.start),
                                      ROOT.but(start=OUTGROWN.start)))
    second_hand(owner, form, image, tiny, authority=authority, signed=int(time.time()) + signed)
    both(owner, image, "signingAuthority" if authority else "ca", "strict", holds)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("level,holds", [("strict", False), ("audit", True)])
def test_a_signature_that_has_expired_means_the_same_to_both(image, tiny, tmp_path, form, level,
                                                             holds):
    owner = Owner(tmp_path)
    now = int(time.time())
    second_hand(owner, form, image, tiny, signed=now - 2 * HOUR, expires=now - HOUR)
    both(owner, image, "ca", level, holds)
