# SPDX-License-Identifier: Apache-2.0
"""RFC 3161 timestamps of Notary Project signatures: tokens by `openssl ts`, good and broken."""

import json
import time
from datetime import datetime, timedelta, timezone

import pytest

from lib import chains, notary_envelope as notary, tsa as tsas
from lib.chains import INTERMEDIATE, LEAF, NOW, ROOT, TSA
from lib.run import notar
from test_notary_rules import SEALS, Shop

TSA_ROOT = ROOT.but(common="tsa root", number=4)
LONG_AGO = {"start": NOW - timedelta(days=900), "end": NOW - timedelta(days=1)}


def stamped(shop, form, tsa, draft, message=None, digest="sha256"):
    """The draft with a token over its signature, or over something else."""
    if form == "jws":
        document = json.loads(notary.jws(draft))
        raw = notary.base64.urlsafe_b64decode(document["signature"] + "==")
        token = tsa.token(raw if message is None else message, digest)
        document["header"][notary.STAMP] = notary.base64.b64encode(token).decode()
        return json.dumps(document).encode()
    # ECDSA is not deterministic: sign once, and put the token into the unprotected map.
    whole = notary.cose(draft)
    header = notary.cbor({33: draft.ders()})
    at = whole.index(header)
    payload = notary.cbor(draft.payload_bytes())
    raw = whole[at + len(header) + len(payload) + 2:]
    token = tsa.token(raw if message is None else message, digest)
    return whole.replace(header, notary.cbor({33: draft.ders(), notary.STAMP: token}))


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


def ask(shop, tsa, draft, level="strict", root=None, **more):
    anchors = [chains.pem(root if root is not None else tsa.chain[-1]).decode()]
    return shop.ask(shop.policy(draft.chain[-1:], level=level, tsa=anchors, **more))


@pytest.mark.parametrize("form", SEALS)
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_a_good_token(shop, tmp_path, form, digest):
    tsa, draft = tsas.Tsa(tmp_path / "tsa"), shop.draft()
    shop.attach(form, draft, stamped(shop, form, tsa, draft, digest=digest))
    assert ask(shop, tsa, draft)[:2] == ("allow", "trusted")


@pytest.mark.parametrize("form", SEALS)
def test_a_token_that_leaves_its_root_out(shop, tmp_path, form):
    tsa, draft = tsas.Tsa(tmp_path / "tsa", with_chain=False), shop.draft()
    shop.attach(form, draft, stamped(shop, form, tsa, draft))
    assert ask(shop, tsa, draft)[:2] == ("allow", "trusted")


@pytest.mark.parametrize("form", SEALS)
@pytest.mark.parametrize("mode", ["always", "afterCertExpiry"])
def test_an_expired_chain_that_was_valid_at_the_time(shop, tmp_path, form, mode):
    tsa = tsas.Tsa(tmp_path / "tsa")
    end = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=4)
    draft = shop.draft(chains.chain(*(p.but(end=end) for p in (LEAF, INTERMEDIATE, ROOT))))
    envelope = stamped(shop, form, tsa, draft)
    shop.attach(form, draft, envelope)
    while datetime.now(timezone.utc) <= end + timedelta(seconds=1):
        time.sleep(0.2)
    assert ask(shop, tsa, draft, verifyTimestamp=mode)[:2] == ("allow", "trusted")
    assert shop.ask(shop.policy(draft.chain[-1:]))[:2] == ("deny", "key_expired")


@pytest.mark.parametrize("form", SEALS)
def test_a_token_from_after_the_chain_ended(shop, tmp_path, form):
    tsa = tsas.Tsa(tmp_path / "tsa")
    draft = shop.draft(chains.chain(*(p.but(**LONG_AGO) for p in (LEAF, INTERMEDIATE, ROOT))))
    shop.attach(form, draft, stamped(shop, form, tsa, draft))
    assert ask(shop, tsa, draft)[:2] == ("deny", "key_expired")


BAD = {
    "over other bytes": (dict(), dict(message=b"other"), "other bytes"),
    "ESS of version 1": (dict(ess="sha1"), dict(), "signing-certificate-v2"),
    "signed over SHA-1": (dict(signer_digest="sha1"), dict(), "SHA-256"),
}


