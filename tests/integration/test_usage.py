# SPDX-License-Identifier: Apache-2.0
"""Bad input on the command line and in the environment: exit 2 and one line that names it."""

import pytest

from lib import images, signer
from lib.run import environment, notar

DIGEST = "sha256:" + "a" * 64
COMMANDS = ("sign", "verify", "attest", "verify-attestation", "sign-blob", "verify-blob", "tree",
            "key", "cert", "login", "logout", "trust", "policy", "audit")

BAD_IMAGES = [
    "", " ", "app", "127.0.0.1:5000/app", "127.0.0.1:5000/app:", "127.0.0.1:5000/app@",
    "127.0.0.1:5000/App:v1", "127.0.0.1:5000/app:v 1", "127.0.0.1:5000/a//b:v1",
    "127.0.0.1:5000/../b:v1", "https://127.0.0.1:5000/app:v1", "127.0.0.1:5000/app@sha256:abc",
    f"127.0.0.1:5000/app@md5:{'a' * 32}", f"127.0.0.1:5000/app@{DIGEST.upper()}",
    f"127.0.0.1:5000/app@{DIGEST[:-1]}g", f"127.0.0.1:5000/app@{DIGEST}@{DIGEST}",
    "127.0.0.1:99999/app:v1", "127.0.0.1:5000/" + "a" * 300 + ":v1", "127.0.0.1:5000/a%2fb:v1",
    "127.0.0.1:5000/app:" + "t" * 129, "oci:", "oci::v1", "127.0.0.1:5000/app:v1\n",
    "127.0.0.1:5000/a\x1b[31m:v1", "/app:v1", ":v1", "@", f"@{DIGEST}", "-", "[::1/app:v1"]


def _refused(result, *named: str):
    result.exits(2)
    lines = result.err.strip().splitlines()
    assert len(lines) == 1, f"one line, please\n{result}"
    for text in named:
        assert text in lines[0], f"{text!r} is not named\n{result}"
    assert result.out == "" and "\x1b" not in result.err


@pytest.mark.parametrize("image", BAD_IMAGES)
@pytest.mark.parametrize("verb", ["sign", "verify", "tree"])
def test_a_bad_image_name_is_refused(key, verb, image):
    flags = {"sign": ("--key", key.private), "verify": ("--key", key.public), "tree": ()}[verb]
    _refused(notar(verb, *flags, "--", image))


@pytest.mark.parametrize("argv, named", [
    (("sgin",), "sgin"), (("key", "frobnicate"), "frobnicate"),
    (("sign", "--no-such-option", "x"), "--no-such-option"),
    (("verify", "--explan", "x"), "--explan"),
    (("sign", "--key"), "--key"), (("verify", "--policy"), "--policy"),
    (("sign", "--format", "pgp", "--key", "k", f"127.0.0.1:1/a@{DIGEST}"), "pgp"),
    (("sign", "--annotation", "novalue", "--key", "k", f"127.0.0.1:1/a@{DIGEST}"), "novalue"),
    (("verify", "--timeout", "soon", "--key", "k", f"127.0.0.1:1/a@{DIGEST}"), "soon"),
    (("verify", "--timeout", "-1", "--key", "k", f"127.0.0.1:1/a@{DIGEST}"), "-1"),
    (("verify", "--timeout", "99999999999999999999", "--key", "k", f"127.0.0.1:1/a@{DIGEST}"),
     "99999999999999999999"),
    (("key", "generate", "--type", "dsa", "--out", "x"), "dsa"),
    (("attest", "--key", "k", "--predicate", "p", f"127.0.0.1:1/a@{DIGEST}"), "--type"),
    (("attest", "--key", "k", "--type", "spdx", f"127.0.0.1:1/a@{DIGEST}"), "--predicate"),
    (("attest", "--key", "k", "--type", "no such", "--predicate", "p", f"127.0.0.1:1/a@{DIGEST}"),
     "no such"),
])
def test_a_bad_option_is_named(argv, named):
    _refused(notar(*argv), named)


@pytest.mark.parametrize("verb", ["sign", "verify", "attest", "verify-attestation", "sign-blob",
                                  "verify-blob", "tree"])
def test_a_command_without_its_operand_is_refused(verb):
    notar(verb).exits(2)


