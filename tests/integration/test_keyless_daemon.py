# SPDX-License-Identifier: Apache-2.0
"""notard answers about keyless signatures out of facts: what the trusted root and the identities are
today counts, whatever is cached, and nobody is asked again."""

import copy
import json
import signal
import time

import pytest

from lib import daemon_files, images, oci, sigstore_maker as maker
from lib.notard import notard
from lib.push import Client
from lib.referrers import plant_bundle
from lib.sigstore_maker import ISSUER, SUBJECT, Draft, World
from test_daemon import verdict


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("world"))


class Shop:
    def __init__(self, folder, world, registry, repo):
        self.folder, self.world, self.registry = folder, world, registry
        self.root = copy.deepcopy(world.root)
        image = images.tiny(folder / "image")
        statement = maker.statement(image.digest.split(":")[1])
        client = Client(registry.host)
        client.push(image, repo)
        bundle = json.dumps(world.bundle(Draft(payload=statement, stamp=True))).encode()
        subject = oci.descriptor(oci.MANIFEST, image.layout.read(image.digest))
        plant_bundle(client, repo, subject, bundle)
        self.reference = f"{registry.host}/{repo}@{image.digest}"
        self.file = folder / "policy.json"
        self.write()

    def write(self, subject=SUBJECT, issuer=ISSUER):
        (self.folder / "root.json").write_text(json.dumps(self.root))
        self.file.write_text(json.dumps({
            "version": 1, "trustedRoots": {"ours": "root.json"},
            "signers": {"ci": {"identities": [{"issuer": issuer, "subject": subject}],
                               "trustedRoot": "ours"}},
            "rules": [{"scope": "*", "require": {"signers": ["ci"]}}]}))

    def start(self, negative_ttl="1h"):
        config = daemon_files.config(self.file)
        config["negative_ttl"] = negative_ttl
        return notard(self.folder / "notard", config)


@pytest.fixture
def shop(world, tmp_path, registry, repo):
    return Shop(tmp_path, world, registry, repo)


def reloaded(daemon, shop, wanted):
    """The policy's file is taken up; then the answer is this one."""
    daemon.process.send_signal(signal.SIGHUP)
    found = None
    for _ in range(100):
        found = verdict(daemon, shop.reference)
        if found == wanted:
            return
        time.sleep(0.05)
    assert found == wanted


def without_log(root):
    root["tlogs"] = []


def without_ct(root):
    root["ctlogs"] = []


def without_authority(root):
    root["certificateAuthorities"] = []


@pytest.mark.parametrize("change,reason", [
    (without_log, "no_transparency_proof"), (without_ct, "no_transparency_proof"),
    (without_authority, "untrusted_key")])
def test_what_the_root_loses_counts_at_the_next_question(shop, change, reason):
    # A signature of nobody that is known is kept as no fact: it has to be looked at anew.
    with shop.start("0s" if change is without_authority else "1h") as daemon:
        assert verdict(daemon, shop.reference) == ("allow", "trusted")
        change(shop.root)
        shop.write()
        reloaded(daemon, shop, ("deny", reason))
        shop.root = copy.deepcopy(shop.world.root)
        shop.write()
        reloaded(daemon, shop, ("allow", "trusted"))


def test_an_identity_that_is_taken_out_counts_no_more(shop):
    with shop.start() as daemon:
        assert verdict(daemon, shop.reference) == ("allow", "trusted")
        shop.write(subject="https://ci.example/other")
        reloaded(daemon, shop, ("deny", "identity_mismatch"))
        shop.write()
        reloaded(daemon, shop, ("allow", "trusted"))


def test_a_signature_of_an_authority_that_comes_later_counts_then(shop):
    authorities = shop.root.pop("certificateAuthorities")
    shop.root["certificateAuthorities"] = []
    shop.write()
    with shop.start(negative_ttl="0s") as daemon:
        assert verdict(daemon, shop.reference) == ("deny", "untrusted_key")
        shop.root["certificateAuthorities"] = authorities
        shop.write()
        reloaded(daemon, shop, ("allow", "trusted"))


def test_a_bad_trusted_root_keeps_the_old_policy(shop):
    with shop.start() as daemon:
        assert verdict(daemon, shop.reference) == ("allow", "trusted")
        (shop.folder / "root.json").write_text("{")
        daemon.process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        assert verdict(daemon, shop.reference) == ("allow", "trusted")
