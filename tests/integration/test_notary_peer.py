# SPDX-License-Identifier: Apache-2.0
"""Notary Project signatures both ways between notar and notation-go, on real registries."""

import json

import pytest

from lib import chains, notation as peer, tsa as tsas
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
        path.write_text(json.dumps({
            "version": 1,
            "signers": {"us": {"x509": {"ca": [self.root.decode()], "identities": ["*"], **more}}},
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
