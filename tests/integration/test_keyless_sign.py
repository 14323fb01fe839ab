# SPDX-License-Identifier: Apache-2.0
"""Signing without a key, over services on loopback (tests/lib/sigstore_services.py)."""

import base64
import hashlib
import json
import time

import pytest

from lib import paths, peers
from lib.push import Client
from lib.run import environment, notar, run
from lib.sigstore_services import SigstoreServices, serve

WHO = "signer@notar.example"
KINDS = {"rekor v1": {"rekor": 1}, "rekor v1 without timestamps": {"rekor": 1, "tsa": False},
         "rekor v2": {"rekor": 2}}


@pytest.fixture
def services(tmp_path):
    with serve(SigstoreServices(tmp_path / "services")) as found:
        found.write()
        yield found


def to_sign(services, token: str | None = None) -> tuple:
    given = services.token() if token is None else token
    return ("--identity-token", given, "--signing-config", services.signing_config,
            "--trusted-root", services.trusted_root)


def to_verify(services, who: str = WHO) -> tuple:
    return ("--certificate-identity", who, "--certificate-oidc-issuer", services.issuer,
            "--trusted-root", services.trusted_root)


@pytest.fixture
def image(registry, repo, tiny):
    Client(registry.host).push(tiny, repo)
    return f"{registry.host}/{repo}@{tiny.digest}"


@pytest.fixture
def blob(tmp_path):
    path = tmp_path / "blob"
    path.write_bytes(b"words\n")
    return path


def cosign(*args):
    """The real one, with its caches in nobody's way."""
    return run([peers.need("cosign"), *args], timeout=90, env=environment())


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_is_signed_without_a_key(services, image, kind):
    services.write(**KINDS[kind])
    notar("sign", *to_sign(services), image).ok()
    notar("verify", *to_verify(services), image).ok()
    notar("verify", *to_verify(services, "other@notar.example"), image).exits(1)


@pytest.mark.parametrize("kind", KINDS)
def test_cosign_verifies_an_image_that_was_signed_without_a_key(services, image, kind):
    services.write(**KINDS[kind])
    notar("sign", *to_sign(services), image).ok()
    cosign("verify", *to_verify(services), "--allow-http-registry", image).ok()
    assert cosign("verify", *to_verify(services, "other@notar.example"), "--allow-http-registry",
                  image).code != 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_signed_without_a_key_and_cosign_verifies_it(services, blob, tmp_path, kind):
    services.write(**KINDS[kind])
    bundle = tmp_path / "bundle"
    notar("sign-blob", *to_sign(services), "--bundle", bundle, blob).ok()
    notar("verify-blob", *to_verify(services), "--bundle", bundle, blob).ok()
    cosign("verify-blob", *to_verify(services), "--bundle", bundle, blob).ok()
    blob.write_bytes(b"other words\n")
    notar("verify-blob", *to_verify(services), "--bundle", bundle, blob).exits(1)


def test_an_attestation_is_made_without_a_key(services, image, tmp_path):
    predicate = tmp_path / "predicate.json"
    predicate.write_text('{"builder": "x"}')
    notar("attest", *to_sign(services), "--type", "slsaprovenance1", "--predicate", predicate,
          image).ok()
    notar("verify-attestation", "--type", "slsaprovenance1", *to_verify(services), image).ok()
    notar("verify", *to_verify(services), image).exits(1)


@pytest.fixture
def token_file(services, tmp_path):
    """cosign wants a file where it does not know the token's algorithm."""
    path = tmp_path / "token-of-cosign"
    path.write_text(services.token())
    return str(path)


def test_what_cosign_signed_there_is_verified(services, image, token_file):
    """With Rekor v2: the stand-in's answers for v1 are too plain for cosign's client."""
    services.write(rekor=2)
    cosign("sign", *to_sign(services, token_file), "--allow-http-registry", "-y", image).ok()
    notar("verify", *to_verify(services), image).ok()
    notar("verify", *to_verify(services, "other@notar.example"), image).exits(1)


def test_a_file_that_cosign_signed_there_is_verified(services, blob, tmp_path, token_file):
    services.write(rekor=2)
    bundle = tmp_path / "bundle"
    cosign("sign-blob", *to_sign(services, token_file), "--bundle", bundle, "-y", blob).ok()
    notar("verify-blob", *to_verify(services), "--bundle", bundle, blob).ok()
    blob.write_bytes(b"other words\n")
    notar("verify-blob", *to_verify(services), "--bundle", bundle, blob).exits(1)


# Where the token is from.

def test_the_token_may_be_in_a_file(services, image, tmp_path):
    file = tmp_path / "token"
    file.write_text(services.token() + "\n")
    notar("sign", *to_sign(services, str(file)), image).ok()
    notar("verify", *to_verify(services), image).ok()


@pytest.mark.parametrize("source", ["SIGSTORE_ID_TOKEN", "GitHub Actions"])
def test_the_token_may_be_in_the_environment(services, image, source):
    who = WHO if source == "SIGSTORE_ID_TOKEN" else "https://ci.example/job/1"
    more = ({"SIGSTORE_ID_TOKEN": services.token()} if source == "SIGSTORE_ID_TOKEN" else
            {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
             "ACTIONS_ID_TOKEN_REQUEST_URL": services.url + "/oidc/token?v=1"})
    notar("sign", *to_sign(services)[2:], image, env=environment(**more)).ok()
    notar("verify", *to_verify(services, who), image).ok()


# What is refused.

def is_unsigned(services, image) -> bool:
    return notar("verify", "--json", *to_verify(services), image).json()["reason"] == "unsigned"


