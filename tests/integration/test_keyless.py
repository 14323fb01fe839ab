# SPDX-License-Identifier: Apache-2.0
"""Keyless signatures by a second hand (tests/lib/sigstore_maker.py), each breaking one rule."""

import base64
import copy
import json
from datetime import timedelta

import pytest

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku
from lib import images, oci, sigstore_maker as maker
from lib.push import Client
from lib.referrers import plant_simple
from lib.run import notar
from lib.sigstore_maker import ISSUER, SUBJECT, Draft, World, b64

V01, V02 = (f"application/vnd.dev.sigstore.bundle+json;version=0.{n}" for n in (1, 2))
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return World(tmp_path_factory.mktemp("stranger"), "two")


class Desk:
    """Asks `notar verify-blob`; prints nothing but the reason."""

    def __init__(self, folder, world):
        self.folder, self.root = folder, copy.deepcopy(world.root)
        self.blob = b"blob\n"

    def write(self, name: str, data) -> str:
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        return str(path)

    def ask(self, bundle, *, subject=SUBJECT, issuer=ISSUER, more=(), key=None) -> str:
        who = (("--key", self.write("key.pub", key)) if key is not None else
               ("--certificate-identity", subject, "--certificate-oidc-issuer", issuer))
        if more:
            who = more
        done = notar("verify-blob", "--bundle", self.write("bundle", bundle), *who,
                     "--trusted-root", self.write("root", self.root), self.write("blob", self.blob))
        verdict, _, reason = done.out.split()
        done.exits({"allow": 0, "deny": 1, "undetermined": 3}[verdict])
        return reason


@pytest.fixture
def desk(tmp_path, world):
    return Desk(tmp_path, world)


def material(bundle) -> dict:
    return bundle["verificationMaterial"]


def entry(bundle) -> dict:
    return material(bundle)["tlogEntries"][0]


GOOD = {
    "rekor v1": {},
    "rekor v1 with a timestamp": {"stamp": True},
    "rekor v1 without a promise, with a timestamp": {"promise": False, "stamp": True},
    "rekor v2": {"log": "v2", "stamp": True},
    "bundle 0.2": {"version": V02},
    "first leaf of one": {"index": 0, "size": 1},
    "last leaf": {"index": 10, "size": 11},
    "an SCT with extension bytes": {"sct_extension": bytes.fromhex("00000500000dde14")},
    "two SCTs of a log": {"scts": 2},
    "a witness before the log": {"log": "v2", "stamp": True,
                                 "witness": "\u2014 witness.example AAAAAAAA\n".encode()},
}


@pytest.mark.parametrize("case", GOOD)
def test_what_is_whole_holds(world, desk, case):
    assert desk.ask(world.bundle(Draft(**GOOD[case]))) == "trusted"


@pytest.mark.parametrize("log,stamp", [("v1", False), ("v2", True)])
def test_a_statement_about_a_file_holds_by_its_type(world, desk, log, stamp):
    digest = maker.sha256(desk.blob).hex()
    bundle = world.bundle(Draft(payload=maker.statement(digest), log=log, stamp=stamp))
    assert desk.ask(bundle) == "trusted"
    bundle = world.bundle(Draft(payload=maker.statement(digest, "https://x.example/t"), log=log,
                                stamp=stamp))
    assert desk.ask(bundle) == "unsigned"


def test_bundle_0_1_needs_the_promise_only(world, desk):
    bundle = world.bundle(Draft(version=V01, proof=False))
    chain = {"certificates": [material(bundle).pop("certificate")]}
    material(bundle)["x509CertificateChain"] = chain
    assert desk.ask(bundle) == "trusted"
    del entry(bundle)["inclusionPromise"]
    assert desk.ask(bundle) == "malformed"


