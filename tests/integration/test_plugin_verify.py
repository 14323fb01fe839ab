# SPDX-License-Identifier: Apache-2.0
"""Verification plugins: an envelope may ask for one, the policy says whether it is run.

"design: plugin name from unauthenticated envelope" (Notary Project's reference runs what an
envelope names before it knows whose envelope it is): here nothing is run for a stranger, nor
against the policy, nor by a name that is a path.
"""

import base64
import json
import signal
import time

import pytest

from lib import chains, daemon_files, images, notary_envelope as notary, oci
from lib import verifying_plugin as plugins
from lib.chains import INTERMEDIATE, LEAF, ROOT
from lib.notard import notard
from lib.push import Client
from lib.run import environment, notar
from lib.verifying_plugin import IDENTITY, REVOCATION
from test_daemon import verdict
from test_notary_rules import DAY, LEVELS, SEALS

PLUGIN, LEAST = notary.PREFIX + "verificationPlugin", notary.PREFIX + "verificationPluginMinVersion"
ARN = "arn:aws:signer:us-west-2:111122223333:/signing-profiles/release"
CHAIN = chains.chain(LEAF, INTERMEDIATE, ROOT)
OTHER = chains.chain(ROOT.but(common="other root", number=7))[0]


class Shop:
    """An image in a layout, a plugin, what is attached, and a policy."""

    def __init__(self, folder):
        self.folder, self.libexec = folder, folder / "libexec"
        self.image = images.tiny(folder / "layout")
        self.layout = self.image.layout
        self.env = environment(NOTATION_LIBEXEC=str(self.libexec))
        self.subject = oci.descriptor(oci.MANIFEST, self.layout.read(self.image.digest))

    def attach(self, form="jws", name="p", least=None, extra=None, critical=None, **more):
        """A signature that asks for a plugin; extra: further critical attributes."""
        protected = {PLUGIN: name, **({LEAST: least} if least is not None else {}), **(extra or {})}
        base = [notary.SCHEME] + ([notary.EXPIRY] if "expires" in more else [])
        draft = notary.Draft(subject=dict(self.subject), key=chains.key("p256"),
                             chain=more.pop("chain", CHAIN), protected=protected,
                             critical=critical or base + list(protected), **more)
        seal, media_type = SEALS[form]
        return notary.attach(self.layout, draft, seal(draft), media_type)

    def policy(self, anchor=CHAIN[-1], identities=("*",), level="strict", plugins=("p",), **more):
        x509_part = {"ca": [chains.pem(anchor).decode()], "identities": list(identities),
                     **LEVELS[level], **more}
        if plugins is not None:
            x509_part["plugins"] = list(plugins)
        path = self.folder / "policy.json"
        path.write_text(json.dumps({
            "version": 1, "signers": {"them": {"x509": x509_part}},
            "rules": [{"scope": "*", "require": {"signers": ["them"]}}]}))
        return path

    def ask(self, policy):
        """Verdict, reason, and the first signature's own message."""
        result = notar("verify", "--json", "--explain", "--policy", policy, self.image.by_digest,
                       env=self.env)
        report = result.json()
        result.exits({"allow": 0, "deny": 1, "undetermined": 3}[report["verdict"]])
        return report["verdict"], report["reason"], report["signatures"][0]["message"]


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


@pytest.mark.parametrize("form", SEALS)
def test_a_plugin_that_the_policy_names_is_run_and_believed(shop, form):
    plugin = plugins.install(shop.libexec)
    shop.attach(form)
    assert shop.ask(shop.policy())[:2] == ("allow", "trusted")
    assert plugin.commands() == ["get-plugin-metadata", "verify-signature"]


