# SPDX-License-Identifier: Apache-2.0
"""Each rule of Notary Project signatures, broken by itself, under each level.

Envelopes and chains come from tests/lib/notary_envelope.py and tests/lib/chains.py, which share
no code with notar. notation-go's own opinion is in test_notary_peer.py.
"""

import json
import time
from datetime import timedelta

import pytest

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from lib import chains, images, notary_envelope as notary, oci
from lib.chains import INTERMEDIATE, LEAF, NOW, ROOT, Eku
from lib.run import notar

LEVELS = {
    "strict": {},
    "permissive": {"authenticTimestamp": "log", "expiry": "log", "revocation": "log"},
    "audit": {"authenticity": "log", "authenticTimestamp": "log", "expiry": "log",
              "revocation": "log"},
}
SEALS = {"jws": (notary.jws, notary.JWS), "cose": (notary.cose, notary.COSE)}
DAY = 86400


class Shop:
    """An image in a layout, what is attached to it, and a policy."""

    def __init__(self, folder):
        self.folder = folder
        self.image = images.tiny(folder / "layout")
        self.layout = self.image.layout
        manifest = self.layout.read(self.image.digest)
        self.subject = oci.descriptor(oci.MANIFEST, manifest)

    def draft(self, chain=None, **more) -> notary.Draft:
        made = chain if chain is not None else chains.chain(LEAF, INTERMEDIATE, ROOT)
        return notary.Draft(subject=dict(self.subject), key=more.pop("key", chains.key("p256")),
                            chain=made, **more)

    def attach(self, form: str, draft: notary.Draft, envelope: bytes | None = None, **manifest):
        seal, media_type = SEALS[form]
        data = seal(draft) if envelope is None else envelope
        notary.attach(self.layout, draft, data, media_type, **manifest)

    def policy(self, anchors, identities=("*",), level="strict", kind="ca", **more) -> str:
        x509_part = {kind: [chains.pem(a).decode() for a in anchors],
                     "identities": list(identities), **LEVELS[level], **more}
        path = self.folder / "policy.json"
        path.write_text(json.dumps({
            "version": 1, "signers": {"them": {"x509": x509_part}},
            "rules": [{"scope": "*", "require": {"signers": ["them"]}}]}))
        return str(path)

    def ask(self, policy: str, *args) -> tuple[str, str, str]:
        """Verdict, reason, and the first Notary signature's own message."""
        result = notar("verify", "--json", "--explain", "--policy", policy, *args,
                       self.image.by_digest)
        report = result.json()
        result.exits({"allow": 0, "deny": 1, "undetermined": 3}[report["verdict"]])
        signatures = [s for s in report["signatures"] if s["format"] in SEALS]
        return (report["verdict"], report["reason"],
                signatures[0]["message"] if signatures else "")


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


@pytest.mark.parametrize("form", SEALS)
@pytest.mark.parametrize("kind", chains.KINDS)
def test_every_kind_of_key_holds(shop, form, kind):
    made = chains.chain(LEAF.but(kind=kind), INTERMEDIATE, ROOT)
    shop.attach(form, shop.draft(made, key=chains.key(kind)))
    assert shop.ask(shop.policy(made[-1:]))[:2] == ("allow", "trusted")