@pytest.mark.parametrize("subject,issuer,reason", [
    (SUBJECT, "https://other.example", "identity_mismatch"),
    (SUBJECT + "x", ISSUER, "identity_mismatch"),
    (SUBJECT[:-1], ISSUER, "identity_mismatch"),
    (SUBJECT.upper(), ISSUER, "identity_mismatch"),
    (SUBJECT, ISSUER + "/", "identity_mismatch"),
])
def test_somebody_else(world, desk, subject, issuer, reason):
    assert desk.ask(world.bundle(Draft()), subject=subject, issuer=issuer) == reason


@pytest.mark.parametrize("subject,issuer,reason", [
    ("https://ci\\.example/.*", "https://issuer\\.example", "trusted"),
    ("ci\\.example", "https://issuer\\.example", "identity_mismatch"),  # only a part of it
    ("https://ci\\.example/.*", "issuer", "identity_mismatch"),
    ("https://ci\\.example/build|x", "https://issuer\\.example", "trusted"),
    ("x|https://ci\\.example/", "https://issuer\\.example", "identity_mismatch"),
])
def test_expressions_match_the_whole(world, desk, subject, issuer, reason):
    more = ("--certificate-identity-regexp", subject, "--certificate-oidc-issuer-regexp", issuer)
    assert desk.ask(world.bundle(Draft()), more=more) == reason


DRAFTS = {
    # Of the log.
    "no log entry": ({"log": None}, "no_transparency_proof"),
    "neither promise nor timestamp": ({"promise": False}, "no_trusted_time"),
    "rekor v2 without a timestamp": ({"log": "v2"}, "no_trusted_time"),
    "no inclusion proof": ({"proof": False}, "malformed"),
    # Of the certificate.
    "no SCT": ({"scts": 0}, "no_transparency_proof"),
    "a purpose other than signing code": ({"usages": (Eku.SERVER_AUTH,)}, "malformed"),
    "a certificate that may issue": ({"ca": True}, "malformed"),
    "no digitalSignature": ({"digital_signature": False}, "malformed"),
    "two names": ({"names": [x509.UniformResourceIdentifier(SUBJECT),
                             x509.RFC822Name("a@b.example")]}, "malformed"),
    "a name of another kind": ({"names": [x509.DNSName("ci.example")]}, "malformed"),
    "issuers that differ": ({"extensions": {1: b"https://other.example"}}, "malformed"),
    "an issuer that is no UTF8String": ({"extensions": {8: b"\x04\x01x"}}, "malformed"),
    "no issuer": ({"extensions": {1: None, 8: None}}, "malformed"),
}


@pytest.mark.parametrize("case", DRAFTS)
def test_what_is_made_wrong_is_refused(world, desk, case):
    draft, reason = DRAFTS[case]
    assert desk.ask(world.bundle(Draft(**draft))) == reason


def flipped(text: str, at: int = -3) -> str:
    data = bytearray(base64.b64decode(text))
    data[at] ^= 1
    return b64(bytes(data))


def flip(place: dict, name: str, at: int = -3) -> None:
    place[name] = flipped(place[name], at)


def number(place: dict, name: str, by: int) -> None:
    place[name] = str(int(place[name]) + by)


def rebody(bundle, change) -> None:
    body = json.loads(base64.b64decode(entry(bundle)["canonicalizedBody"]))
    change(body["spec"])
    entry(bundle)["canonicalizedBody"] = b64(json.dumps(body, separators=(",", ":"),
                                                        sort_keys=True).encode())


def note(bundle, change) -> None:
    checkpoint = entry(bundle)["inclusionProof"]["checkpoint"]
    checkpoint["envelope"] = change(checkpoint["envelope"])