@pytest.mark.parametrize("form", SEALS)
def test_what_the_plugin_is_asked(shop, form):
    plugin = plugins.install(shop.libexec)
    shop.attach(form, least="1.0.0", expires=4102444800,
                extra={"com.example.job": "arn:job", "com.example.number": 7})
    identities = [ARN, "x509.subject: C=US, ST=WA, O=others"]
    assert shop.ask(shop.policy(identities=identities))[0] == "allow"
    (_, about, _), (_, request, _) = plugin.calls()
    assert about == {}
    assert request == {
        "contractVersion": "1.0",
        "signature": {
            "criticalAttributes": {
                "contentType": notary.PAYLOAD_TYPE, "signingScheme": "notary.x509",
                "expiry": "2100-01-01T00:00:00Z",
                "extendedAttributes": {"com.example.job": "arn:job", "com.example.number": 7}},
            "unprocessedAttributes": request["signature"]["unprocessedAttributes"],
            "certificateChain": [base64.b64encode(der).decode() for der in notary.Draft(
                subject={}, key=None, chain=CHAIN).ders()]},
        "trustPolicy": {"trustedIdentities": identities,
                        "signatureVerification": [IDENTITY, REVOCATION]}}
    assert sorted(request["signature"]["unprocessedAttributes"]) == [
        "com.example.job", "com.example.number"]


def test_the_time_of_an_authority_is_told(shop):
    plugin = plugins.install(shop.libexec)
    now = int(time.time())
    shop.attach(authority=True, signed=now, critical=[notary.SCHEME, notary.AUTHENTIC, PLUGIN])
    policy = shop.policy()
    document = json.loads(policy.read_text())
    signer = document["signers"]["them"]["x509"]
    signer["signingAuthority"] = signer.pop("ca")
    policy.write_text(json.dumps(document))
    assert shop.ask(policy)[0] == "allow"
    told = plugin.calls()[1][1]["signature"]["criticalAttributes"]
    assert told["authenticSigningTime"] == notary.rfc3339(now)
    assert told["signingScheme"] == "notary.x509.signingAuthority" and "expiry" not in told


def test_the_plugin_sees_no_secret_of_ours(shop):
    plugin = plugins.install(shop.libexec)
    shop.attach()
    shop.ask(shop.policy())
    for _, _, environ in plugin.calls():
        assert "COSIGN_PASSWORD" not in environ


@pytest.mark.parametrize("identities, capabilities, wanted", [
    ([ARN], (IDENTITY,), ("allow", "trusted")),
    ([ARN], (REVOCATION,), ("deny", "identity_mismatch")),
    (["x509.subject: C=US, ST=WA, O=notar tests", ARN], (REVOCATION,), ("allow", "trusted")),
    (["x509.subject: C=US, ST=WA, O=others"], (REVOCATION,), ("deny", "identity_mismatch")),
    (["x509.subject: C=US, ST=WA, O=others"], (IDENTITY,), ("allow", "trusted")),
])
def test_whose_the_identities_are(shop, identities, capabilities, wanted):
    plugins.install(shop.libexec, capabilities=capabilities)
    shop.attach()
    assert shop.ask(shop.policy(identities=identities))[:2] == wanted


# --- design: plugin name from unauthenticated envelope ---

@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("form", SEALS)
@pytest.mark.parametrize("named", [None, (), ("q",), ("P",), ("p.",)], ids=str)
def test_design_unauthenticated_plugin_name_is_not_run_when_the_policy_does_not_name_it(
        shop, form, named, level):
    plugin = plugins.install(shop.libexec)
    other = plugins.install(shop.libexec, "q")
    shop.attach(form)
    told = shop.ask(shop.policy(plugins=named, level=level))
    assert told[:2] == ("deny", "unsupported") and '"p"' in told[2], told
    assert plugin.calls() == [] and other.calls() == []


@pytest.mark.parametrize("level, reason", [
    ("strict", "untrusted_key"), ("permissive", "untrusted_key"), ("audit", "unsupported")])
@pytest.mark.parametrize("form", SEALS)
def test_design_unauthenticated_plugin_name_is_not_run_for_strangers(shop, form, level, reason):
    plugin = plugins.install(shop.libexec)
    shop.attach(form)
    assert shop.ask(shop.policy(anchor=OTHER, level=level))[:2] == ("deny", reason)
    assert plugin.calls() == []


