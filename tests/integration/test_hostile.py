# SPDX-License-Identifier: Apache-2.0
"""A hostile registry: each case ends soon, within its caps, with the right reason, and a failure
never reads as "unsigned"."""

import gzip
import itertools

import pytest

from lib import docker_config, images, oci, signer
from lib import hostile as h
from lib.hostile import HostileRegistry

# notar's own deadline is 120 s; what does not have to wait must end long before.
SOON_S = 20
UNREACHABLE, THROTTLED, DENIED = "registry_unreachable", "throttled", "registry_denied"


@pytest.fixture
def signed(hostile, tiny, key):
    """The tiny image, signed in both formats, in the hostile registry: its reference."""
    signer.sign(tiny.ref, key.private).ok()
    hostile.store.load(tiny.layout, "app")
    reference = f"{hostile.host}/app@{tiny.digest}"
    signer.sign(reference, key.private, "simple").ok()
    signer.allows(reference, key.public)
    hostile.forget()
    return reference


@pytest.fixture
def bundled(hostile, tiny, key):
    """The same with the bundle alone, so that nothing else can make it trusted."""
    signer.sign(tiny.ref, key.private).ok()
    hostile.store.load(tiny.layout, "app")
    return f"{hostile.host}/app@{tiny.digest}"


def refused(reference: str, key, *reasons: str, timeout: float = SOON_S, **options):
    """Not allowed, and for one of these reasons; never unsigned."""
    verdict = signer.judge(reference, key.public, timeout=timeout, **options)
    assert verdict.verdict != signer.ALLOW, verdict.result
    seen = {verdict.reason} | verdict.reasons
    assert "unsigned" not in seen, verdict.result
    assert seen & set(reasons), f"wanted one of {reasons}\n{verdict.result}"
    return verdict


def undetermined(reference: str, key, reason: str, timeout: float = SOON_S, **options):
    return signer.cannot_tell(reference, key.public, reason=reason, timeout=timeout, **options)


@pytest.mark.parametrize("kind", ["referrers", "manifest", "blob"])
def test_an_endless_body_is_cut_off(hostile, bundled, key, kind):
    hostile.on(kind, h.endless_body())
    refused(bundled, key, "limit", UNREACHABLE, "malformed", "digest_mismatch")
    assert all(seen.sent < 100 << 20 for seen in hostile.seen(kind))


@pytest.mark.parametrize("kind", ["referrers", "manifest", "blob"])
def test_a_terabyte_announced_is_not_awaited(hostile, bundled, key, kind):
    hostile.on(kind, h.huge_length())
    refused(bundled, key, "limit", UNREACHABLE, "malformed", "digest_mismatch")


@pytest.mark.parametrize("kind", ["manifest", "blob"])
def test_other_bytes_than_the_digest_names_are_refused(hostile, bundled, key, kind):
    hostile.on(kind, h.wrong_bytes())
    refused(bundled, key, "digest_mismatch", "malformed", UNREACHABLE)


def test_another_image_than_the_digest_names_is_refused(hostile, bundled, key, tmp_path):
    other = images.tiny(tmp_path / "other", text="other\n")
    hostile.on("manifest", h.other_document(other.layout.read(other.digest), oci.MANIFEST))
    refused(bundled, key, "digest_mismatch", UNREACHABLE)


def test_a_lying_digest_header_is_refused(hostile, bundled, key):
    hostile.on("manifest", h.lying_digest_header())
    refused(bundled, key, "digest_mismatch", UNREACHABLE)


def test_a_manifest_under_a_wrong_media_type_is_refused(hostile, bundled, key):
    hostile.on("manifest", h.media_type("application/vnd.oci.image.index.v1+json"))
    refused(bundled, key, "malformed", "digest_mismatch", UNREACHABLE, "unsupported")


def test_a_gzip_encoded_manifest_is_not_unpacked(hostile, bundled, key):
    hostile.on("manifest", h.gzip_encoded())
    refused(bundled, key, "digest_mismatch", "malformed", UNREACHABLE)


def test_a_gzip_bomb_is_not_unpacked(hostile, bundled, key):
    bomb = gzip.compress(b" " * (64 << 20))
    hostile.on("referrers", h.answer(200, bomb, oci.INDEX, Content_Encoding="gzip"))
    refused(bundled, key, "malformed", "limit", UNREACHABLE)