@pytest.mark.parametrize("form", SEALS)
@pytest.mark.parametrize("case", BAD)
def test_bad_tokens(shop, tmp_path, form, case):
    options, seal, word = BAD[case]
    tsa, draft = tsas.Tsa(tmp_path / "tsa", **options), shop.draft()
    shop.attach(form, draft, stamped(shop, form, tsa, draft, **seal))
    verdict, reason, message = ask(shop, tsa, draft)
    assert (verdict, reason) == ("deny", "no_trusted_time") and word in message
    assert ask(shop, tsa, draft, "permissive")[:2] == ("allow", "trusted")


@pytest.mark.parametrize("form", SEALS)
@pytest.mark.parametrize("profiles", [
    (TSA, TSA_ROOT.but(bits=("crl_sign",))),
    (TSA, INTERMEDIATE.but(ca=False), TSA_ROOT),
], ids=range(2))
def test_chains_that_break_the_timestamping_rules(shop, tmp_path, form, profiles):
    tsa, draft = tsas.Tsa(tmp_path / "tsa", profiles), shop.draft()
    shop.attach(form, draft, stamped(shop, form, tsa, draft))
    assert ask(shop, tsa, draft)[:2] == ("deny", "no_trusted_time")


@pytest.mark.parametrize("form", SEALS)
def test_a_strangers_authority(shop, tmp_path, form):
    tsa, draft = tsas.Tsa(tmp_path / "tsa"), shop.draft()
    shop.attach(form, draft, stamped(shop, form, tsa, draft))
    other = chains.chain(ROOT.but(common="tsa root", number=5))[0]
    assert ask(shop, tsa, draft, root=other)[:2] == ("deny", "no_trusted_time")


def test_the_authoritys_scheme_takes_no_token(shop, tmp_path):
    tsa, draft = tsas.Tsa(tmp_path / "tsa"), shop.draft(authority=True)
    shop.attach("jws", draft, stamped(shop, "jws", tsa, draft, message=b"not even this one"))
    assert shop.ask(shop.policy(draft.chain[-1:], kind="signingAuthority"))[0] == "allow"


# Signing with a timestamp.

@pytest.fixture
def signing(shop, tmp_path):
    chain = chains.chain(LEAF, INTERMEDIATE, ROOT)
    (tmp_path / "key.pem").write_bytes(chains.private_pem(chains.key("p256")))
    (tmp_path / "chain.pem").write_bytes(chains.pem(*chain))
    with tsas.serve(tsas.Tsa(tmp_path / "tsa")) as tsa:
        def sign(form, root=tsa.root):
            return notar("sign", "--format", form, "--key", tmp_path / "key.pem", "--cert-chain",
                         tmp_path / "chain.pem", "--timestamp-url", tsa.url, "--tsa-ca", root,
                         shop.image.by_digest)
        yield shop, tsa, chain, sign


@pytest.mark.parametrize("form", SEALS)
def test_notar_signs_with_a_timestamp(signing, form):
    shop, tsa, chain, sign = signing
    sign(form).ok()
    assert tsa.requests == 1
    anchors = [chains.pem(tsa.chain[-1]).decode()]
    assert shop.ask(shop.policy(chain[-1:], tsa=anchors))[:2] == ("allow", "trusted")


REPLIES = {
    "status 500": lambda a: (500, a[1], a[2]),
    "another type": lambda a: (200, "text/html", a[2]),
    "garbage": lambda a: (200, a[1], b"garbage"),
    "cut off": lambda a: (200, a[1], a[2][:-1]),
    "empty": lambda a: (200, a[1], b""),
    "huge": lambda a: (200, a[1], a[2] + b"\0" * (2 << 20)),
    "refused": lambda a: (200, a[1], bytes.fromhex("30053003020102")),
    "a redirect": lambda a: (302, a[1], a[2]),
}


@pytest.mark.parametrize("case", REPLIES)
def test_a_bad_reply_fails_the_signing(signing, case):
    shop, tsa, chain, sign = signing
    tsa.behaviour = REPLIES[case]
    result = sign("jws")
    assert result.code != 0 and "timestamp authority" in result.err
    assert shop.ask(shop.policy(chain[-1:]))[:2] == ("deny", "unsigned")


def test_a_replayed_reply_fails_the_signing(signing):
    shop, tsa, chain, sign = signing
    first = []
    tsa.behaviour = lambda a: first.append(a) or first[0]
    sign("jws").ok()
    result = sign("cose")
    assert result.code != 0 and "nonce" in result.err


def test_a_reply_of_an_authority_that_was_not_named(signing, tmp_path):
    shop, tsa, chain, sign = signing
    other = tmp_path / "other.crt"
    other.write_bytes(chains.pem(*chains.chain(ROOT.but(common="other", number=6))))
    assert "does not lead to" in sign("jws", other).err