def test_design_unauthenticated_plugin_name_of_another_signer_is_not_run(shop):
    """The signer that names it has another anchor; the one with the anchor does not name it."""
    plugin = plugins.install(shop.libexec)
    shop.attach()
    policy = shop.policy(plugins=None)
    document = json.loads(policy.read_text())
    document["signers"]["others"] = {"x509": {
        "ca": [chains.pem(OTHER).decode()], "identities": ["*"], "plugins": ["p"]}}
    document["rules"][0]["require"]["signers"].append("others")
    policy.write_text(json.dumps(document))
    assert shop.ask(policy)[:2] == ("deny", "unsupported")
    assert plugin.calls() == []


@pytest.mark.parametrize("form", SEALS)
@pytest.mark.parametrize("name", ["../p", "p/../p", "/bin/sh", "..", ".", "p p", " p", "p\n", "ä",
                                  "p\u0000", "x" * 129, "", " "])
def test_design_unauthenticated_plugin_name_that_is_a_path_is_refused(shop, form, name):
    plugin = plugins.install(shop.libexec)
    shop.attach(form, name=name)
    for level in LEVELS:
        verdict_, reason, _ = shop.ask(shop.policy(level=level))
        assert (verdict_, reason) in (("deny", "unsupported"), ("deny", "malformed"))
    assert plugin.calls() == []


@pytest.mark.parametrize("form", SEALS)
@pytest.mark.parametrize("critical", [
    [notary.SCHEME], [notary.SCHEME, LEAST], [notary.SCHEME, PLUGIN]], ids=str)
def test_a_plugins_attributes_must_be_critical(shop, form, critical):
    plugin = plugins.install(shop.libexec)
    shop.attach(form, least="1.0.0", critical=critical)
    assert shop.ask(shop.policy())[:2] == ("deny", "malformed")
    assert plugin.calls() == []


def test_a_least_version_without_a_plugin_is_refused(shop):
    shop.attach(critical=[notary.SCHEME, LEAST], name=None, least="1.0.0")
    assert shop.ask(shop.policy())[:2] == ("deny", "unsupported")


