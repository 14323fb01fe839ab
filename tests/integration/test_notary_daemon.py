# SPDX-License-Identifier: Apache-2.0
"""notard answers about Notary Project signatures: authorities, identities and revocation count as
they are today, whatever is cached."""

import json
import signal
import time

import pytest

from lib import chains, daemon_files, revocation_server as servers
from lib.chains import LEAF, ROOT
from lib.notard import notard
from lib.push import Client
from lib.run import notar
from test_daemon import verdict

FORMATS = ("jws", "cose")


def reloaded(daemon, shop, wanted):
    """The policy's file is taken up; then the answer is this one."""
    daemon.process.send_signal(signal.SIGHUP)
    for _ in range(100):
        found = verdict(daemon, shop.reference)
        if found == wanted:
            return
        time.sleep(0.05)
    assert found == wanted


class Shop:
    def __init__(self, folder, reference, server):
        self.folder, self.reference, self.server = folder, reference, server
        self.authority = servers.Authority(ROOT)
        server.ocsp("/ocsp", self.authority)
        leaf = LEAF.but(extra=(servers.ocsp_extension(server.url("/ocsp")),))
        self.chain = chains.chain(leaf, ROOT)
        self.authority.issued[self.chain[0].serial_number] = self.chain[0]
        (folder / "key.pem").write_bytes(chains.private_pem(chains.key("p256")))
        (folder / "chain.pem").write_bytes(chains.pem(*self.chain))
        self.policy_file = folder / "policy.json"

    def sign(self, form):
        notar("sign", "--format", form, "--key", self.folder / "key.pem", "--cert-chain",
              self.folder / "chain.pem", self.reference).ok()

    def policy(self, anchor=None, **more):
        pem = chains.pem(anchor if anchor is not None else self.chain[-1]).decode()
        self.policy_file.write_text(json.dumps({
            "version": 1,
            "signers": {"them": {"x509": {"ca": [pem], "identities": ["*"], **more}}},
            "rules": [{"scope": "*", "require": {"signers": ["them"]}}]}))
        return self.policy_file

    def start(self, **revocation):
        config = daemon_files.config(self.policy_file)
        config["revocation"] = {"allow_private": True, **revocation}
        config["negative_ttl"] = "0s"
        return notard(self.folder / "notard", config)


@pytest.fixture
def shop(tmp_path, registry, repo, tiny):
    Client(registry.host).push(tiny, repo)
    with servers.serve() as server:
        yield Shop(tmp_path, f"{registry.host}/{repo}@{tiny.digest}", server)


@pytest.mark.parametrize("form", FORMATS)
def test_the_responder_is_asked_once_for_many_questions(shop, form):
    shop.sign(form)
    shop.policy()
    with shop.start() as daemon:
        for _ in range(5):
            assert verdict(daemon, shop.reference) == ("allow", "trusted")
    assert shop.server.hits == {"/ocsp": 1}


@pytest.mark.parametrize("form", FORMATS)
def test_a_revoked_certificate_is_denied(shop, form):
    shop.sign(form)
    shop.policy()
    shop.authority.status = "revoked"
    with shop.start() as daemon:
        assert verdict(daemon, shop.reference) == ("deny", "revoked_certificate")


def test_nobody_answers_about_revocation(shop):
    shop.sign("jws")
    shop.policy()
    shop.server.paths.clear()
    with shop.start() as daemon:
        assert verdict(daemon, shop.reference) == ("undetermined", "revocation_unknown")
        shop.server.ocsp("/ocsp", shop.authority)
        assert verdict(daemon, shop.reference) == ("allow", "trusted")


@pytest.mark.parametrize("settings", [{"allow_private": False}, {"offline": True}],
                         ids=["guarded", "offline"])
def test_what_must_not_be_asked_is_not_known(shop, settings):
    shop.sign("jws")
    shop.policy()
    with shop.start(**settings) as daemon:
        assert verdict(daemon, shop.reference) == ("undetermined", "revocation_unknown")
    assert shop.server.hits == {}


def test_an_authority_that_is_taken_out_counts_no_more(shop):
    """The facts stay; whom they lead to is asked of the policy each time."""
    shop.sign("cose")
    shop.policy()
    with shop.start() as daemon:
        assert verdict(daemon, shop.reference)[0] == "allow"
        shop.policy(chains.chain(ROOT.but(number=14))[0])
        reloaded(daemon, shop, ("deny", "untrusted_key"))
        shop.policy(identities=["x509.subject: C=US, ST=WA, O=others"])
        reloaded(daemon, shop, ("deny", "identity_mismatch"))
        shop.policy(identities=["x509.subject: C=US, ST=WA, O=notar tests"])
        reloaded(daemon, shop, ("allow", "trusted"))