@pytest.mark.parametrize("claims", [{"lives_s": -10}, {"audience": "other"}])
def test_a_token_that_does_not_count_is_shown_to_nobody(services, image, claims):
    done = notar("sign", *to_sign(services, services.token(**claims)), image)
    assert done.code not in (0, 139) and not services.requests
    assert is_unsigned(services, image)


def test_what_could_never_be_verified_is_not_begun(services, image):
    services.write(rekor=2, tsa=False)
    assert notar("sign", *to_sign(services), image).code == 2
    services.write(rekor=0, tsa=False)
    assert notar("sign", *to_sign(services), image).code == 2
    assert not services.requests


@pytest.mark.parametrize("left_out", ["--signing-config", "--trusted-root"])
def test_both_documents_are_needed(services, image, left_out):
    given = list(to_sign(services))
    at = given.index(left_out)
    done = notar("sign", *given[:at], *given[at + 2:], image).exits(2)
    assert left_out in done.err and not services.requests


def test_keys_and_keyless_do_not_mix(services, image, key):
    notar("sign", "--key", key.private, *to_sign(services), image).exits(2)
    notar("sign", "--format", "simple", *to_sign(services), image).exits(2)


def test_what_the_services_gave_is_verified_before_it_goes_anywhere(services, image, tmp_path):
    with serve(SigstoreServices(tmp_path / "others")) as others:
        others.write()
        given = list(to_sign(services))
        given[-1] = others.trusted_root
        done = notar("sign", *given, image)
    assert done.code != 0 and "does not hold" in done.err
    assert is_unsigned(services, image)


def other_signature(_, answer):
    """A log that answers with another entry than it was given."""
    status, headers, body = answer
    if b"canonicalizedBody" not in body and b"logIndex" not in body:
        return answer
    document = json.loads(body)
    entry = document if "canonicalizedBody" in document else next(iter(document.values()))
    name = "canonicalizedBody" if "canonicalizedBody" in entry else "body"
    entry[name] = entry[name][:-8] + "AAAA" + entry[name][-4:]
    return status, headers, json.dumps(document).encode()


@pytest.mark.parametrize("kind", ["rekor v1", "rekor v2"])
def test_a_log_that_lies_is_found_out(services, image, kind):
    services.write(**KINDS[kind])
    services.behaviour = other_signature
    assert notar("sign", *to_sign(services), image).code != 0
    services.behaviour = None
    assert is_unsigned(services, image)


@pytest.mark.parametrize("path", ["/fulcio", "/rekor1", "/tsa"])
def test_a_service_that_fails_leaves_no_signature(services, image, path):
    services.behaviour = lambda asked, answer: (
        (400, {"Content-Type": "application/json"}, b"{}") if asked.startswith(path) else answer)
    token = services.token()
    done = notar("sign", *to_sign(services, token), image)
    assert done.code not in (0, 139)
    assert token not in done.out + done.err, "a token is never shown"
    services.behaviour = None
    assert is_unsigned(services, image)


def test_the_token_goes_to_the_authority_only(services, image):
    token = services.token()
    notar("sign", *to_sign(services, token), image).ok()
    for _, path, headers, body in services.requests:
        has_token = token in str(headers) or token.encode() in body
        assert has_token == path.startswith("/fulcio"), path


def test_signing_again_makes_another_signature(services, image):
    first = notar("sign", *to_sign(services), image).ok().out
    time.sleep(1.1)
    assert notar("sign", *to_sign(services), image).ok().out != first
    notar("verify", *to_verify(services), image).ok()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("in_toto", [False, True], ids=["file", "statement"])
def test_conformances_client_signs_and_verifies(services, blob, tmp_path, kind, in_toto):
    services.write(**KINDS[kind])
    bundle, artifact = tmp_path / "bundle", blob
    documents = ("--trusted-root", services.trusted_root)
    if in_toto:
        artifact = tmp_path / "statement.json"
        digest = hashlib.sha256(blob.read_bytes()).hexdigest()
        artifact.write_text(json.dumps({
            "_type": "https://in-toto.io/Statement/v1", "predicate": {},
            "subject": [{"name": "blob", "digest": {"sha256": digest}}],
            "predicateType": "https://slsa.dev/provenance/v1"}))
    env = environment(NOTAR_BIN=str(paths.program("notar").parent))
    client = paths.ROOT / "tests" / "conformance" / "sigstore-client"
    run([client, "sign-bundle", *(["--in-toto"] if in_toto else []), "--identity-token",
         services.token(), "--bundle", bundle, *documents, "--signing-config",
         services.signing_config, artifact], env=env, timeout=60).ok()
    made = json.loads(bundle.read_bytes())
    if in_toto:
        assert base64.b64decode(made["dsseEnvelope"]["payload"]) == artifact.read_bytes()
    who = ("--certificate-identity", WHO, "--certificate-oidc-issuer", services.issuer)
    run([client, "verify-bundle", "--bundle", bundle, *who, *documents, blob], env=env,
        timeout=60).ok()
    blob.write_bytes(b"other\n")
    run([client, "verify-bundle", "--bundle", bundle, *who, *documents, blob], env=env,
        timeout=60).exits(1)


@pytest.mark.parametrize("text", ["{", "{}", '{"subject":[]}', '{"subject":[{"digest":{}}]}'])
def test_what_is_no_statement_is_not_signed_as_one(services, tmp_path, key, text):
    file = tmp_path / "statement"
    file.write_text(text)
    for who in (to_sign(services), ("--key", key.private)):
        done = notar("sign-blob", "--format", "statement", *who, "--bundle", tmp_path / "b", file)
        assert done.code not in (0, 139) and not (tmp_path / "b").exists()
    assert not services.requests