@pytest.mark.parametrize("kind", ["referrers", "manifest", "blob"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_loop_ends(hostile, bundled, key, kind, status):
    hostile.on(kind, h.redirect_loop(status))
    refused(bundled, key, UNREACHABLE, "limit")
    assert len(hostile.seen(kind)) <= 40


@pytest.mark.parametrize("kind", ["manifest", "blob"])
def test_a_redirect_to_another_host_takes_no_credentials_along(hostile, bundled, key, kind,
                                                               tmp_path):
    env = docker_config.environment(tmp_path / "docker", hostile.host)
    with HostileRegistry("127.0.0.2") as other:
        other.store = hostile.store
        hostile.on(kind, h.require("Basic " + docker_config.packed(),
                                   then=h.redirect_to(other.url)))
        signer.allows(bundled, key.public, env=env, timeout=SOON_S)
        assert other.seen(kind) != [] and other.secrets_seen() == []
    assert hostile.secrets_seen() != []


def test_a_redirect_to_another_port_takes_no_credentials_along(hostile, bundled, key, tmp_path):
    env = docker_config.environment(tmp_path / "docker", hostile.host)
    with HostileRegistry("127.0.0.1") as other:
        other.store = hostile.store
        hostile.on("blob", h.redirect_to(other.url))
        hostile.on("any", h.require("Basic " + docker_config.packed()))
        signer.judge(bundled, key.public, env=env, timeout=SOON_S)
        assert other.secrets_seen() == []


def test_a_blob_behind_a_redirect_is_still_checked(hostile, bundled, key):
    with HostileRegistry("127.0.0.2") as other:
        other.store = hostile.store
        hostile.on("blob", h.redirect_to(other.url))
        signer.allows(bundled, key.public, timeout=SOON_S)
        other.on("blob", h.wrong_bytes())
        refused(bundled, key, "digest_mismatch", "malformed", UNREACHABLE)


def test_a_referrers_request_follows_no_redirect_to_another_host(hostile, bundled, key):
    with h.recorder() as other:
        hostile.on("referrers", h.redirect_to(other.url))
        signer.judge(bundled, key.public, timeout=SOON_S)
        assert other.seen() == []


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/", "//", "http://",
                                      "gopher://127.0.0.1:70/_x",
                                      "http://127.0.0.1:1/" + "a" * 9000])
def test_a_redirect_to_nowhere_good_is_refused(hostile, bundled, key, location):
    hostile.on("blob", h.answer(307, b"", Location=location))
    refused(bundled, key, UNREACHABLE, "limit", "malformed")


def test_a_401_loop_with_a_foreign_realm_ends_and_leaks_nothing(hostile, bundled, key, tmp_path):
    env = docker_config.environment(tmp_path / "docker", "elsewhere.example:5000")
    with h.token_server() as realm:
        hostile.on("any", h.challenge(realm.url + "/token"))
        undetermined(bundled, key, DENIED, env=env)
        assert len(realm.seen()) <= 12 and len(hostile.seen()) <= 40
        assert realm.secrets_seen() == []


def test_a_401_loop_with_our_credentials_ends(hostile, bundled, key, tmp_path):
    env = docker_config.environment(tmp_path / "docker", hostile.host)
    hostile.on("any", h.challenge("test", scheme="Basic"))
    undetermined(bundled, key, DENIED, env=env)
    assert len(hostile.seen()) <= 40


@pytest.mark.parametrize("realm", ["", "not a url", "file:///etc/passwd", "http://",
                                   "https://[::1"])
def test_a_senseless_realm_is_refused(hostile, bundled, key, realm):
    hostile.on("any", h.challenge(realm))
    undetermined(bundled, key, DENIED)


@pytest.mark.parametrize("retry_after", [None, "1", "86400", "-1", "soon",
                                         "Fri, 31 Dec 2038 23:59:59 GMT"])
def test_a_429_storm_is_throttled_not_unsigned(hostile, bundled, key, retry_after):
    hostile.on("any", h.throttle(retry_after))
    undetermined(bundled, key, THROTTLED, timeout=60)
    assert len(hostile.seen()) <= 20


def test_a_short_429_is_waited_out(hostile, bundled, key):
    hostile.on("referrers", h.throttle("1"), times=1)
    signer.allows(bundled, key.public, timeout=SOON_S)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_are_retried_then_undetermined(hostile, bundled, key, status):
    hostile.on("referrers", h.answer(status), times=2)
    signer.allows(bundled, key.public, timeout=SOON_S)
    hostile.on("referrers", h.answer(status))
    undetermined(bundled, key, UNREACHABLE, timeout=60)


@pytest.mark.parametrize("status", [401, 403])
def test_a_forbidden_listing_is_not_an_empty_one(hostile, bundled, key, status):
    hostile.on("referrers", h.answer(status))
    undetermined(bundled, key, DENIED)


@pytest.mark.parametrize("status", [404, 400, 405, 406, 501])
@pytest.mark.parametrize("form", signer.FORMATS)
def test_every_unsupported_form_leads_to_the_fallback_tag(tiny, key, status, form):
    with HostileRegistry(referrers=False) as registry:
        registry.store.load(tiny.layout, "app")
        registry.on("referrers", h.answer(status))
        reference = f"{registry.host}/app@{tiny.digest}"
        signer.denies(reference, key.public, reason="unsigned")
        signer.sign(reference, key.private, form).ok()
        signer.allows(reference, key.public)


