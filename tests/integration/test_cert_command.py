# SPDX-License-Identifier: Apache-2.0
"""notar cert: requests, inspection and test certificates, read back by OpenSSL and by use."""

import json
import subprocess
from datetime import timedelta

import pytest

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from lib import chains
from lib.chains import INTERMEDIATE, LEAF, NOW, ROOT, Eku
from lib.run import notar

SUBJECT = "C=US, ST=WA, O=notar tests, CN=release"


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key.pem"
    path.write_bytes(chains.private_pem(chains.key("p256")))
    return path


def openssl(*args) -> str:
    done = subprocess.run(("openssl", *map(str, args)), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def names(name: x509.Name) -> list[tuple[str, str]]:
    return [(part.rfc4514_attribute_name, part.value) for part in name]


@pytest.mark.parametrize("kind", chains.KINDS)
def test_openssl_takes_the_request(tmp_path, kind):
    private, made = tmp_path / "key.pem", tmp_path / "request.pem"
    private.write_bytes(chains.private_pem(chains.key(kind)))
    notar("cert", "request", "--key", private, "--subject", SUBJECT, "--out", made).ok()
    assert "verify OK" in openssl("req", "-in", made, "-verify", "-noout")
    request = x509.load_pem_x509_csr(made.read_bytes())
    assert request.is_signature_valid
    assert names(request.subject) == [
        ("C", "US"), ("ST", "WA"), ("O", "notar tests"), ("CN", "release")]
    assert (request.public_key().public_numbers()
            == chains.key(kind).public_key().public_numbers())


def test_the_request_asks_for_what_the_rules_want(key):
    request = x509.load_pem_x509_csr(
        notar("cert", "request", "--key", key, "--subject", SUBJECT).ok().out.encode())
    usage = request.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical and usage.value == chains.usage("digital_signature")
    purposes = request.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert list(purposes.value) == [Eku.CODE_SIGNING]


@pytest.mark.parametrize("form", ["jws", "cose"])
def test_an_authority_answers_the_request_and_the_chain_signs(tiny, tmp_path, key, form):
    made = tmp_path / "request.pem"
    notar("cert", "request", "--key", key, "--subject", SUBJECT, "--out", made).ok()
    request = x509.load_pem_x509_csr(made.read_bytes())
    builder = (x509.CertificateBuilder().subject_name(request.subject)
               .issuer_name(ROOT.subject()).public_key(request.public_key())
               .serial_number(x509.random_serial_number())
               .not_valid_before(LEAF.start).not_valid_after(LEAF.end))
    for wanted in request.extensions:
        builder = builder.add_extension(wanted.value, wanted.critical)
    leaf = builder.sign(chains.key(ROOT.kind, ROOT.number), ROOT.hash())
    root = chains.certificate(ROOT)
    (tmp_path / "chain.pem").write_bytes(chains.pem(leaf, root))
    (tmp_path / "root.pem").write_bytes(chains.pem(root))
    notar("sign", "--format", form, "--key", key, "--cert-chain", tmp_path / "chain.pem",
          tiny.by_digest).ok()
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({
        "version": 1,
        "signers": {"us": {"x509": {"ca": [chains.pem(root).decode()],
                                    "identities": ["x509.subject: C=US,ST=WA,O=notar tests"]}}},
        "rules": [{"scope": "*", "require": {"signers": ["us"]}}]}))
    notar("verify", "--policy", policy, tiny.by_digest).ok()


@pytest.mark.parametrize("subject, why", [
    ("", "subject"), ("release", "="), ("CN=a,CN", "="), ("XX=1", "XX"), ("CN=", "CN"),
    ("C=USA", "C"), ("CN=a\\", "backslash"), ("CN=" + "a" * 100, "too long"),
])
def test_a_wrong_subject_is_named(key, subject, why):
    said = notar("cert", "request", "--key", key, "--subject", subject).exits(2)
    assert why in said.err and said.out == ""