def test_no_command_at_all_is_refused():
    notar().exits(2)


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_command_has_help(verb):
    told = notar(verb, "--help").ok()
    assert verb in told.out and told.err == ""


def test_the_version_is_told():
    assert "0." in notar("--version").ok().out


@pytest.mark.parametrize("flag", ["--key", "--policy", "--trusted-root"])
def test_a_file_that_is_not_there_is_named(tiny, key, flag, tmp_path):
    absent = tmp_path / "absent.file"
    more = () if flag == "--key" else ("--key", key.public)
    result = notar("verify", flag, absent, *more, tiny.ref)
    assert result.code in (2, 3) and "absent.file" in result.err, result


@pytest.mark.parametrize("policy", [
    "", "{", "[]", "null", '{"unknown": 1}', '{"version": 99}', '{"version": 1, "version": 1}',
    "[" * 200, '{"version": "one"}', "{}"])
def test_a_bad_policy_is_refused_and_allows_nothing(tiny, key, tmp_path, policy):
    signer.sign(tiny.ref, key.private).ok()
    path = tmp_path / "bad-policy.json"
    path.write_text(policy)
    result = notar("verify", "--policy", path, tiny.ref)
    assert result.code == 2 and "bad-policy.json" in result.err, result


def test_verify_with_nothing_to_trust_is_refused(tiny, tmp_path):
    result = notar("verify", tiny.ref, env=environment(HOME=str(tmp_path)))
    assert result.code in (1, 2), result


@pytest.mark.parametrize("predicate", ["", "{", "[" * 200, '{"a":1,"a":2}', "\x00"])
def test_a_bad_predicate_is_refused(tiny, key, tmp_path, predicate):
    path = tmp_path / "bad-predicate.json"
    path.write_text(predicate)
    result = signer.attest(tiny.ref, key.private, "custom", path)
    assert result.code == 2 and "bad-predicate.json" in result.err, result


def test_a_layout_that_is_none_is_refused(key, tmp_path):
    (tmp_path / "empty").mkdir()
    for reference in (f"oci:{tmp_path}/empty:v1", f"oci:{tmp_path}/absent:v1"):
        assert signer.verify(reference, key.public).code in (1, 2, 3)
        assert signer.sign(reference, key.private).code in (1, 2, 3)


@pytest.mark.parametrize("damage", ["oci-layout", "index.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"null", b"[" * 5000, b'{"imageLayoutVersion":"9"}',
                                     b'{"manifests":1}', b"\x00" * 100])
def test_a_damaged_layout_is_not_called_unsigned(key, tmp_path, damage, content):
    image = images.tiny(tmp_path / "image")
    signer.sign(image.ref, key.private).ok()
    (image.layout.folder / damage).write_bytes(content)
    verdict = signer.judge(image.ref, key.public)
    assert verdict.verdict != signer.ALLOW and verdict.reason != "unsigned", verdict.result


def test_a_layout_with_symlinked_blobs_is_refused(key, tmp_path):
    image = images.tiny(tmp_path / "image")
    signer.sign(image.ref, key.private).ok()
    for path in list((image.layout.folder / "blobs" / "sha256").iterdir()):
        outside = tmp_path / path.name
        path.rename(outside)
        path.symlink_to(outside)
    verdict = signer.judge(image.ref, key.public)
    assert verdict.verdict != signer.ALLOW and verdict.reason != "unsigned", verdict.result


@pytest.mark.parametrize("name", ["NOTAR_PASSWORD", "COSIGN_PASSWORD"])
def test_a_password_too_long_is_refused(tiny, tmp_path, name):
    private, _ = signer.generate_key(tmp_path / "made")
    env = environment(**{"COSIGN_PASSWORD": None, name: "x" * 5000})
    result = signer.sign(tiny.ref, private, env=env)
    assert result.code in (2, 3) and "xxxx" not in result.err, result


@pytest.mark.parametrize("name", ["NOTAR_REGISTRY_USERNAME", "NOTAR_REGISTRY_PASSWORD"])
def test_half_of_the_registrys_credentials_is_refused(tiny, key, name):
    result = notar("verify", "--key", key.public, tiny.ref, env=environment(**{name: "ann"}))
    assert result.code == 2 and name in result.err and result.err.count("\n") == 1, result