@pytest.mark.parametrize("body, media_type", [
    (b"<html>hello</html>", "text/html"), (b"{}", "application/json")])
def test_a_200_that_is_no_index_leads_to_the_fallback_tag(tiny, key, body, media_type):
    with HostileRegistry(referrers=False) as registry:
        registry.store.load(tiny.layout, "app")
        registry.on("referrers", h.answer(200, body, media_type))
        reference = f"{registry.host}/app@{tiny.digest}"
        signer.sign(reference, key.private).ok()
        signer.allows(reference, key.public)


def test_a_fallback_tag_that_fails_is_not_an_empty_one(tiny, key):
    with HostileRegistry(referrers=False) as registry:
        registry.store.load(tiny.layout, "app")
        registry.on("manifest", h.answer(503), when=lambda r: r.reference.startswith("sha256-"))
        undetermined(f"{registry.host}/app@{tiny.digest}", key, UNREACHABLE, timeout=60)


@pytest.mark.parametrize("suffix", [".sig", ""])
def test_one_source_that_fails_keeps_the_answer_open(hostile, tiny, key, suffix):
    """An unsigned image whose .sig tag or listing cannot be read is not known to be unsigned."""
    hostile.store.load(tiny.layout, "app")
    if suffix:
        hostile.on("manifest", h.answer(503), when=lambda r: r.reference.endswith(suffix))
    else:
        hostile.on("referrers", h.answer(503))
    undetermined(f"{hostile.host}/app@{tiny.digest}", key, UNREACHABLE, timeout=60)


def test_a_page_that_links_to_itself_ends(hostile, tiny, key):
    hostile.store.load(tiny.layout, "app")
    hostile.on("referrers", h.next_page())
    refused(f"{hostile.host}/app@{tiny.digest}", key, UNREACHABLE, "limit", "malformed")
    assert len(hostile.seen("referrers")) <= 10


def test_pages_without_end_are_capped(hostile, tiny, key):
    hostile.store.load(tiny.layout, "app")
    hostile.on("referrers", h.ever_new_pages())
    refused(f"{hostile.host}/app@{tiny.digest}", key, UNREACHABLE, "limit", "malformed")
    assert len(hostile.seen("referrers")) <= 250


def test_a_link_to_another_origin_is_not_followed(hostile, tiny, key):
    hostile.store.load(tiny.layout, "app")
    with h.recorder() as other:
        hostile.on("referrers", h.next_page(other.url + "/v2/app/referrers/x"))
        refused(f"{hostile.host}/app@{tiny.digest}", key, UNREACHABLE, "limit", "malformed")
        assert other.seen() == []


def test_ten_thousand_referrers_are_capped(hostile, bundled, key):
    hostile.on("referrers", h.many_referrers(10_000))
    verdict = signer.judge(bundled, key.public, timeout=60)
    assert "unsigned" not in verdict.reasons, verdict.result
    assert len(hostile.seen("manifest")) <= 250


def test_ten_thousand_foreign_referrers_do_not_hide_ours(hostile, bundled, key):
    hostile.on("referrers", h.many_referrers(9_990, "application/vnd.example.sbom"))
    signer.allows(bundled, key.public, timeout=60)


def test_more_referrers_than_the_cap_are_not_unsigned(hostile, tiny, key):
    hostile.store.load(tiny.layout, "app")
    hostile.on("referrers", h.many_referrers(12_000))
    refused(f"{hostile.host}/app@{tiny.digest}", key, "limit", UNREACHABLE, "malformed",
            timeout=60)


def test_a_listing_that_hides_the_signature_is_an_answer(hostile, bundled, key):
    hostile.on("referrers", h.empty_listing())
    signer.denies(bundled, key.public, reason="unsigned", timeout=SOON_S)


@pytest.mark.parametrize("kind", ["referrers", "manifest", "blob"])
def test_a_line_cut_mid_body_is_not_unsigned(hostile, bundled, key, kind):
    hostile.on(kind, h.cut_mid_body())
    refused(bundled, key, UNREACHABLE, timeout=60)


# Half a listing under the index's own media type is a failure, not "no referrers API here".
@pytest.mark.parametrize("behave", [h.cut_mid_body, h.cut_without_length])
@pytest.mark.parametrize("kind", ["referrers", "manifest", "blob"])
def test_truncated_tls_is_noticed(authority, tiny, key, kind, behave):
    ca, certificate = authority
    signer.sign(tiny.ref, key.private).ok()
    with HostileRegistry(certificate=certificate) as registry:
        registry.store.load(tiny.layout, "app")
        reference = f"{registry.host}/app@{tiny.digest}"
        args = ("--ca-file", ca.cert)
        signer.allows(reference, key.public, args=args)
        registry.on(kind, behave())
        refused(reference, key, UNREACHABLE, "digest_mismatch", "malformed", args=args, timeout=60)