@pytest.mark.parametrize("form", SEALS)
@pytest.mark.parametrize("profiles", [
    (LEAF,), (LEAF, ROOT), (LEAF, INTERMEDIATE, ROOT),
    (LEAF.but(purposes=None), ROOT),
    (LEAF.but(bits=("digital_signature", "content_commitment")), ROOT),
    (LEAF.but(ca=False), ROOT),
    (LEAF.but(purposes=(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"),)), ROOT),
    (LEAF, INTERMEDIATE.but(path_length=0), ROOT.but(path_length=1)),
    (LEAF, ROOT.but(kind="rsa2048", hash=hashes.SHA384)),
], ids=range(9))
def test_chains_that_keep_the_rules_hold(shop, form, profiles):
    made = chains.chain(*profiles)
    shop.attach(form, shop.draft(made))
    assert shop.ask(shop.policy(made[-1:]))[:2] == ("allow", "trusted")


OTHER = ROOT.but(common="other root", number=7)
BROKEN_CHAINS = {
    "leaf is a CA": (chains.chain(LEAF.but(ca=True), ROOT), "basicConstraints say CA"),
    "no key usage": (chains.chain(LEAF.but(bits=None), ROOT), "no keyUsage"),
    "key usage not critical": (chains.chain(LEAF.but(bits_critical=False), ROOT), "not critical"),
    "no digitalSignature": (chains.chain(LEAF.but(bits=("content_commitment",)), ROOT),
                            "lacks digitalSignature"),
    **{f"leaf with {bit}": (chains.chain(LEAF.but(bits=("digital_signature",) + more), ROOT), word)
       for bit, word, more in (
           ("key_encipherment", "keyEncipherment", ("key_encipherment",)),
           ("data_encipherment", "dataEncipherment", ("data_encipherment",)),
           ("key_agreement", "keyAgreement", ("key_agreement",)),
           ("key_cert_sign", "keyCertSign", ("key_cert_sign",)),
           ("crl_sign", "cRLSign", ("crl_sign",)),
           ("encipher_only", "keyAgreement", ("key_agreement", "encipher_only")))},
    **{f"leaf for {word}": (chains.chain(LEAF.but(purposes=(Eku.CODE_SIGNING, purpose)), ROOT),
                            word)
       for word, purpose in (
           ("serverAuth", Eku.SERVER_AUTH), ("clientAuth", Eku.CLIENT_AUTH),
           ("emailProtection", Eku.EMAIL_PROTECTION), ("timeStamping", Eku.TIME_STAMPING),
           ("OCSPSigning", Eku.OCSP_SIGNING),
           ("anyExtendedKeyUsage", Eku.ANY_EXTENDED_KEY_USAGE))},
    "issuer is no CA": (chains.chain(LEAF, INTERMEDIATE.but(ca=False), ROOT), "do not say CA"),
    "issuer without constraints": (chains.chain(LEAF, INTERMEDIATE.but(ca=None), ROOT),
                                   "do not say CA"),
    "issuer without keyCertSign": (chains.chain(LEAF, INTERMEDIATE.but(bits=("crl_sign",)), ROOT),
                                   "lacks keyCertSign"),
    "issuer without key usage": (chains.chain(LEAF, INTERMEDIATE.but(bits=None), ROOT),
                                 "no keyUsage"),
    "issuer key usage not critical": (
        chains.chain(LEAF, INTERMEDIATE.but(bits_critical=False), ROOT), "not critical"),
    "path too long": (chains.chain(LEAF, INTERMEDIATE, ROOT.but(path_length=0)),
                      "pathLenConstraint"),
    "root missing": (chains.chain(LEAF, INTERMEDIATE, ROOT)[:2], "does not end in a root"),
    "leaf alone, not self-signed": (chains.chain(LEAF, ROOT)[:1], "does not end in a root"),
    "out of order": ([chains.chain(LEAF, INTERMEDIATE, ROOT)[i] for i in (0, 2, 1)], ""),
    "intermediate missing": ([chains.chain(LEAF, INTERMEDIATE, ROOT)[i] for i in (0, 2)],
                             "was not issued by"),
    "another root behind": (chains.chain(LEAF, ROOT) + chains.chain(OTHER), "self-signed"),
    "root twice": (lambda made: made + made[-1:])(chains.chain(LEAF, ROOT)) and
                  (chains.chain(LEAF, ROOT) + chains.chain(ROOT), "self-signed"),
    "issued by a namesake": (chains.chain(LEAF, ROOT)[:1] + chains.chain(ROOT.but(number=8)),
                             "is not by the key"),
    "short RSA": (chains.chain(LEAF.but(kind="rsa1024"), ROOT), ""),
    "RSA of an odd size": (chains.chain(LEAF.but(kind="rsa2560"), ROOT), ""),
    "another curve": (chains.chain(LEAF.but(kind="k256"), ROOT), ""),
    "SHA-1 leaf": (chains.chain(LEAF.but(kind="rsa2048", hash=hashes.SHA1, number=0),
                                ROOT.but(kind="rsa2048")), ""),
    "SHA-1 alone": (chains.chain(LEAF.but(kind="rsa2048", hash=hashes.SHA1)), ""),
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("form", SEALS)
@pytest.mark.parametrize("case", BROKEN_CHAINS)
def test_broken_chains_are_integrity_failures_at_every_level(shop, case, form, level):
    made, word = BROKEN_CHAINS[case]
    kinds = {"short RSA": "rsa1024", "RSA of an odd size": "rsa2560", "another curve": "k256",
             "SHA-1 leaf": "rsa2048", "SHA-1 alone": "rsa2048"}
    shop_key = chains.key(kinds.get(case, "p256"))
    draft = shop.draft(made, key=shop_key)
    shop.attach(form, draft)
    verdict, reason, message = shop.ask(shop.policy(chains.chain(ROOT), level=level))
    assert verdict == "deny" and reason not in ("trusted", "unsigned", "untrusted_key")
    assert word in message


# What a level only logs.
def _expected(level: str, logged_by: tuple, reason: str) -> tuple[str, str]:
    return ("allow", "trusted") if level in logged_by else ("deny", reason)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("form", SEALS)
def test_stranger_root(shop, form, level):
    shop.attach(form, shop.draft())
    answer = shop.ask(shop.policy(chains.chain(OTHER), level=level))
    assert answer[:2] == _expected(level, ("audit",), "untrusted_key")
    if level == "audit":
        assert "only logs: untrusted_key" in answer[2]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("form", SEALS)
def test_identity_mismatch(shop, form, level):
    draft = shop.draft()
    shop.attach(form, draft)
    policy = shop.policy(draft.chain[-1:], ["x509.subject: C=US, ST=WA, O=others"], level)
    assert shop.ask(policy)[:2] == _expected(level, ("audit",), "identity_mismatch")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("form", SEALS)
def test_expired_signature(shop, form, level):
    now = int(time.time())
    draft = shop.draft(signed=now - 100, expires=now - 10)
    shop.attach(form, draft)
    assert shop.ask(shop.policy(draft.chain[-1:], level=level))[:2] == _expected(
        level, ("permissive", "audit"), "expired")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("form", SEALS)
@pytest.mark.parametrize("start,end", [(-60, -30), (10, 30)], ids=["expired", "not yet valid"])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_certificates_out_of_time(shop, form, level, start, end, which):
    profiles = [LEAF, INTERMEDIATE, ROOT]
    profiles[which] = profiles[which].but(start=NOW + timedelta(days=start),
                                          end=NOW + timedelta(days=end))
    draft = shop.draft(chains.chain(*profiles))
    shop.attach(form, draft)
    assert shop.ask(shop.policy(draft.chain[-1:], level=level))[:2] == _expected(
        level, ("permissive", "audit"), "key_expired")


@pytest.mark.parametrize("form", SEALS)
def test_an_intermediate_may_be_the_anchor(shop, form):
    draft = shop.draft()
    shop.attach(form, draft)
    assert shop.ask(shop.policy(draft.chain[1:2]))[0] == "allow"


@pytest.mark.parametrize("form", SEALS)
def test_a_required_timestamp_that_is_not_there(shop, form):
    draft = shop.draft()
    shop.attach(form, draft)
    tsa = [chains.pem(*chains.chain(OTHER)).decode()]
    assert shop.ask(shop.policy(draft.chain[-1:], tsa=tsa))[:2] == ("deny", "no_trusted_time")
    assert shop.ask(shop.policy(draft.chain[-1:], tsa=tsa, verifyTimestamp="afterCertExpiry"))[
        0] == "allow"


@pytest.mark.parametrize("form", SEALS)
def test_the_authoritys_scheme_has_stores_of_its_own(shop, form):
    draft = shop.draft(authority=True)
    shop.attach(form, draft)
    assert shop.ask(shop.policy(draft.chain[-1:], kind="signingAuthority"))[0] == "allow"
    assert shop.ask(shop.policy(draft.chain[-1:], kind="ca"))[:2] == ("deny", "untrusted_key")


@pytest.mark.parametrize("form", SEALS)
def test_the_authoritys_time_decides_on_the_chain(shop, form):
    past = NOW - timedelta(days=60)
    chain = chains.chain(*(p.but(start=past, end=NOW - timedelta(days=30))
                           for p in (LEAF, INTERMEDIATE, ROOT)))
    good = shop.draft(chain, authority=True, signed=int(past.timestamp()) + DAY)
    shop.attach(form, good)
    assert shop.ask(shop.policy(chain[-1:], kind="signingAuthority"))[0] == "allow"


@pytest.mark.parametrize("form", SEALS)
def test_the_authoritys_time_outside_of_the_chain(shop, form):
    draft = shop.draft(authority=True, signed=int(NOW.timestamp()) - 90 * DAY)
    shop.attach(form, draft)
    assert shop.ask(shop.policy(draft.chain[-1:], kind="signingAuthority"))[:2] == (
        "deny", "key_expired")


BAD_HEADERS = {
    "no crit": {"critical": []},
    "scheme not critical": {"critical": [notary.EXPIRY], "expires": 4102444800},
    "expiry not critical": {"critical": [notary.SCHEME], "expires": 4102444800},
    "authentic time not critical": {"critical": [notary.SCHEME], "authority": True},
    "absent attribute critical": {"critical": [notary.SCHEME, "io.example.absent"]},
    "signing time critical": {"critical": [notary.SCHEME, notary.SIGNED]},
    "critical twice": {"critical": [notary.SCHEME, notary.SCHEME]},
    "unknown scheme": {"protected": {notary.SCHEME: "notary.x509.other"}},
    "no scheme": {"protected": {notary.SCHEME: None}},
    "no time": {"protected": {notary.SIGNED: None}},
    "unknown critical attribute": {"critical": [notary.SCHEME, "io.example.x"],
                                   "protected": {"io.example.x": "1"}},
    "expiry before signing": {"signed": 1700000000, "expires": 1700000000},
    "plugin not critical": {"protected": {notary.PREFIX + "verificationPlugin": "p"}},
    "plugin": {"critical": [notary.SCHEME, notary.PREFIX + "verificationPlugin"],
               "protected": {notary.PREFIX + "verificationPlugin": "p"}},
    "plugin that climbs": {"critical": [notary.SCHEME, notary.PREFIX + "verificationPlugin"],
                           "protected": {notary.PREFIX + "verificationPlugin": "../../bin/sh"}},
    "payload no JSON": {"payload": b"hello"},
    "payload without target": {"payload": b"{}"},
}


@pytest.mark.parametrize("level", ["strict", "audit"])
@pytest.mark.parametrize("form", SEALS)
@pytest.mark.parametrize("case", BAD_HEADERS)
def test_bad_headers_are_integrity_failures(shop, case, form, level):
    draft = shop.draft(**BAD_HEADERS[case])
    shop.attach(form, draft)
    verdict, reason, _ = shop.ask(shop.policy(draft.chain[-1:], level=level))
    assert (verdict, reason) in (("deny", "malformed"), ("deny", "unsupported"))


@pytest.mark.parametrize("form", SEALS)
def test_extensions_that_are_not_critical_do_no_harm(shop, form):
    draft = shop.draft(protected={"io.example.note": "x"}, unprotected={"io.example.out": "y"})
    shop.attach(form, draft)
    assert shop.ask(shop.policy(draft.chain[-1:]))[0] == "allow"


@pytest.mark.parametrize("form", SEALS)
@pytest.mark.parametrize("member,value", [
    ("digest", "sha256:" + "0" * 64), ("size", 1), ("mediaType", "application/json")])
def test_another_descriptor_is_refused_at_every_level(shop, form, member, value):
    draft = shop.draft()
    draft.payload = json.dumps({"targetArtifact": {**shop.subject, member: value}}).encode()
    shop.attach(form, draft)
    for level in LEVELS:
        assert shop.ask(shop.policy(draft.chain[-1:], level=level))[:2] == (
            "deny", "digest_mismatch")


@pytest.mark.parametrize("form", SEALS)
def test_metadata_is_demanded_by_name_and_value(shop, form):
    draft = shop.draft(metadata={"build": "7"})
    shop.attach(form, draft)
    policy = shop.policy(draft.chain[-1:])
    assert shop.ask(policy, "--annotation", "build=7")[0] == "allow"
    assert shop.ask(policy, "--annotation", "build=8")[:2] == ("deny", "claim_mismatch")
    assert shop.ask(policy, "--annotation", "other=7")[:2] == ("deny", "claim_mismatch")


@pytest.mark.parametrize("form", SEALS)
def test_a_key_that_is_not_the_leafs(shop, form):
    draft = shop.draft(key=chains.key("p256", 9))
    shop.attach(form, draft)
    assert shop.ask(shop.policy(draft.chain[-1:]))[:2] == ("deny", "bad_signature")


def test_the_salt_of_pss_is_free_in_jws_and_fixed_in_cose(shop):
    made = chains.chain(LEAF.but(kind="rsa2048"), ROOT)
    draft = shop.draft(made, key=chains.key("rsa2048"), salt=20)
    shop.attach("cose", draft)
    assert shop.ask(shop.policy(made[-1:]))[:2] == ("deny", "bad_signature")
    shop.attach("jws", draft)
    assert shop.ask(shop.policy(made[-1:]))[0] == "allow"


BAD_JWS = {
    "a member more": {"extra": 1},
    "signatures of the general form": {"signatures": []},
    "no header": {"header": None},
    "no chain": {"header": {}},
    "an empty chain": {"header": {"x5c": []}},
    "a dot in the payload": {"payload": "e30.e30"},
    "padding": {"payload": "e30="},
    "no signature": {"signature": ""},
}


@pytest.mark.parametrize("case", BAD_JWS)
def test_bad_jws(shop, case):
    draft = shop.draft()
    shop.attach("jws", draft, notary.jws(draft, **BAD_JWS[case]))
    verdict, reason, _ = shop.ask(shop.policy(draft.chain[-1:], level="audit"))
    assert (verdict, reason) in (("deny", "malformed"), ("deny", "bad_signature"))


def _with(draft, **changes):
    header = {1: -7, 2: draft.required(), 3: notary.PAYLOAD_TYPE,
              **draft.attributes(lambda s: notary.Tagged(1, s))}
    header.update(changes)
    return header


BAD_COSE = {
    "another tag": lambda d: notary.cose(d, tag=98),
    "trailing byte": lambda d: notary.cose(d) + b"\0",
    "cut off": lambda d: notary.cose(d)[:-1],
    "time as text": lambda d: notary.cose(d, notary.cbor(
        {**_with(d), notary.SIGNED: notary.Tagged(0, "2026-01-01T00:00:00Z")})),
    "time without tag": lambda d: notary.cose(d, notary.cbor({**_with(d), notary.SIGNED: 1})),
    "content format": lambda d: notary.cose(d, notary.cbor({**_with(d), 3: 50})),
    "both times": lambda d: notary.cose(d, notary.cbor(
        {**_with(d), notary.AUTHENTIC: notary.Tagged(1, 1)})),
    "critical label 1": lambda d: notary.cose(d, notary.cbor(
        {**_with(d), 2: [notary.SCHEME, 1]})),
    "another algorithm": lambda d: notary.cose(d, notary.cbor({**_with(d), 1: -35})),
    "no algorithm": lambda d: notary.cose(d, notary.cbor(
        {k: v for k, v in _with(d).items() if k != 1})),
    "indefinite map": lambda d: notary.cose(d, b"\xbf" + notary.cbor(_with(d))[1:] + b"\xff"),
    "key twice": lambda d: notary.cose(d, b"\xa6" + notary.cbor(_with(d))[1:] + b"\x01\x26"),
    "behind the map": lambda d: notary.cose(d, notary.cbor(_with(d)) + b"\0"),
    "header is no map": lambda d: notary.cose(d, notary.cbor([1, 2])),
}


@pytest.mark.parametrize("case", BAD_COSE)
def test_bad_cose(shop, case):
    draft = shop.draft()
    shop.attach("cose", draft, BAD_COSE[case](draft))
    verdict, reason, _ = shop.ask(shop.policy(draft.chain[-1:], level="audit"))
    assert (verdict, reason) in (("deny", "malformed"), ("deny", "bad_signature"))


@pytest.mark.parametrize("form", SEALS)
def test_manifests_in_the_old_form_are_found(shop, form):
    draft = shop.draft()
    config = {**oci.descriptor(notary.ARTIFACT_TYPE, b"{}")}
    shop.attach(form, draft, artifactType=None, config=config)
    assert shop.ask(shop.policy(draft.chain[-1:]))[0] == "allow"


def test_two_layers_are_no_signature(shop):
    draft = shop.draft()
    data = notary.jws(draft)
    layer = oci.descriptor(notary.JWS, data)
    shop.attach("jws", draft, layers=[layer, layer])
    assert shop.ask(shop.policy(draft.chain[-1:]))[:2] == ("deny", "unsigned")


def test_one_good_signature_among_bad_ones_is_enough(shop):
    good = shop.draft()
    shop.attach("jws", shop.draft(chains.chain(LEAF, OTHER)))
    shop.attach("cose", shop.draft(key=chains.key("p256", 9)))
    shop.attach("cose", good)
    assert shop.ask(shop.policy(good.chain[-1:]))[0] == "allow"