def test_nothing_is_run_for_a_signature_that_has_expired(shop):
    plugin = plugins.install(shop.libexec)
    now = int(time.time())
    shop.attach(signed=now - 2 * DAY // 24, expires=now - DAY // 24)
    assert shop.ask(shop.policy())[:2] == ("deny", "expired")
    assert plugin.calls() == []


def test_a_signature_that_does_not_hold_runs_nothing(shop):
    plugin = plugins.install(shop.libexec)
    shop.attach()
    document = notary.Draft(subject=dict(shop.subject), key=chains.key("p256", 9), chain=CHAIN,
                            protected={PLUGIN: "p"}, critical=[notary.SCHEME, PLUGIN])
    broken = Shop(shop.folder / "broken")
    broken.libexec, broken.env = shop.libexec, shop.env
    notary.attach(broken.layout, document, notary.jws(document), notary.JWS)
    assert broken.ask(broken.policy())[:2] == ("deny", "bad_signature")
    assert plugin.calls() == []


# --- it says no ---

@pytest.mark.parametrize("level, wanted", [
    ("strict", ("deny", "identity_mismatch")), ("permissive", ("deny", "identity_mismatch")),
    ("audit", ("allow", "trusted"))])
def test_a_no_to_the_identity(shop, level, wanted):
    plugins.install(shop.libexec, identity=False, reason="profile\x1b[2J was canceled")
    shop.attach()
    told = shop.ask(shop.policy(level=level))
    assert told[:2] == wanted and "\x1b" not in told[2]
    if wanted[0] == "deny":
        assert "was canceled" in told[2] and '"p"' in told[2]


@pytest.mark.parametrize("level, wanted", [
    ("strict", ("deny", "revoked_certificate")), ("permissive", ("allow", "trusted")),
    ("audit", ("allow", "trusted"))])
def test_a_no_about_revocation(shop, level, wanted):
    plugins.install(shop.libexec, revocation=False)
    shop.attach()
    assert shop.ask(shop.policy(level=level))[:2] == wanted


def test_revocation_that_is_skipped_is_not_asked_about(shop):
    plugin = plugins.install(shop.libexec, revocation=False)
    shop.attach()
    assert shop.ask(shop.policy(revocation="skip"))[:2] == ("allow", "trusted")
    assert plugin.calls()[1][1]["trustPolicy"]["signatureVerification"] == [IDENTITY]


@pytest.mark.parametrize("processed", [[], ["com.example.a"], ["COM.EXAMPLE.A", "com.example.b"],
                                       None], ids=str)
@pytest.mark.parametrize("level", LEVELS)
def test_attributes_that_nobody_processed_are_refused_at_every_level(shop, level, processed):
    plugins.install(shop.libexec, verify_signature={"answer": {"processedAttributes": processed}})
    shop.attach(extra={"com.example.a": "1", "com.example.b": "2"})
    assert shop.ask(shop.policy(level=level))[:2] == ("deny", "unsupported")


def test_attributes_are_not_processed_by_a_plugin_with_nothing_to_check(shop):
    plugin = plugins.install(shop.libexec, capabilities=(REVOCATION,))
    shop.attach(extra={"com.example.a": "1"})
    assert shop.ask(shop.policy(revocation="skip"))[:2] == ("deny", "unsupported")
    assert plugin.commands() == ["get-plugin-metadata"]


# --- it does not answer ---

MISBEHAVIOURS = {
    "about-nonsense": dict(get_plugin_metadata={"say": "hello"}),
    "about-huge": dict(get_plugin_metadata={"say": "x" * 1000, "times": 4000}),
    "about-fails": dict(get_plugin_metadata={"fail": "broken"}),
    "about-another": dict(get_plugin_metadata={"answer": {"name": "other"}}),
    "about-contract": dict(get_plugin_metadata={"answer": {"supportedContractVersions": ["2.0"]}}),
    "about-no-version": dict(get_plugin_metadata={"answer": {"version": None}}),
    "only-signs": dict(capabilities=("SIGNATURE_GENERATOR.RAW",)),
    "version-no-semver": dict(version="1.2"),
    "version-with-v": dict(version="v1.2.3"),
    "version-too-old": dict(version="1.2.2"),
    "version-before-release": dict(version="1.2.3-rc.1"),
    "nonsense": dict(verify_signature={"say": "{"}),
    "nothing": dict(verify_signature={"say": ""}),
    "huge": dict(verify_signature={"say": "x" * 1000, "times": 4000}),
    "deep": dict(verify_signature={"say": "[" * 1000}),
    "fails": dict(verify_signature={
        "fail": json.dumps({"errorCode": "ACCESS_DENIED", "errorMessage": "no entry"})}),
    "fails-loudly": dict(verify_signature={"fail": "x" * 3_000_000}),
    "no-results": dict(verify_signature={"answer": {"verificationResults": None}}),
    "half-the-results": dict(verify_signature={
        "answer": {"verificationResults": {IDENTITY: {"success": True}}}}),
    "results-no-bool": dict(verify_signature={"answer": {"verificationResults": {
        IDENTITY: {"success": "true"}, REVOCATION: {"success": 1}}}}),
    "results-in-other-letters": dict(verify_signature={"answer": {"verificationResults": {
        IDENTITY.lower(): {"success": True}, REVOCATION: {"success": True}}}}),
    "results-list": dict(verify_signature={"answer": {"verificationResults": [True, True]}}),
    "processed-numbers": dict(verify_signature={"answer": {"processedAttributes": [7]}}),
    "processed-text": dict(verify_signature={"answer": {"processedAttributes": "all"}}),
}


@pytest.mark.parametrize("what", MISBEHAVIOURS)
def test_a_plugin_that_misbehaves_is_no_yes(shop, what):
    plugins.install(shop.libexec, **MISBEHAVIOURS[what])
    shop.attach(least="1.2.3")
    for level in ("strict", "audit"):
        told = shop.ask(shop.policy(level=level))
        assert told[:2] == ("undetermined", "plugin_unavailable") and '"p"' in told[2], told


def test_a_plugin_that_hangs_is_given_up_after_ten_seconds(shop):
    plugins.install(shop.libexec, verify_signature={"sleep": 60})
    shop.attach()
    begun = time.monotonic()
    assert shop.ask(shop.policy())[:2] == ("undetermined", "plugin_unavailable")
    assert 9 < time.monotonic() - begun < 20


def test_a_plugin_that_is_not_there(shop):
    shop.attach()
    assert shop.ask(shop.policy())[:2] == ("undetermined", "plugin_unavailable")


def test_a_plugin_that_is_a_link_is_not_run(shop):
    plugin = plugins.install(shop.libexec)
    shop.attach()
    moved = plugin.program.with_suffix(".real")
    plugin.program.rename(moved)
    plugin.program.symlink_to(moved)
    assert shop.ask(shop.policy())[:2] == ("undetermined", "plugin_unavailable")
    assert plugin.calls() == []


@pytest.mark.parametrize("least, holds", [
    ("1.2.3", True), ("1.2.3-rc.1", True), ("0.99.99", True), ("1.2.3+build", True),
    ("1.2.4", False), ("1.10.0", False), ("2.0.0-alpha", False)])
def test_the_least_version(shop, least, holds):
    plugins.install(shop.libexec)
    shop.attach(least=least)
    assert shop.ask(shop.policy())[0] == ("allow" if holds else "undetermined")


@pytest.mark.parametrize("least", ["1", "1.2", "v1.2.3", "01.2.3", "1.2.3.4", "latest", " "])
def test_a_least_version_that_is_none_breaks_the_signature(shop, least):
    plugin = plugins.install(shop.libexec)
    shop.attach(least=least)
    assert shop.ask(shop.policy())[:2] == ("deny", "malformed")
    assert plugin.calls() == []


# --- other ways in ---

@pytest.mark.parametrize("named, identities, wanted", [
    (["p"], ["*"], 0), (["p"], [ARN], 0), (["q"], ["*"], 1), (None, ["*"], 1), (None, [ARN], 2),
    (["../p"], ["*"], 2)], ids=str)
def test_notations_trust_policy_names_plugins_by_a_member_of_its_own(shop, named, identities,
                                                                     wanted):
    plugin = plugins.install(shop.libexec)
    shop.attach()
    config = shop.folder / "notation"
    store = config / "truststore" / "x509" / "ca" / "them"
    store.mkdir(parents=True)
    (store / "root.pem").write_bytes(chains.pem(CHAIN[-1]))
    statement = {"name": "s", "registryScopes": ["*"], "trustStores": ["ca:them"],
                 "signatureVerification": {"level": "strict"}, "trustedIdentities": identities}
    if named is not None:
        statement["verificationPlugins"] = named
    (config / "trustpolicy.json").write_text(
        json.dumps({"version": "1.0", "trustPolicies": [statement]}))
    notar("verify", "--policy", config, shop.image.by_digest, env=shop.env).exits(wanted)
    assert bool(plugin.calls()) == (wanted == 0)


@pytest.mark.parametrize("identity, wanted", [(True, 0), (False, 1)])
def test_a_file_is_verified_with_a_plugin(shop, identity, wanted):
    plugin = plugins.install(shop.libexec, identity=identity)
    file, made = shop.folder / "file.txt", shop.folder / "file.sig"
    file.write_text("words\n")
    subject = oci.descriptor("application/octet-stream", b"words\n")
    draft = notary.Draft(subject=subject, key=chains.key("p256"), chain=CHAIN,
                         protected={PLUGIN: "p"}, critical=[notary.SCHEME, PLUGIN])
    made.write_bytes(notary.jws(draft))
    notar("verify-blob", "--policy", shop.policy(), "--bundle", made, file,
          env=shop.env).exits(wanted)
    assert plugin.commands() == ["get-plugin-metadata", "verify-signature"]


# --- notard ---

class Daemon(Shop):
    """The image in a registry. The plugin is below the state folder, where confinement lets it keep
    its log."""

    def __init__(self, folder, registry, repo):
        super().__init__(folder)
        self.registry, self.repo = registry, repo
        self.state = folder / "state"
        self.state.mkdir()
        self.libexec = self.state / "libexec"
        self.env = environment(NOTATION_LIBEXEC=str(self.libexec))

    def push(self) -> str:
        client = Client(self.registry.host)
        reference = client.push(self.image, self.repo)
        client.push_all(self.layout, self.repo)
        return reference

    def start(self, policy, **more):
        config = daemon_files.config(policy, negative_ttl="0s", **more)
        return notard(self.folder / "notard", config, state=self.state, env=self.env)


@pytest.fixture
def served(tmp_path, api_registry, repo):
    return Daemon(tmp_path, api_registry, repo)


def test_notard_asks_a_plugin_once_for_several_questions(served):
    plugin = plugins.install(served.libexec)
    served.attach()
    reference = served.push()
    with served.start(served.policy()) as daemon:
        for _ in range(5):
            assert verdict(daemon, reference) == ("allow", "trusted")
    assert plugin.commands() == ["get-plugin-metadata", "verify-signature"]


def test_notard_runs_nothing_that_the_policy_does_not_name(served):
    plugin = plugins.install(served.libexec)
    served.attach()
    reference = served.push()
    with served.start(served.policy(plugins=None)) as daemon:
        for _ in range(3):
            assert verdict(daemon, reference) == ("deny", "unsupported")
    assert plugin.calls() == []


def test_notard_denies_once_the_policy_names_the_plugin_no_more(served):
    plugins.install(served.libexec)
    served.attach()
    reference = served.push()
    with served.start(served.policy()) as daemon:
        assert verdict(daemon, reference) == ("allow", "trusted")
        served.policy(plugins=None)
        reloaded(daemon, reference, ("deny", "unsupported"))


def test_notard_asks_anew_when_the_identities_change(served):
    plugin = plugins.install(served.libexec)
    served.attach()
    reference = served.push()
    with served.start(served.policy(identities=[ARN])) as daemon:
        assert verdict(daemon, reference) == ("allow", "trusted")
        plugins.install(served.libexec, identity=False)
        served.policy(identities=[ARN + "2"])
        reloaded(daemon, reference, ("deny", "identity_mismatch"))
    told = [request["trustPolicy"]["trustedIdentities"] for command, request, _ in plugin.calls()
            if command == "verify-signature"]
    assert told == [[ARN], [ARN + "2"]]


def test_notard_says_that_a_plugin_is_missing_until_it_is_there(served):
    served.attach()
    reference = served.push()
    with served.start(served.policy()) as daemon:
        assert verdict(daemon, reference) == ("undetermined", "plugin_unavailable")
        plugins.install(served.libexec)
        for _ in range(200):
            found = verdict(daemon, reference)
            if found[0] == "allow":
                break
            time.sleep(0.05)
        assert found == ("allow", "trusted")


def test_notard_answers_others_while_a_plugin_hangs(served):
    plugins.install(served.libexec, verify_signature={"sleep": 60})
    served.attach()
    reference = served.push()
    with served.start(served.policy()) as daemon:
        begun = time.monotonic()
        told = daemon.ask("POST", "/v1/verify?timeout=1s", {"images": [reference]})
        assert told.status == 200 and time.monotonic() - begun < 5, told
        assert told.json()["results"][0]["verdict"] == "undetermined"
        assert daemon.alive() and time.monotonic() - begun < 6


def reloaded(daemon, reference, wanted):
    """The policy's file is taken up; then the answer is this one."""
    daemon.process.send_signal(signal.SIGHUP)
    for _ in range(100):
        found = verdict(daemon, reference)
        if found == wanted:
            return
        time.sleep(0.05)
    assert found == wanted
