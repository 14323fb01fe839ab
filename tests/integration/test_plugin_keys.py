# SPDX-License-Identifier: Apache-2.0
"""Keys of notation's signing plugins: plugin://NAME/KEYID."""

import json
from datetime import timedelta

import pytest

from lib import chains, notation as peer, plugin as plugins
from lib.chains import INTERMEDIATE, LEAF, NOW, ROOT, Eku
from lib.notation import notation
from lib.run import environment, notar

FORMATS = ("jws", "cose")
KEY_ID = "https://vault.example/keys/release/1?v=2"
KEY = f"plugin://test/{KEY_ID}"


class Owner:
    def __init__(self, folder, kind="p256", profiles=None, signs_with=None, **misbehave):
        self.folder, self.libexec = folder, folder / "libexec"
        self.chain = chains.chain(*(profiles or (LEAF.but(kind=kind), INTERMEDIATE, ROOT)))
        self.plugin = plugins.install(self.libexec, self.chain, signs_with or chains.key(kind),
                                      **misbehave)
        self.env = environment(NOTATION_LIBEXEC=str(self.libexec), REGISTRY_TOKEN="secret")

    def sign(self, image, *more, form="jws", key=KEY):
        return notar("sign", "--format", form, "--key", key, *more, image, env=self.env)

    def policy(self):
        path = self.folder / "policy.json"
        path.write_text(json.dumps({
            "version": 1,
            "signers": {"us": {"x509": {"ca": [chains.pem(self.chain[-1]).decode()],
                                        "identities": ["*"]}}},
            "rules": [{"scope": "*", "require": {"signers": ["us"]}}]}))
        return path


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", chains.KINDS)
def test_what_a_plugin_signs_verifies(tiny, tmp_path, kind, form):
    owner = Owner(tmp_path, kind)
    owner.sign(tiny.by_digest, form=form).ok()
    notar("verify", "--policy", owner.policy(), tiny.by_digest).ok()


@pytest.mark.parametrize("form", FORMATS)
def test_notation_verifies_what_a_plugin_signs(tiny, tmp_path, form):
    owner = Owner(tmp_path)
    owner.sign(tiny.by_digest, form=form).ok()
    config = peer.config(tmp_path / "notation", {"ca:us": chains.pem(owner.chain[-1])})
    notation("verify", "--config", config, "--layout", tiny.layout.folder, "--scope",
             "local/test", tiny.digest).ok()


@pytest.mark.parametrize("form", FORMATS)
def test_a_plugin_signs_a_file(tmp_path, form):
    owner = Owner(tmp_path)
    file, made = tmp_path / "file.txt", tmp_path / "file.sig"
    file.write_text("words\n")
    notar("sign-blob", "--format", form, "--key", KEY, "--bundle", made, file,
          env=owner.env).ok()
    config = ("verify-blob", "--policy", owner.policy(), "--bundle", made)
    notar(*config, file).ok()
    file.write_text("other words\n")
    notar(*config, file).exits(1)


def test_what_the_plugin_is_asked(tiny, tmp_path):
    owner = Owner(tmp_path)
    owner.sign(tiny.by_digest, "--plugin-config", "vault=a=b", "--plugin-config", "x=").ok()
    commands = [command for command, _, _ in owner.plugin.calls()]
    assert commands == ["get-plugin-metadata", "describe-key", "generate-signature"]
    config = {"vault": "a=b", "x": ""}
    metadata, describe, generate = (request for _, request, _ in owner.plugin.calls())
    assert metadata["pluginConfig"] == config
    assert describe == {"contractVersion": "1.0", "keyId": KEY_ID, "pluginConfig": config}
    assert {k: generate[k] for k in generate if k != "payload"} == {
        "contractVersion": "1.0", "keyId": KEY_ID, "pluginConfig": config, "keySpec": "EC-256",
        "hashAlgorithm": "SHA-256"}


def test_the_plugin_sees_no_secret_of_ours(tiny, tmp_path):
    owner = Owner(tmp_path)
    owner.sign(tiny.by_digest).ok()
    for _, _, environ in owner.plugin.calls():
        assert "COSIGN_PASSWORD" not in environ


ISSUER = chains.key(ROOT.kind, ROOT.number)
OTHER = chains.key("p256", 9)