BAD, OTHER, MALFORMED = "bad_signature", "digest_mismatch", "malformed"
CHANGES = {
    "signature": (lambda b: flip(b["messageSignature"], "signature"), {BAD}),
    "message digest": (lambda b: flip(b["messageSignature"]["messageDigest"], "digest"), {OTHER}),
    "promise": (lambda b: flip(entry(b)["inclusionPromise"], "signedEntryTimestamp"), {BAD}),
    "integrated time": (lambda b: number(entry(b), "integratedTime", 1), {BAD}),
    "index": (lambda b: number(entry(b), "logIndex", 1), {BAD}),
    "index in the proof": (lambda b: number(entry(b)["inclusionProof"], "logIndex", 1), {BAD}),
    "size in the proof": (lambda b: number(entry(b)["inclusionProof"], "treeSize", 1), {BAD}),
    "root in the proof": (lambda b: flip(entry(b)["inclusionProof"], "rootHash"), {BAD}),
    "a hash of the proof": (
        lambda b: entry(b)["inclusionProof"]["hashes"].__setitem__(
            0, flipped(entry(b)["inclusionProof"]["hashes"][0])), {BAD}),
    "a hash too many": (
        lambda b: entry(b)["inclusionProof"]["hashes"].append(b64(bytes(32))), {BAD}),
    "a hash too few": (lambda b: entry(b)["inclusionProof"]["hashes"].pop(), {BAD}),
    "checkpoint's signature": (lambda b: note(b, lambda t: t[:-8] + "AAAA" + t[-4:]),
                               {BAD, MALFORMED}),
    "checkpoint's root": (lambda b: note(b, lambda t: t.replace(t.split("\n")[2], b64(bytes(32)))),
                          {BAD}),
    "checkpoint's size": (lambda b: note(b, lambda t: t.replace("\n11\n", "\n12\n")), {BAD}),
    "checkpoint's origin": (lambda b: note(b, lambda t: t.replace(" - 123", " - 124")), {BAD}),
    "another log's name": (
        lambda b: note(b, lambda t: t.replace("log.one.example", "log.two.example")), {BAD}),
    "CVE-2022-23649 signature in the entry": (
        lambda b: rebody(b, lambda s: flip(s["signature"], "content")), {OTHER, BAD}),
    "CVE-2024-53267 digest in the entry": (
        lambda b: rebody(b, lambda s: s["data"]["hash"].update(value="0" * 64)), {OTHER, BAD}),
    "certificate in the entry": (
        lambda b: rebody(b, lambda s: flip(s["signature"]["publicKey"], "content", 40)),
        {OTHER, BAD, MALFORMED}),
    "kind of the entry": (lambda b: entry(b)["kindVersion"].update(kind="intoto"),
                          {MALFORMED, "unsupported"}),
    "the entry twice": (lambda b: material(b)["tlogEntries"].append(entry(b)), {MALFORMED}),
    "a negative index": (lambda b: entry(b).update(logIndex="-1"), {MALFORMED}),
    "a member that nobody knows": (lambda b: entry(b).update(more=1), {MALFORMED}),
    "an unknown version": (lambda b: b.update(mediaType=V01.replace("0.1", "0.9")),
                           {"unsupported"}),
    "a chain in version 0.3": (
        lambda b: material(b).update(x509CertificateChain={
            "certificates": [material(b).pop("certificate")]}), {MALFORMED}),
    "bytes behind the certificate": (
        lambda b: material(b)["certificate"].update(rawBytes=b64(
            base64.b64decode(material(b)["certificate"]["rawBytes"]) + b"\0")), {MALFORMED}),
    "CVE-2024-45395 many entries": (
        lambda b: material(b).update(tlogEntries=[entry(b)] * 33), {"limit"}),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_is_changed_is_refused(world, desk, case):
    change, reasons = CHANGES[case]
    bundle = world.bundle(Draft())
    assert desk.ask(bundle) == "trusted"
    change(bundle)
    assert desk.ask(bundle) in reasons


V2_CHANGES = {
    "signature in the entry": lambda b: rebody(
        b, lambda s: flip(s["hashedRekordV002"]["signature"], "content")),
    "digest in the entry": lambda b: rebody(
        b, lambda s: flip(s["hashedRekordV002"]["data"], "digest")),
    "index": lambda b: number(entry(b), "logIndex", 1),
    "a promise that there cannot be": lambda b: entry(b).update(
        inclusionPromise={"signedEntryTimestamp": b64(b"x" * 70)}),
    "checkpoint's size": lambda b: note(b, lambda t: t.replace("\n11\n", "\n12\n")),
    "no line of the log": lambda b: note(
        b, lambda t: t[:t.index("\n\n") + 2] + "\u2014 witness.example AAAAAAAA\n"),
    "timestamp": lambda b: material(b)["timestampVerificationData"]["rfc3161Timestamps"][0].update(
        signedTimestamp=flipped(material(b)["timestampVerificationData"]["rfc3161Timestamps"][0]
                                ["signedTimestamp"], -40)),
}


@pytest.mark.parametrize("case", V2_CHANGES)
def test_what_is_changed_beside_rekor_v2_is_refused(world, desk, case):
    bundle = world.bundle(Draft(log="v2", stamp=True))
    V2_CHANGES[case](bundle)
    assert desk.ask(bundle) in {BAD, OTHER, MALFORMED, "no_trusted_time", "unsupported"}


def test_cve_2022_36056_another_file(world, desk):
    bundle = world.bundle(Draft())
    desk.blob = b"another file\n"
    assert desk.ask(bundle) in {OTHER, BAD}


# Of the trusted root.

def validity(place: dict, **ends) -> None:
    window = place["publicKey"]["validFor"] if "publicKey" in place else place["validFor"]
    window.update({name: maker.rfc3339(when) for name, when in ends.items()})


@pytest.mark.parametrize("part,reason", [
    ("certificateAuthorities", "untrusted_key"), ("ctlogs", "no_transparency_proof"),
    ("tlogs", "no_transparency_proof")])
def test_what_the_root_does_not_have_does_not_count(world, desk, part, reason):
    desk.root[part] = []
    assert desk.ask(world.bundle(Draft())) == reason


def test_a_timestamp_of_an_authority_that_the_root_does_not_have(world, desk):
    desk.root["timestampAuthorities"] = []
    assert desk.ask(world.bundle(Draft(log="v2", stamp=True))) == "no_trusted_time"


@pytest.mark.parametrize("part", ["certificateAuthorities", "ctlogs", "tlogs"])
@pytest.mark.parametrize("end,by", [("end", -1), ("end", 0), ("start", 1), ("start", 0)])
def test_validity_is_inclusive_at_both_ends(world, desk, part, end, by):
    draft = Draft()
    draft.signed = draft.signed.replace(microsecond=0)
    for place in desk.root[part][:1]:
        validity(place, **{end: draft.signed + timedelta(seconds=by)})
    reason = desk.ask(world.bundle(draft))
    assert (reason == "trusted") == (by == 0), reason


def test_a_stranger_world_is_not_trusted(stranger, desk):
    assert desk.ask(stranger.bundle(Draft())) == "untrusted_key"


@pytest.mark.parametrize("name", ["ct", "v1"])
def test_a_log_of_that_name_with_another_key(world, stranger, desk, name):
    part = desk.root["ctlogs" if name == "ct" else "tlogs"][0]
    part["publicKey"]["rawBytes"] = b64(maker.spki(stranger.keys[name]))
    assert desk.ask(world.bundle(Draft())) in {BAD, "no_transparency_proof"}


@pytest.mark.parametrize("draft,reason", [
    ({"integrated": MINUTE * -1}, "trusted"),  # when the certificate begins
    ({"integrated": MINUTE * 9}, "trusted"),  # when it ends
    ({"integrated": MINUTE * -1 - timedelta(seconds=1)}, "key_expired"),
    ({"integrated": MINUTE * 9 + timedelta(seconds=1)}, "key_expired"),
])
def test_times_lie_within_the_certificate(world, desk, draft, reason):
    made = Draft()
    made.signed = made.signed.replace(microsecond=0)
    made.integrated = made.signed + draft["integrated"]
    found = desk.ask(world.bundle(made))
    assert found == reason or (reason != "trusted" and found == BAD), found


def test_cve_2026_24122_every_time_binds(world, desk):
    """The log's time is within the certificate, the timestamp's is not."""
    made = Draft(stamp=True)
    made.signed -= timedelta(hours=2)
    assert desk.ask(world.bundle(made)) == "key_expired"


def test_cve_2024_55655_a_time_that_nobody_promised_is_none(world, desk):
    bundle = world.bundle(Draft(promise=False))
    assert "integratedTime" in entry(bundle)
    assert desk.ask(bundle) == "no_trusted_time"


# By keys.

def pem(key) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_a_key_and_a_trusted_root_demand_a_log(world, desk):
    key = ec.generate_private_key(ec.SECP256R1())
    assert desk.ask(world.bundle(Draft(key=key)), key=pem(key)) == "trusted"
    assert desk.ask(world.bundle(Draft(key=key, log="v2")), key=pem(key)) == "trusted"
    assert desk.ask(world.bundle(Draft(key=key, log=None)),
                    key=pem(key)) == "no_transparency_proof"
    desk.root["tlogs"] = []
    assert desk.ask(world.bundle(Draft(key=key)), key=pem(key)) == "no_transparency_proof"


def test_keys_and_certificates_do_not_stand_for_each_other(world, desk):
    key = ec.generate_private_key(ec.SECP256R1())
    assert desk.ask(world.bundle(Draft(key=key))) == "untrusted_key"
    assert desk.ask(world.bundle(Draft()), key=pem(key)) != "trusted"


# Of images, in policies.

def attach(image, bundle) -> None:
    data = json.dumps(bundle).encode()
    image.layout.write(data)
    image.layout.write(b"{}")
    kind = "application/vnd.dev.sigstore.bundle.v0.3+json"
    subject = oci.descriptor(oci.MANIFEST, image.layout.read(image.digest))
    manifest = {"schemaVersion": 2, "mediaType": oci.MANIFEST, "artifactType": kind,
                "config": {"mediaType": "application/vnd.oci.empty.v1+json", "size": 2,
                           "digest": oci.digest_of(b"{}")},
                "layers": [oci.descriptor(kind, data)], "subject": subject}
    image.layout.add(oci.MANIFEST, oci.dump(manifest))


def policy(folder, root, identities, **more) -> str:
    path = folder / "policy.json"
    path.write_text(json.dumps({
        "version": 1, "trustedRoots": {"ours": root},
        "signers": {"ci": {"identities": identities, "trustedRoot": "ours", **more}},
        "rules": [{"scope": "*", "require": {"signers": ["ci"]}}]}))
    return str(path)


def verdict(image, *args) -> tuple[str, str]:
    done = notar("verify", "--json", *args, image.by_digest)
    report = done.json()
    return report["verdict"], report["reason"]


@pytest.fixture
def signed(world, tmp_path):
    image = images.tiny(tmp_path / "image")
    hexes = image.digest.split(":")[1]
    attach(image, world.bundle(Draft(payload=maker.statement(hexes),
                                     extensions={12: "https://git.example/app"})))
    return image


@pytest.mark.parametrize("identity,reason", [
    ({"issuer": ISSUER, "subject": SUBJECT}, "trusted"),
    ({"issuerPattern": "https://issuer\\..*", "subjectPattern": "https://ci\\..*"}, "trusted"),
    ({"issuer": ISSUER, "subject": SUBJECT,
      "extensions": {"sourceRepositoryURI": "https://git.example/app"}}, "trusted"),
    ({"issuer": ISSUER, "subject": SUBJECT,
      "extensions": {"sourceRepositoryURI": "https://git.example/other"}}, "identity_mismatch"),
    ({"issuer": ISSUER, "subject": SUBJECT, "extensions": {"buildTrigger": "push"}},
     "identity_mismatch"),
    ({"issuer": ISSUER, "subject": "https://ci.example"}, "identity_mismatch"),
])
def test_identities_of_a_policy(world, signed, tmp_path, identity, reason):
    document = policy(tmp_path, world.root, [identity])
    assert verdict(signed, "--policy", document)[1] == reason


@pytest.mark.parametrize("thresholds,reason", [
    ({"logs": 2}, "no_transparency_proof"), ({"scts": 2}, "no_transparency_proof"),
    ({"timestamps": 1}, "no_trusted_time"), ({"times": 2}, "no_trusted_time"),
    ({"logs": 1, "scts": 1, "times": 1}, "trusted")])
def test_cve_2026_49834_thresholds_count_distinct_ones(world, signed, tmp_path, thresholds, reason):
    document = policy(tmp_path, world.root, [{"issuer": ISSUER, "subject": SUBJECT}],
                      thresholds=thresholds)
    assert verdict(signed, "--policy", document)[1] == reason


@pytest.mark.parametrize("signer", [
    {"identities": [], "trustedRoot": "ours"},
    {"identities": [{"issuer": ISSUER}], "trustedRoot": "ours"},
    {"identities": [{"subject": SUBJECT}], "trustedRoot": "ours"},
    {"identities": [{"issuer": ISSUER, "subject": SUBJECT}]},
    {"identities": [{"issuer": ISSUER, "subject": SUBJECT}], "trustedRoot": "theirs"},
    {"identities": [{"issuer": ISSUER, "subject": SUBJECT, "oids": {}}], "trustedRoot": "ours"},
    {"identities": [{"issuer": ISSUER, "subjectPattern": "("}], "trustedRoot": "ours"},
    {"identities": [{"issuer": ISSUER, "subjectPattern": ".*"}], "trustedRoot": "ours"},
    {"identities": [{"issuer": ISSUER, "subject": SUBJECT,
                     "extensions": {"unknown": "x"}}], "trustedRoot": "ours"},
    {"identities": [{"issuer": ISSUER, "subject": SUBJECT}], "trustedRoot": "ours",
     "thresholds": {"logs": -1}},
])
def test_cve_2026_48815_what_cannot_be_enforced_is_no_policy(world, signed, tmp_path, signer):
    path = tmp_path / "policy.json"
    path.write_text(json.dumps({
        "version": 1, "trustedRoots": {"ours": world.root}, "signers": {"ci": signer},
        "rules": [{"scope": "*", "require": {"signers": ["ci"]}}]}))
    notar("verify", "--policy", path, signed.by_digest).exits(2)


def test_an_image_is_verified_by_its_identity(world, signed, tmp_path):
    root = tmp_path / "root.json"
    root.write_text(json.dumps(world.root))
    who = ("--certificate-identity", SUBJECT, "--certificate-oidc-issuer", ISSUER,
           "--trusted-root", root)
    assert verdict(signed, *who) == ("allow", "trusted")
    done = notar("verify", "--json", "--explain", *who, signed.by_digest).ok().json()
    assert [(s["subject"], s["issuer"]) for s in done["signatures"]] == [(SUBJECT, ISSUER)]


def test_cve_2022_35929_an_attestation_of_another_type_is_none(world, tmp_path):
    image = images.tiny(tmp_path / "image")
    statement = maker.statement(image.digest.split(":")[1], "https://slsa.dev/provenance/v1")
    attach(image, world.bundle(Draft(payload=statement)))
    root = tmp_path / "root.json"
    root.write_text(json.dumps(world.root))
    who = ("--certificate-identity", SUBJECT, "--certificate-oidc-issuer", ISSUER,
           "--trusted-root", root, image.by_digest)
    notar("verify", *who).exits(1)
    notar("verify-attestation", "--type", "slsaprovenance1", *who).exits(0)
    notar("verify-attestation", "--type", "spdx", *who).exits(1)


# cosign's classic signatures.

class Classic:
    def __init__(self, folder, world, registry, repo):
        self.image = images.tiny(folder / "image")
        self.client, self.repo, self.host = Client(registry.host), repo, registry.host
        self.client.push(self.image, repo)
        self.root = folder / "root.json"
        self.root.write_text(json.dumps(world.root))

    def ask(self, layer, payload) -> str:
        plant_simple(self.client, self.repo, self.image.digest, [(layer, payload)])
        done = notar("verify", "--json", "--certificate-identity", SUBJECT,
                     "--certificate-oidc-issuer", ISSUER, "--trusted-root", self.root,
                     f"{self.host}/{self.repo}@{self.image.digest}")
        return done.json()["reason"]


@pytest.fixture
def classic(tmp_path, world, registry, repo):
    return Classic(tmp_path, world, registry, repo)


def annotated(layer, name, change) -> dict:
    made = copy.deepcopy(layer)
    name = f"dev.sigstore.cosign/{name}"
    made["annotations"][name] = change(made["annotations"][name])
    return made


def rebundled(layer, change) -> dict:
    def apply(text):
        document = json.loads(text)
        change(document)
        return json.dumps(document)
    return annotated(layer, "bundle", apply)


def test_a_classic_keyless_signature_and_what_breaks_it(world, stranger, classic):
    layer, payload = world.classic(Draft(stamp=True), classic.image.digest, "r.example/app")
    assert classic.ask(layer, payload) == "trusted"
    other, _ = world.classic(Draft(), classic.image.digest, "r.example/app")
    broken = {
        # CVE-2022-23649, CVE-2026-22703: another signature's entry.
        "an entry of another": (annotated(layer, "bundle", lambda _: other["annotations"][
            "dev.sigstore.cosign/bundle"]), {OTHER, BAD}),
        "the promise": (rebundled(layer, lambda d: flip(d, "SignedEntryTimestamp")), {BAD}),
        "the time": (rebundled(layer, lambda d: d["Payload"].update(
            integratedTime=d["Payload"]["integratedTime"] + 1)), {BAD}),
        "no JSON": (annotated(layer, "bundle", lambda _: "{"), {MALFORMED}),
        "no certificate": (annotated(layer, "certificate", lambda _: "x"), {MALFORMED}),
        "another certificate": (annotated(layer, "certificate", lambda _: other["annotations"][
            "dev.sigstore.cosign/certificate"]), {BAD}),
    }
    for name, (changed, reasons) in broken.items():
        assert classic.ask(changed, payload) in reasons, name
    bare = copy.deepcopy(layer)
    del bare["annotations"]["dev.sigstore.cosign/bundle"]
    assert classic.ask(bare, payload) == "no_transparency_proof"
    assert classic.ask(*stranger.classic(Draft(), classic.image.digest, "x")) == "untrusted_key"
    assert classic.ask(*world.classic(Draft(subject="https://ci.example/other"),
                                      classic.image.digest, "x")) == "identity_mismatch"


@pytest.mark.parametrize("args", [
    ("--certificate-identity", SUBJECT), ("--certificate-oidc-issuer", ISSUER),
    ("--certificate-identity", SUBJECT, "--certificate-oidc-issuer", ISSUER),
    ("--certificate-identity", SUBJECT, "--certificate-identity-regexp", "x",
     "--certificate-oidc-issuer", ISSUER, "--trusted-root", "ROOT"),
    ("--certificate-identity", SUBJECT, "--certificate-oidc-issuer-regexp", "",
     "--trusted-root", "ROOT"),
    ("--trusted-root", "ROOT"),
])
def test_options_that_would_be_ignored_are_refused(world, signed, tmp_path, args):
    root = tmp_path / "root.json"
    root.write_text(json.dumps(world.root))
    given = [str(root) if a == "ROOT" else a for a in args]
    notar("verify", *given, signed.by_digest).exits(2)
