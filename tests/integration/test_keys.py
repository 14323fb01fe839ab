# SPDX-License-Identifier: Apache-2.0
"""Key files: every form is read, ours are written safely, bad ones are named."""

import base64
import json
import stat

import pytest

from lib import cosign, keys, signer
from lib.run import PASSWORD, environment, notar



@pytest.mark.parametrize("kind", ["P-256", "P-384", "P-521", "RSA-2048"])
def test_traditional_key_files_are_read(tiny, key_pairs, kind):
    pair = key_pairs(kind)
    signer.sign(tiny.ref, keys.traditional(pair)).ok()
    signer.allows(tiny.ref, pair.public)


@pytest.mark.parametrize("kind", ["P-256", "RSA-2048", "Ed25519"])
@pytest.mark.parametrize("variable", ["NOTAR_PASSWORD", "COSIGN_PASSWORD"])
def test_encrypted_pkcs8_is_read_with_the_password(tiny, key_pairs, kind, variable):
    pair = key_pairs(kind)
    env = environment(**{"COSIGN_PASSWORD": None, variable: PASSWORD})
    signer.sign(tiny.ref, keys.encrypted(pair), env=env).ok()
    signer.allows(tiny.ref, pair.public)


@pytest.mark.parametrize("password", ["wrong", "", None])
def test_a_wrong_password_signs_nothing(tiny, tmp_path, password):
    private, public = cosign.generate_key(tmp_path / "key")
    env = environment(COSIGN_PASSWORD=password)
    result = signer.sign(tiny.ref, private, env=env)
    assert result.code in (2, 3), result
    assert PASSWORD not in result.err.split()
    signer.denies(tiny.ref, public, reason="unsigned")


@pytest.mark.parametrize("kind", ["P-256", "P-384", "P-521", "RSA-2048", "RSA-3072", "Ed25519"])
def test_a_generated_key_signs_and_verifies(tiny, tmp_path, kind):
    private, public = signer.generate_key(tmp_path / "made", "--type", TYPES[kind])
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    signer.sign(tiny.ref, private).ok()
    signer.allows(tiny.ref, public)
    told = keys.openssl("pkey", "-pubin", "-in", public, "-noout", "-text").out
    assert MARKS[kind] in told, told


def test_a_key_file_is_not_overwritten_without_force(tmp_path):
    private, _ = signer.generate_key(tmp_path / "made")
    before = private.read_bytes()
    again = notar("key", "generate", "--out", private)
    assert again.code in (2, 3) and private.read_bytes() == before, again
    notar("key", "generate", "--force", "--out", private).ok()
    assert private.read_bytes() != before
    assert stat.S_IMODE(private.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", keys.KINDS)
def test_an_imported_key_is_read_by_cosign(tmp_path, key_pairs, kind):
    pair = key_pairs(kind)
    made = tmp_path / "imported.key"
    notar("key", "import", "--out", made, pair.private).ok()
    assert b"ENCRYPTED" in made.read_bytes()
    public = cosign.cosign("public-key", "--key", made).ok().out
    assert public.strip() == pair.public.read_text().strip()


@pytest.mark.parametrize("kind", keys.KINDS)
def test_a_key_cosign_imported_is_read_by_us(tmp_path, key_pairs, kind):
    pair = key_pairs(kind)
    private, _ = cosign.import_key(tmp_path, pair.private, "imported")
    assert notar("key", "public", "--key", private).ok().out.strip() == \
        pair.public.read_text().strip()


@pytest.mark.parametrize("kind", keys.KINDS)
def test_inspect_names_kind_and_id(key_pairs, kind):
    pair = key_pairs(kind)
    told = notar("key", "inspect", "--json", pair.public).ok()
    assert keys.spki_id(pair.public) in told.out
    assert isinstance(told.json(), (dict, list))
    notar("key", "inspect", pair.private).ok()


@pytest.mark.parametrize("curve", ["P-224", "secp256k1", "RSA-1024"])
def test_a_kind_of_key_we_do_not_trust_is_refused(tiny, tmp_path, curve):
    private, public = tmp_path / "weak.pem", tmp_path / "weak.pub"
    option = ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024") if curve == "RSA-1024" \
        else ("-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}")
    keys.openssl("genpkey", *option, "-out", private)
    keys.openssl("pkey", "-in", private, "-pubout", "-out", public)
    assert signer.sign(tiny.ref, private).code in (2, 3)
    assert signer.verify(tiny.ref, public).code in (2, 3)


def _damaged(pem: str) -> dict[str, str]:
    lines = pem.splitlines()
    return {
        "empty": "", "no PEM": "hello\n", "cut": "\n".join(lines[:-2]) + "\n",
        "other label": pem.replace("PUBLIC KEY", "CERTIFICATE"),
        "bad base64": pem.replace(lines[1][:4], "****"),
        "short body": "\n".join([lines[0], lines[1][:20], lines[-1]]) + "\n",
        "zeros": "\n".join([lines[0], "A" * 64, lines[-1]]) + "\n",
        "huge": pem + "x" * (1 << 20),
    }


@pytest.mark.parametrize("damage", list(_damaged("-\nabcdefgh\n-\n")))
def test_a_damaged_public_key_is_named_and_allows_nothing(tiny, key, tmp_path, damage):
    signer.sign(tiny.ref, key.private).ok()
    broken = tmp_path / "broken.pub"
    broken.write_text(_damaged(key.public.read_text())[damage])
    result = signer.verify(tiny.ref, broken)
    assert result.code in (2, 3), result
    assert "broken.pub" in result.err, result


def test_a_damaged_encrypted_key_is_refused(tiny, tmp_path):
    private, _ = cosign.generate_key(tmp_path / "key")
    text = private.read_text()
    body = "".join(text.splitlines()[1:-1])
    for position in range(0, len(body), 40):
        bad = body[:position] + ("A" if body[position] != "A" else "B") + body[position + 1:]
        broken = tmp_path / "broken.key"
        broken.write_text("\n".join([text.splitlines()[0], bad, text.splitlines()[-1]]) + "\n")
        result = signer.sign(tiny.ref, broken)
        assert result.code in (2, 3), f"byte {position}\n{result}"


def test_scrypt_costs_beyond_the_cap_are_refused_at_once(tiny, tmp_path):
    private, _ = cosign.generate_key(tmp_path / "key")
    lines = private.read_text().splitlines()
    document = json.loads(base64.b64decode("".join(lines[1:-1])))
    document["kdf"]["params"]["N"] = 1 << 30
    body = base64.b64encode(json.dumps(document).encode()).decode()
    private.write_text("\n".join([lines[0], body, lines[-1]]) + "\n")
    result = signer.sign(tiny.ref, private, timeout=10)
    assert result.code in (2, 3) and result.seconds < 3, result


TYPES = {"P-256": "ecdsa-p256", "P-384": "ecdsa-p384", "P-521": "ecdsa-p521",
         "RSA-2048": "rsa-2048", "RSA-3072": "rsa-3072", "Ed25519": "ed25519"}
MARKS = {"P-256": "P-256", "P-384": "P-384", "P-521": "P-521", "RSA-2048": "2048 bit",
         "RSA-3072": "3072 bit", "Ed25519": "ED25519"}