MISBEHAVIOURS = {
    "metadata-nonsense": dict(get_plugin_metadata={"say": "hello"}),
    "metadata-nothing": dict(get_plugin_metadata={"say": ""}),
    "metadata-huge": dict(get_plugin_metadata={"say": "x" * 1000, "times": 4000}),
    "metadata-other-name": dict(get_plugin_metadata={"answer": {"name": "other"}}),
    "metadata-no-name": dict(get_plugin_metadata={"answer": {"name": None}}),
    "metadata-no-version": dict(get_plugin_metadata={"answer": {"version": ""}}),
    "metadata-contract": dict(
        get_plugin_metadata={"answer": {"supportedContractVersions": ["2.0"]}}),
    "metadata-only-envelopes": dict(
        get_plugin_metadata={"answer": {"capabilities": ["SIGNATURE_GENERATOR.ENVELOPE"]}}),
    "metadata-only-verifies": dict(
        get_plugin_metadata={"answer": {"capabilities": ["SIGNATURE_VERIFIER.TRUSTED_IDENTITY"]}}),
    "describe-fails": dict(describe_key={"fail": "plain words"}),
    "describe-other-key": dict(describe_key={"answer": {"keyId": "other"}}),
    "describe-unknown-spec": dict(describe_key={"answer": {"keySpec": "RSA-1024"}}),
    "describe-no-spec": dict(describe_key={"answer": {"keySpec": None}}),
    "describe-spec-of-another": dict(describe_key={"answer": {"keySpec": "EC-384"}}),
    "sign-fails": dict(generate_signature={"fail": ""}),
    "sign-other-key": dict(generate_signature={"answer": {"keyId": "other"}}),
    "sign-no-signature": dict(generate_signature={"answer": {"signature": None}}),
    "sign-empty-signature": dict(generate_signature={"answer": {"signature": ""}}),
    "sign-not-base64": dict(generate_signature={"answer": {"signature": "%%%"}}),
    "sign-wrong-signature": dict(generate_signature={"answer": {"signature": "A" * 86 + "=="}}),
    "sign-other-algorithm": dict(
        generate_signature={"answer": {"signingAlgorithm": "ECDSA-SHA-384"}}),
    "sign-no-chain": dict(generate_signature={"answer": {"certificateChain": []}}),
    "sign-broken-chain": dict(generate_signature={"answer": {"certificateChain": ["AAAA"]}}),
    "sign-with-another's-key": dict(signs_with=OTHER),
    "chain-wrong-purpose": dict(profiles=(LEAF.but(purposes=(Eku.SERVER_AUTH,)), ROOT)),
    "chain-expired": dict(profiles=(
        LEAF.but(start=NOW - timedelta(9), end=NOW - timedelta(1)), ROOT)),
}


@pytest.mark.parametrize("what", MISBEHAVIOURS)
def test_a_plugin_that_misbehaves_signs_nothing(tiny, tmp_path, what):
    owner = Owner(tmp_path, **MISBEHAVIOURS[what])
    before = tiny.layout.read_index() if hasattr(tiny.layout, "read_index") else None
    said = owner.sign(tiny.by_digest)
    assert said.code != 0 and "test" in said.err, said
    if before is not None:
        assert tiny.layout.read_index() == before
    assert notar("verify", "--policy", owner.policy(), tiny.by_digest).code == 1


@pytest.mark.parametrize("code, words", [
    ("ACCESS_DENIED", "no entry"), ("VALIDATION_ERROR", "bad id"), ("THROTTLED", "later"),
    ("TIMEOUT", "too slow"), ("ERROR", "broken"), ("UNSUPPORTED_CONTRACT_VERSION", "old"),
])
def test_the_plugins_own_error_is_shown(tiny, tmp_path, code, words):
    owner = Owner(tmp_path, generate_signature={
        "fail": json.dumps({"errorCode": code, "errorMessage": words})})
    said = owner.sign(tiny.by_digest)
    assert said.code != 0 and words in said.err


def test_the_plugins_error_cannot_write_to_the_terminal(tiny, tmp_path):
    owner = Owner(tmp_path, describe_key={
        "fail": json.dumps({"errorCode": "ERROR", "errorMessage": "a\x1b[2Jb\nc"})})
    said = owner.sign(tiny.by_digest)
    assert said.code != 0 and "\x1b" not in said.err


@pytest.mark.parametrize("key", [
    "plugin://", "plugin://test", "plugin://test/", "plugin:///a", "plugin://../a",
    "plugin://./a", "plugin://te st/a", "plugin://none/a",
])
def test_no_such_plugin_key(tiny, tmp_path, key):
    owner = Owner(tmp_path)
    assert owner.sign(tiny.by_digest, key=key).code != 0
    assert owner.plugin.calls() == []


def test_a_plugin_that_is_a_link_is_not_run(tiny, tmp_path):
    owner = Owner(tmp_path)
    moved = owner.plugin.program.with_suffix(".real")
    owner.plugin.program.rename(moved)
    owner.plugin.program.symlink_to(moved)
    assert owner.sign(tiny.by_digest).code != 0
    assert owner.plugin.calls() == []


def test_a_plugin_that_may_not_be_run_is_not(tiny, tmp_path):
    owner = Owner(tmp_path)
    owner.plugin.program.chmod(0o644)
    assert owner.sign(tiny.by_digest).code != 0


def test_a_relative_libexec_is_refused(tiny, tmp_path):
    owner = Owner(tmp_path)
    said = notar("sign", "--format", "jws", "--key", KEY, tiny.by_digest, cwd=tmp_path,
                 env={**owner.env, "NOTATION_LIBEXEC": "libexec"})
    assert said.code == 2 and owner.plugin.calls() == []


@pytest.mark.parametrize("more", [
    ("--format", "bundle"), ("--format", "simple"), ("--cert-chain", "/nonexistent"),
])
def test_what_does_not_go_with_a_plugin(tiny, tmp_path, more):
    owner = Owner(tmp_path)
    owner.sign(tiny.by_digest, *more).exits(2)
    assert owner.plugin.calls() == []


@pytest.mark.parametrize("pair", ["novalue", "=v", "a=1"])
def test_plugin_config_wants_a_plugin_and_pairs(tiny, tmp_path, pair):
    owner = Owner(tmp_path)
    key = tmp_path / "key.pem"
    key.write_bytes(chains.private_pem(chains.key("p256")))
    used = str(key) if pair == "a=1" else KEY
    owner.sign(tiny.by_digest, "--plugin-config", pair, key=used).exits(2)
    assert owner.plugin.calls() == []


def test_a_plugin_key_verifies_nothing(tiny, tmp_path):
    owner = Owner(tmp_path)
    owner.sign(tiny.by_digest).ok()
    runs = len(owner.plugin.calls())
    assert notar("verify", "--key", KEY, tiny.by_digest, env=owner.env).code not in (0, 1)
    assert len(owner.plugin.calls()) == runs