def test_a_request_wants_a_private_key(tmp_path):
    public = tmp_path / "public.pem"
    public.write_bytes(chains.key("p256").public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    said = notar("cert", "request", "--key", public, "--subject", SUBJECT)
    assert said.code not in (0, 1) and "public" in said.err


@pytest.mark.parametrize("args", [
    (), ("request",), ("request", "--subject", "CN=a"), ("inspect",), ("inspect", "a", "b"),
    ("generate-test",), ("frobnicate",),
])
def test_wrong_usage(args):
    assert notar("cert", *args).exits(2).err != ""


def test_what_is_there_is_not_overwritten(tmp_path, key):
    made = tmp_path / "request.pem"
    made.write_text("precious")
    assert notar("cert", "request", "--key", key, "--subject", SUBJECT, "--out", made).code != 0
    assert made.read_text() == "precious"
    notar("cert", "request", "--key", key, "--subject", SUBJECT, "--out", made, "--force").ok()
    assert x509.load_pem_x509_csr(made.read_bytes()).is_signature_valid


def inspect(tmp_path, *certificates):
    path = tmp_path / "chain.pem"
    path.write_bytes(chains.pem(*certificates))
    return notar("cert", "inspect", path, "--json").ok().json()


def test_inspect_shows_a_chain(tmp_path):
    made = chains.chain(LEAF, INTERMEDIATE, ROOT)
    shown = inspect(tmp_path, *made)
    assert shown["signs"] is True and "problem" not in shown
    leaf, middle, root = shown["certificates"]
    assert leaf["subject"] == made[0].subject.rfc4514_string() == "CN=leaf,O=notar tests,ST=WA,C=US"
    assert leaf["issuer"] == middle["subject"] and middle["issuer"] == root["subject"]
    assert int(leaf["serial"], 16) == made[0].serial_number
    assert leaf["notBefore"] == LEAF.start.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert leaf["notAfter"] == LEAF.end.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert leaf["keyUsage"] == "digitalSignature" and "Code Signing" in leaf["extendedKeyUsage"]
    assert [c["ca"] for c in shown["certificates"]] == [False, True, True]
    assert [c["selfSigned"] for c in shown["certificates"]] == [False, False, True]
    assert leaf["thumbprint"] == made[0].fingerprint(hashes.SHA256()).hex()


@pytest.mark.parametrize("what, profiles, problem", [
    ("purpose", (LEAF.but(purposes=(Eku.SERVER_AUTH,)), ROOT), "serverauth"),
    ("usage", (LEAF.but(bits=("key_agreement",)), ROOT), "usage"),
    ("short", (LEAF.but(kind="rsa1024"), ROOT), "1024"),
    ("expired", (LEAF.but(start=NOW - timedelta(9), end=NOW - timedelta(1)), ROOT), "expired"),
    ("early", (LEAF.but(start=NOW + timedelta(1)), ROOT), "valid"),
    ("leaf alone", (LEAF,), ""),
])
def test_inspect_says_why_a_chain_does_not_sign(tmp_path, what, profiles, problem):
    made = chains.chain(*profiles)
    shown = inspect(tmp_path, *(made if what != "leaf alone" else
                                chains.chain(LEAF, ROOT)[:1]))
    assert shown["signs"] is False and problem in shown["problem"].lower()


def test_inspect_finds_certificates_in_the_wrong_order(tmp_path):
    shown = inspect(tmp_path, *reversed(chains.chain(LEAF, INTERMEDIATE, ROOT)))
    assert shown["signs"] is False and shown["certificates"][0]["subject"].startswith("CN=root")


def test_a_name_cannot_write_to_the_terminal(tmp_path):
    made = chains.chain(LEAF.but(common="\x1b[2Jevil\nsubject CN=good"), ROOT)
    path = tmp_path / "chain.pem"
    path.write_bytes(chains.pem(*made))
    shown = notar("cert", "inspect", path).ok().out
    assert "\x1b" not in shown
    assert not any(line.strip().startswith("subject CN=good") for line in shown.splitlines())


@pytest.mark.parametrize("text", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n"
                                  b"-----END CERTIFICATE-----\n", b"\x30\x82\xff\xff"])
def test_inspect_of_no_certificate(tmp_path, text):
    path = tmp_path / "chain.pem"
    path.write_bytes(text)
    said = notar("cert", "inspect", path)
    assert said.code != 0 and str(path) in said.err and said.out == ""


def test_generate_test_makes_what_signs_and_verifies(tiny, tmp_path, key):
    made = tmp_path / "test.pem"
    notar("cert", "generate-test", "--key", key, "example.com", "--out", made).ok()
    certificate = x509.load_pem_x509_certificate(made.read_bytes())
    assert names(certificate.subject) == [
        ("C", "US"), ("ST", "WA"), ("L", "Seattle"), ("O", "Notary"), ("CN", "example.com")]
    shown = notar("cert", "inspect", made, "--json").ok().json()
    assert shown["signs"] is True and shown["certificates"][0]["selfSigned"] is True
    notar("sign", "--format", "cose", "--key", key, "--cert-chain", made, tiny.by_digest).ok()
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps({
        "version": 1,
        "signers": {"us": {"x509": {"ca": [made.read_text()], "identities": ["*"]}}},
        "rules": [{"scope": "*", "require": {"signers": ["us"]}}]}))
    notar("verify", "--policy", policy, tiny.by_digest).ok()