def test_a_registry_with_an_unknown_authority_is_not_trusted(authority, tiny, key):
    with HostileRegistry(certificate=authority[1]) as registry:
        registry.store.load(tiny.layout, "app")
        undetermined(f"{registry.host}/app@{tiny.digest}", key, UNREACHABLE, timeout=60)
        assert registry.seen() == []


@pytest.mark.parametrize("behave", [h.slow_drip, h.silence])
def test_a_slow_registry_runs_into_the_deadline(hostile, bundled, key, behave):
    hostile.on("referrers", behave())
    verdict = signer.judge(bundled, key.public, args=("--timeout", "3"), timeout=SOON_S)
    assert verdict.verdict == signer.UNDETERMINED and verdict.result.seconds < 8, verdict.result
    assert verdict.reason in ("deadline", UNREACHABLE), verdict.result


@pytest.mark.parametrize("descriptor", [
    {}, {"digest": "sha256:zz"}, {"mediaType": oci.MANIFEST, "digest": 7, "size": 1},
    {"mediaType": oci.MANIFEST, "digest": "sha256:" + "a" * 64, "size": -1},
    {"mediaType": oci.MANIFEST, "digest": "sha256:" + "a" * 64, "size": 1 << 62},
    {"mediaType": oci.MANIFEST, "digest": "md5:" + "a" * 32, "size": 1}, None, "x"])
def test_a_malformed_listing_is_not_unsigned(hostile, bundled, key, descriptor):
    hostile.on("referrers", h.listing([descriptor]))
    verdict = signer.judge(bundled, key.public, timeout=SOON_S)
    assert verdict.verdict != signer.ALLOW and verdict.reason != "unsigned", verdict.result


@pytest.mark.parametrize("document", [
    b"", b"{", b"[]", b"null", b'{"manifests":{}}', b'{"schemaVersion":2,"schemaVersion":2}',
    b"[" * 100_000, b'{"manifests":[' + b"{}," * 3 + b"]}"])
def test_a_manifest_that_is_no_manifest_is_refused(hostile, tiny, key, document):
    hostile.store.load(tiny.layout, "app")
    digest = oci.digest_of(document)
    hostile.store.manifests["app", digest] = (oci.MANIFEST, document)
    hostile.on("referrers", h.listing([{"mediaType": oci.MANIFEST, "digest": digest,
                                        "size": len(document), "artifactType": oci.BUNDLE}]))
    refused(f"{hostile.host}/app@{tiny.digest}", key, "malformed", "limit", "digest_mismatch")


@pytest.mark.parametrize("verb", ["sign", "attest"])
def test_a_registry_that_refuses_the_push_fails_the_signer(hostile, tiny, key, verb, tmp_path):
    hostile.store.load(tiny.layout, "app")
    hostile.on("manifest", h.answer(403), method="PUT")
    reference = f"{hostile.host}/app@{tiny.digest}"
    if verb == "sign":
        result = signer.sign(reference, key.private, timeout=60)
    else:
        predicate = tmp_path / "p.json"
        predicate.write_text("{}")
        result = signer.attest(reference, key.private, "custom", predicate, timeout=60)
    result.exits(3)


def test_a_fallback_tag_that_loses_our_entry_is_written_again(tiny, key):
    """Another writer's PUT wins the race: what it dropped is put back."""
    with HostileRegistry(referrers=False) as registry:
        registry.store.load(tiny.layout, "app")
        lost = itertools.count()

        def lose(server, request, honest):
            if next(lost) == 0:
                empty = oci.dump({"schemaVersion": 2, "mediaType": oci.INDEX, "manifests": []})
                server.store.manifests["app", oci.digest_of(empty)] = (oci.INDEX, empty)
                server.store.tags["app", request.reference] = oci.digest_of(empty)
            return honest
        registry.on("manifest", lose, method="PUT",
                    when=lambda r: r.reference == tiny.digest.replace(":", "-"))
        reference = f"{registry.host}/app@{tiny.digest}"
        signer.sign(reference, key.private, timeout=60).ok()
        signer.allows(reference, key.public)


def test_control_characters_of_a_peer_do_not_reach_the_terminal(hostile, bundled, key):
    hostile.on("referrers", h.answer(500, b'{"errors":[{"code":"X","message":"\x1b[31mred"}]}',
                                     "application/json", Warning='299 - "\x1b[2Jgone"'))
    result = signer.verify(bundled, key.public, timeout=60)
    assert "\x1b" not in result.out + result.err
