# SPDX-License-Identifier: Apache-2.0
"""A Notary Project configuration on disk: which file counts, what a trust store may hold, and that
every program that takes a policy takes it (docs/formats.md)."""

import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from cryptography.hazmat.primitives import serialization
from lib import chains, daemon_files, images, notary_envelope as notary, oci, peers
from lib.chains import INTERMEDIATE, LEAF, ROOT
from lib.notard import notard
from lib.run import notar, run

CHAIN = chains.chain(LEAF, INTERMEDIATE, ROOT)
OTHER_ROOT = chains.chain(ROOT.but(common="other root", number=7))[0]
ALONE = chains.chain(LEAF)[0]
DAY = 86400


def statement(name="prod", scopes=("*",), stores=("ca:acme",), identities=("*",), level="strict",
              **more) -> dict:
    made = {"name": name, "registryScopes": list(scopes),
            "signatureVerification": {"level": level, **more}}
    if level != "skip":
        made |= {"trustStores": list(stores), "trustedIdentities": list(identities)}
    return made


class Setup:
    """A configuration folder, as ~/.config/notation is."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True)

    def policy(self, *statements, name="trustpolicy.json") -> Path:
        path = self.folder / name
        path.write_text(json.dumps({"version": "1.0", "trustPolicies": list(statements)}))
        return path

    def store(self, kind="ca", name="acme", **files: bytes) -> Path:
        path = self.folder / "truststore" / "x509" / kind / name
        path.mkdir(parents=True, exist_ok=True)
        for file, data in (files or {"root": chains.pem(CHAIN[-1])}).items():
            (path / file).write_bytes(data)
        return path

    def check(self, path: Path | None = None):
        return notar("policy", "check", path or self.folder)

    def refuses(self, *words: str, path: Path | None = None):
        told = self.check(path).exits(2)
        assert told.out == "" and told.err.count("\n") == 1, told
        for word in words:
            assert word in told.err, told


@pytest.fixture
def setup(tmp_path):
    made = Setup(tmp_path / "notation")
    made.policy(statement())
    return made


def der(*certificates) -> bytes:
    return b"".join(c.public_bytes(serialization.Encoding.DER) for c in certificates)


# --- what was understood ---

def test_a_line_a_rule_says_what_was_understood(setup):
    setup.policy(
        statement("prod", ("h.example/a", "h.example/b"), ("ca:acme", "tsa:time"),
                  ("x509.subject: C=US, ST=WA, O=notar tests",), "permissive",
                  override={"revocation": "skip"}, verifyTimestamp="afterCertExpiry"),
        statement("free", ("h.example/free",), level="skip"),
        statement("rest", identities=("*",), level="audit"))
    setup.store(root=chains.pem(CHAIN[-1]), more=chains.pem(OTHER_ROOT))
    setup.store("tsa", "time")
    lines = setup.check().ok().out.splitlines()
    assert "4 rules, 2 signers" in lines[0]
    known = ("prod: 2 ca, 0 signingAuthority, 1 tsa, 1 identities; authenticity enforce, "
             "authenticTimestamp log (afterCertExpiry), expiry log, revocation skip")
    assert [line.strip() for line in lines[1:]] == [
        f"h.example/a: {known}", f"h.example/b: {known}",
        "h.example/free: free: no signature needed",
        "*: rest: 2 ca, 0 signingAuthority, 0 tsa, any identity; authenticity log, "
        "authenticTimestamp log, expiry log, revocation log"]


def test_as_json(setup):
    setup.store()
    assert notar("policy", "check", "--json", setup.folder).ok().json() == {
        "ok": True, "rules": 1, "signers": 1}


# --- which file ---

def test_a_file_is_taken_with_the_stores_beside_it(setup):
    setup.store()
    setup.check(setup.folder / "trustpolicy.json").ok()
    shutil.copy(setup.folder / "trustpolicy.json", setup.folder / "any.name")
    setup.check(setup.folder / "any.name").ok()
    done = run((peers.need("notar"), "policy", "check", "trustpolicy.json"), cwd=setup.folder)
    assert done.code == 0, done


def test_the_newer_name_counts_before_the_older(setup):
    setup.store()
    setup.policy(statement("new", ("h/new",)), name="trustpolicy.oci.json")
    assert "h/new: new" in setup.check().ok().out


@pytest.mark.parametrize("bad", ["", "{}", "[]", "{\"version\":1,\"rules\":[]}", "not JSON"])
def test_a_newer_name_that_is_broken_is_no_reason_to_take_the_older(setup, bad):
    setup.store()
    (setup.folder / "trustpolicy.oci.json").write_text(bad)
    setup.refuses("trust policy")


def test_a_newer_name_that_cannot_be_read_is_no_reason_either(setup):
    setup.store()
    (setup.folder / "trustpolicy.oci.json").mkdir()
    setup.refuses("trustpolicy.oci.json", "regular file")
    (setup.folder / "trustpolicy.oci.json").rmdir()
    (setup.folder / "trustpolicy.oci.json").symlink_to("trustpolicy.json")
    setup.refuses("trustpolicy.oci.json", "symbolic link")
    (setup.folder / "trustpolicy.oci.json").unlink()
    (setup.folder / "trustpolicy.oci.json").symlink_to("nowhere")
    setup.refuses("trustpolicy.oci.json", "symbolic link")


def test_a_folder_without_a_policy(setup):
    setup.store()
    (setup.folder / "trustpolicy.json").unlink()
    setup.refuses("trustpolicy.json")


def test_the_blob_policy_is_read_as_one_about_blobs(setup):
    setup.store()
    one = statement("files")
    del one["registryScopes"]
    setup.policy({**one, "globalPolicy": True}, name="trustpolicy.blob.json")
    told = setup.check(setup.folder / "trustpolicy.blob.json").ok().out
    assert "  files: files: 1 ca" in told and "  *: files: 1 ca" in told
    setup.policy(one)
    setup.refuses("registryScopes")


# --- trust stores ---

@pytest.mark.parametrize("data", [
    chains.pem(CHAIN[-1]), b"a remark\n" + chains.pem(*CHAIN[1:]) + b"another\n", der(CHAIN[-1]),
    der(CHAIN[1], CHAIN[2]), chains.pem(ALONE), chains.pem(CHAIN[1])],
    ids=["pem", "pems", "der", "ders", "self-signed", "intermediate"])
@pytest.mark.parametrize("name", ["root.pem", "no-extension", ".hidden"])
def test_a_store_may_hold(setup, data, name):
    setup.store(**{name: data})
    setup.check().ok()


@pytest.mark.parametrize("data, says", [
    (b"", "no certificate"), (b"no certificate", "neither PEM nor DER"),
    (chains.pem(CHAIN[0]), "neither a CA nor self-signed"),
    (chains.pem(CHAIN[-1], CHAIN[0]), "neither a CA nor self-signed"),
    (chains.pem(CHAIN[-1]) + chains.private_pem(chains.key("p256")), "PRIVATE KEY"),
    (chains.pem(CHAIN[-1])[:-30], "PEM"),
    (der(CHAIN[-1])[:-1], ""), (der(CHAIN[-1]) + b"\0", ""),
    (chains.pem(CHAIN[-1]) * 1025, "1024")],
    ids=["empty", "text", "leaf", "root and leaf", "key", "cut pem", "cut der", "more than der",
         "too many"])
def test_one_bad_file_spoils_the_store_and_is_named(setup, data, says):
    setup.store(a_good=chains.pem(CHAIN[-1]), z_bad=data)
    setup.refuses("z_bad", says, "prod")


@pytest.mark.parametrize("certificate", [CHAIN[1], ALONE, CHAIN[0]],
                         ids=["intermediate", "no CA", "leaf"])
def test_a_store_for_timestamps_holds_roots_only(setup, certificate):
    setup.policy(statement(stores=("ca:acme", "tsa:time")))
    setup.store()
    setup.store("tsa", "time", bad=chains.pem(certificate))
    setup.refuses("tsa/time/bad", "self-signed CA")


def test_a_store_must_be_there_and_hold_something(setup):
    setup.refuses("truststore/x509/ca/acme", "prod")
    store = setup.folder / "truststore" / "x509" / "ca" / "acme"
    store.mkdir(parents=True)
    setup.refuses("truststore/x509/ca/acme", "empty")
    (store / "folder").mkdir()
    setup.refuses("truststore/x509/ca/acme", "empty")
    store.joinpath("folder").rmdir()
    store.rmdir()
    store.write_bytes(chains.pem(CHAIN[-1]))
    setup.refuses("truststore/x509/ca/acme", "not a folder")


def test_a_store_of_another_type_or_name_is_not_the_one(setup):
    setup.store("signingAuthority", "acme")
    setup.store("ca", "Acme")
    setup.refuses("truststore/x509/ca/acme")


def test_a_store_nobody_names_may_be_as_it_likes(setup):
    setup.store()
    setup.store("ca", "other", bad=b"no certificate")
    setup.check().ok()


def test_subfolders_are_ignored_and_what_they_hold(setup):
    store = setup.store()
    (store / "old").mkdir()
    (store / "old" / "leaf").write_bytes(chains.pem(CHAIN[0]))
    assert "1 ca" in setup.check().ok().out


def test_links_are_refused(setup, tmp_path):
    store = setup.store()
    outside = tmp_path / "outside"
    outside.write_bytes(chains.pem(OTHER_ROOT))
    for target in (outside, store / "root", "root", "nowhere", tmp_path):
        (store / "link").symlink_to(target)
        setup.refuses("acme/link", "symbolic link")
        (store / "link").unlink()
    moved = store.rename(tmp_path / "moved")
    store.symlink_to(moved)
    setup.refuses("ca/acme", "link")


def test_what_is_no_file_is_refused_and_not_waited_for(setup):
    store = setup.store()
    os.mkfifo(store / "pipe")
    setup.refuses("acme/pipe", "regular file")


def mount(store: Path, **files: bytes):
    """As Kubernetes mounts a ConfigMap."""
    data = store / "..2026_01_01_00_00_00.1"
    data.mkdir(parents=True)
    (store / "..data").symlink_to(data.name)
    for name, content in files.items():
        (data / name).write_bytes(content)
        (store / name).symlink_to(f"..data/{name}")


def test_a_mounted_config_map_is_a_store(setup, tmp_path):
    store = setup.folder / "truststore" / "x509" / "ca" / "acme"
    mount(store, root=chains.pem(CHAIN[-1]), more=chains.pem(OTHER_ROOT))
    assert "2 ca" in setup.check().ok().out
    outside = tmp_path / "outside"
    outside.write_bytes(chains.pem(OTHER_ROOT))
    for target in (outside, "../../../../../outside", "nowhere", "/etc/hostname"):
        (store / "stray").symlink_to(target)
        setup.refuses("acme/stray", "symbolic link")
        (store / "stray").unlink()
    sibling = store.parent / "acme-too"
    sibling.mkdir()
    (sibling / "root").write_bytes(chains.pem(OTHER_ROOT))
    (store / "stray").symlink_to("../acme-too/root")
    setup.refuses("acme/stray", "symbolic link")


def test_a_mounted_config_map_is_a_configuration(tmp_path):
    made = Setup(tmp_path / "notation")
    made.store()
    mount(made.folder, **{"trustpolicy.oci.json": json.dumps(
        {"version": "1.0", "trustPolicies": [statement()]}).encode()})
    made.check().ok()
    made.check(made.folder / "trustpolicy.oci.json").ok()


# --- who takes it ---

def attach(folder: Path):
    """An image in a layout with a signature by CHAIN."""
    image = images.tiny(folder / "layout")
    subject = oci.descriptor(oci.MANIFEST, image.layout.read(image.digest))
    draft = notary.Draft(subject=dict(subject), key=chains.key("p256"), chain=CHAIN)
    notary.attach(image.layout, draft, notary.jws(draft), notary.JWS)
    return image


def test_notar_verify_takes_the_folder_and_the_file(setup, tmp_path):
    image = attach(tmp_path)
    store = setup.store()
    setup.policy(statement(override={"revocation": "skip"}))
    for path in (setup.folder, setup.folder / "trustpolicy.json"):
        notar("verify", "--policy", path, image.by_digest).ok()
    setup.policy(statement(override={"revocation": "skip"},
                           identities=("x509.subject: C=US, S=WA, O=notar tests, CN=leaf",)))
    notar("verify", "--policy", setup.folder, image.by_digest).ok()
    setup.policy(statement(override={"revocation": "skip"},
                           identities=("x509.subject: C=US, S=WA, O=notar tests, CN=other",)))
    notar("verify", "--policy", setup.folder, image.by_digest).exits(1)
    (store / "root").write_bytes(chains.pem(OTHER_ROOT))
    setup.policy(statement(override={"revocation": "skip"}))
    notar("verify", "--policy", setup.folder, image.by_digest).exits(1)
    (store / "root").write_bytes(b"")
    told = notar("verify", "--policy", setup.folder, image.by_digest).exits(2)
    assert "acme/root" in told.err and "--policy" in told.err, told


def reload_says(daemon, event: str):
    """SIGHUP, until the log has one more of these events."""
    before = daemon.log().count(event)
    daemon.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 10
    while daemon.log().count(event) == before:
        assert time.monotonic() < deadline, daemon.log()
        time.sleep(0.02)


def test_notard_takes_it_and_reads_it_again(setup, tmp_path):
    image = attach(tmp_path)
    store = setup.store()
    setup.policy(statement(override={"revocation": "skip"}))
    config = daemon_files.config(setup.folder, negative_ttl="0s", registries={
        "h.example": {"layout": str(image.layout.folder)}})
    name = f"h.example/app@{image.digest}"
    with notard(tmp_path / "notard", config) as daemon:
        assert daemon.verify(name)[0]["verdict"] == "allow"
        (store / "root").write_bytes(b"")
        reload_says(daemon, '"reload_failed"')
        assert "acme/root" in daemon.log()
        assert daemon.verify(name)[0]["verdict"] == "allow"
        (store / "root").write_bytes(chains.pem(OTHER_ROOT))
        reload_says(daemon, '"reloaded"')
        assert daemon.verify(name)[0]["verdict"] == "deny"


def test_notard_does_not_start_with_a_store_that_is_wrong(setup, tmp_path):
    setup.store(bad=chains.pem(CHAIN[0]))
    path = tmp_path / "notar.conf"
    path.write_text(json.dumps({"listen": ["127.0.0.1:1"], "policy": str(setup.folder)}))
    told = run((peers.need("notard"), "--check-config", "--config", path))
    assert told.code != 0 and "acme/bad" in told.err, told
    setup.store(bad=chains.pem(CHAIN[-1]))
    assert run((peers.need("notard"), "--check-config", "--config", path)).code == 0
