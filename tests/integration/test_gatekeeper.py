# SPDX-License-Identifier: Apache-2.0
"""Gatekeeper's external data provider: ProviderRequest in, ProviderResponse out."""

import http.client
import ssl

import pytest

from lib import daemon_files, images, signer, tls
from lib.notard import notard
from lib.push import Client

V1BETA1 = "externaldata.gatekeeper.sh/v1beta1"


def request(*keys: str, version: str = V1BETA1) -> dict:
    return {"apiVersion": version, "kind": "ProviderRequest", "request": {"keys": list(keys)}}


def provide(daemon, path: str, *keys: str, version: str = V1BETA1) -> dict:
    answer = daemon.ask("POST", f"/gatekeeper/v1/{path}", request(*keys, version=version))
    assert answer.status == 200, answer
    document = answer.json()
    assert document["apiVersion"] == version and document["kind"] == "ProviderResponse"
    response = document["response"]
    assert response["idempotent"] is True and response["systemError"] == ""
    assert len({item["key"] for item in response["items"]}) == len(response["items"])
    return {item["key"]: item for item in response["items"]}


@pytest.fixture
def shop(tmp_path, api_registry, repo, tiny, key):
    client = Client(api_registry.host)
    signer.sign(client.push(tiny, repo), key.private).ok()
    client.push(images.tiny(tmp_path / "other", tag="bad", text="unsigned\n"), repo)
    policy = daemon_files.policy(tmp_path / "policy.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    with notard(tmp_path / "n", daemon_files.config(policy)) as daemon:
        yield daemon, f"{api_registry.host}/{repo}", tiny


def test_an_item_a_key_with_its_verdict(shop):
    daemon, name, tiny = shop
    got = provide(daemon, "verify", f"{name}:v1", f"{name}:bad", f"{name}@{tiny.digest}")
    good, bad = got[f"{name}:v1"], got[f"{name}:bad"]
    assert good["error"] == "" and good["value"]["allowed"] is True
    assert good["value"]["digest"] == tiny.digest and good["value"]["reason"] == "trusted"
    assert bad["error"] == "" and bad["value"]["allowed"] is False
    assert bad["value"]["reason"] == "unsigned"
    assert got[f"{name}@{tiny.digest}"]["value"]["allowed"] is True


def test_one_bad_key_does_not_fail_the_batch(shop):
    daemon, name, _ = shop
    bad = ["UPPER/case/NAME:x", "", "a b", "registry.example/x@sha256:12"]
    got = provide(daemon, "verify", f"{name}:v1", *bad)
    assert got[f"{name}:v1"]["value"]["allowed"] is True
    for key in bad:
        assert got[key]["error"] != "" and got[key]["value"]["allowed"] is False


def test_what_nobody_knows_is_an_error_of_the_item(shop):
    daemon, name, _ = shop
    got = provide(daemon, "verify", "127.0.0.1:1/app:v1", f"{name}:v1")
    assert "registry_unreachable" in got["127.0.0.1:1/app:v1"]["error"]
    assert got["127.0.0.1:1/app:v1"]["value"]["allowed"] is False
    assert got[f"{name}:v1"]["error"] == ""


def test_mutate_gives_strings_and_is_idempotent(shop):
    daemon, name, tiny = shop
    pinned = f"{name}:v1@{tiny.digest}"
    got = provide(daemon, "mutate", f"{name}:v1", f"{name}:bad")
    assert got[f"{name}:v1"] == {"key": f"{name}:v1", "value": pinned, "error": ""}
    assert got[f"{name}:bad"]["error"].startswith("unsigned")
    assert isinstance(got[f"{name}:bad"]["value"], str)
    assert provide(daemon, "mutate", pinned)[pinned] == {"key": pinned, "value": pinned, "error": ""}


def test_a_key_may_say_its_namespace(shop):
    daemon, name, _ = shop
    key = f"[shop]{name}:v1"
    assert provide(daemon, "verify", key)[key]["value"]["allowed"] is True


def test_two_hundred_keys_and_repeated_ones(shop):
    daemon, name, _ = shop
    keys = [f"{name}:v1", f"{name}:v1", *(f"{name}:tag{n}" for n in range(198))]
    got = provide(daemon, "verify", *keys)
    assert len(got) == 199 and got[f"{name}:v1"]["value"]["allowed"] is True


def test_the_older_version_is_echoed(shop):
    daemon, name, _ = shop
    provide(daemon, "verify", f"{name}:v1", version="externaldata.gatekeeper.sh/v1alpha1")


def test_no_keys_is_no_items(shop):
    assert provide(shop[0], "verify") == {}


@pytest.mark.parametrize("change", [
    {"apiVersion": "externaldata.gatekeeper.sh/v2"}, {"kind": "ProviderResponse"},
    {"request": {}}, {"request": {"keys": "x"}}, {"request": {"keys": [7]}},
    {"request": {"keys": ["x"] * 513}}, {"request": None}])
@pytest.mark.parametrize("path", ["verify", "mutate"])
def test_what_is_no_request_is_refused(shop, path, change):
    daemon, name, _ = shop
    body = {**request(f"{name}:v1"), **change}
    assert daemon.ask("POST", f"/gatekeeper/v1/{path}", body).status == 400


def client_context(ca, certificate=None, maximum=None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca.cert))
    if certificate:
        context.load_cert_chain(certificate.cert, certificate.key)
    if maximum:
        context.maximum_version = maximum
    return context


def test_only_tls_1_3_and_only_gatekeepers_certificate(tmp_path, key, authority):
    """As Gatekeeper calls: TLS 1.3, its own certificate; whose authority is rotated under way."""
    ca, certificate = authority
    callers = tls.authority(tmp_path / "callers", "gatekeeper CA")
    gatekeeper = tls.client(callers, tmp_path / "callers", "gatekeeper")
    stranger = tls.client(tls.authority(tmp_path / "others"), tmp_path / "others", "gatekeeper")
    policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    config = daemon_files.config(policy, tls={
        "certificate": str(certificate.cert), "key": str(certificate.key),
        "client_ca": str(callers.cert), "require_client_certificate": True, "minimum": "1.3"})
    with notard(tmp_path / "n", config, tls_context=client_context(ca, gatekeeper)) as daemon:
        def asks(context) -> bool:
            daemon.tls_context = context
            try:
                return daemon.ask("POST", "/gatekeeper/v1/verify", request()).status == 200
            except (ssl.SSLError, ConnectionError, http.client.HTTPException):
                return False
        assert asks(client_context(ca, gatekeeper))
        assert not asks(client_context(ca))
        assert not asks(client_context(ca, stranger))
        assert not asks(client_context(ca, gatekeeper, ssl.TLSVersion.TLSv1_2))
        # Gatekeeper rotates its authority: both for a while, then the new one alone.
        rotated = tls.authority(tmp_path / "rotated", "gatekeeper CA 2")
        renewed = tls.client(rotated, tmp_path / "rotated", "gatekeeper")
        callers.cert.write_text(callers.cert.read_text() + rotated.cert.read_text())
        from lib.process import wait_until
        wait_until(lambda: asks(client_context(ca, renewed)), "the renewed authority")
        assert asks(client_context(ca, gatekeeper))
