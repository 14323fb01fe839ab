# SPDX-License-Identifier: Apache-2.0
"""Registry events: what was pushed is looked at before anybody asks."""

import hashlib
import json

import pytest

from lib import daemon_files, images, servers, signer
from lib.notard import notard
from lib.process import free_port, wait_until
from lib.push import Client

TOKEN = "registry-token"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


def callers() -> dict:
    return {"named": [{"name": "registry", "rights": ["ask", "read"],
                       "token_sha256": hashlib.sha256(TOKEN.encode()).hexdigest()}]}


def start(folder, key, **more):
    policy = daemon_files.policy(folder / "policy.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    return notard(folder / "n", daemon_files.config(policy, callers=callers(), **more))


@pytest.fixture
def daemon(tmp_path, key):
    with start(tmp_path, key) as running:
        yield running


def send(daemon, body, query: str = "", **headers) -> int:
    return daemon.ask("POST", f"/v1/events{query}", body, headers={**HEADERS, **headers}).status


def known(daemon, digest: str) -> list[dict]:
    """What the inventory says of a digest, a repository each."""
    answer = daemon.ask("GET", f"/v1/images/{digest}", headers=HEADERS)
    return answer.json()["repositories"] if answer.status == 200 else []


def is_known(daemon, digest: str, verdict: str) -> bool:
    return any(place["report"]["verdict"] == verdict for place in known(daemon, digest))


def looked_at(daemon, digest: str, verdict: str) -> None:
    # A registry that had no answer in time tells again after some seconds.
    wait_until(lambda: is_known(daemon, digest, verdict), f"{verdict} for {digest}", limit_s=30)


def distribution(host: str, repository: str, digest: str, tag: str | None = None,
                 action: str = "push") -> dict:
    target = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest,
              "size": 1, "repository": repository, "url": f"http://{host}/v2/{repository}"}
    return {"events": [{"id": "1", "timestamp": "2026-01-01T00:00:00Z", "action": action,
                        "target": target | ({"tag": tag} if tag else {}),
                        "request": {"host": host, "method": "PUT"}, "actor": {"name": "ann"},
                        "source": {"addr": "here"}}]}


def harbor(host: str, repository: str, digest: str) -> dict:
    return {"resources": [{"digest": digest, "tag": "v1",
                           "resource_url": f"{host}/{repository}:v1"}],
            "repository": {"name": "app", "namespace": "team", "repo_full_name": repository}}


def dialects(host: str, repository: str, digest: str) -> dict:
    """name -> (body, query, headers)"""
    zot = {"name": repository, "reference": "v1", "digest": digest, "manifest": "{}",
           "mediaType": "application/vnd.oci.image.manifest.v1+json"}
    envelope = {"specversion": "1.0", "id": "1", "source": "x"}
    return {
        "distribution": (distribution(host, repository, digest), "", {}),
        "harbor": ({"type": "PUSH_ARTIFACT", "occur_at": 1, "operator": "ann",
                    "event_data": harbor(host, repository, digest)}, "", {}),
        "harbor cloudevents": ({**envelope, "type": "harbor.artifact.pushed",
                                "data": harbor(host, repository, digest)}, "", {}),
        "zot binary": (zot, f"?registry={host}", {"ce-type": "zotregistry.image.updated",
                                                  "ce-specversion": "1.0"}),
        "zot structured": ({**envelope, "type": "zotregistry.image.updated", "data": zot},
                           f"?registry={host}", {}),
        "azure": (distribution(host, repository, digest)["events"][0], "", {}),
        "own": ({"events": [{"reference": f"{host}/{repository}:v1", "digest": digest,
                             "action": "push"}]}, "", {}),
    }


@pytest.mark.parametrize("dialect", dialects("h", "r", "d"))
def test_a_pushed_image_is_known_before_anybody_asks(daemon, api_registry, repo, tiny, key, dialect):
    signer.sign(Client(api_registry.host).push(tiny, repo), key.private).ok()
    body, query, headers = dialects(api_registry.host, repo, tiny.digest)[dialect]
    assert send(daemon, body, query, **headers) == 202
    looked_at(daemon, tiny.digest, "allow")
    before = daemon.metrics()["notard_fetches_total"]
    assert daemon.verify(f"{api_registry.host}/{repo}@{tiny.digest}")[0]["cached"] is True
    assert daemon.metrics()["notard_fetches_total"] == before


@pytest.mark.parametrize("form", signer.FORMATS)
def test_a_pushed_signature_counts_without_waiting_for_a_time_to_live(tmp_path, registry, repo, tiny,
                                                                      key, form):
    """The denial is fresh for an hour here; the event ends it."""
    client = Client(registry.host)
    reference = client.push(tiny, repo)
    with start(tmp_path, key, negative_ttl="1h") as daemon:
        assert daemon.verify(reference)[0]["reason"] == "unsigned"
        signed = signer.sign(reference, key.private, form, "--json").ok()
        assert daemon.verify(reference)[0]["reason"] == "unsigned"
        if form == "simple" or not registry.has_referrers:
            ending = ".sig" if form == "simple" else ""
            event = distribution(registry.host, repo, "sha256:" + "1" * 64,
                                 tiny.digest.replace(":", "-") + ending)
        else:
            artifact = client.referrers(repo, tiny.digest)[0]["digest"]
            event = distribution(registry.host, repo, artifact)
        assert signed.code == 0 and send(daemon, event) == 202
        looked_at(daemon, tiny.digest, "allow")
        assert daemon.verify(reference)[0]["verdict"] == "allow"


def test_the_real_registrys_notifications(tmp_path, key, tiny, repo):
    """Debian's docker-registry tells the daemon itself; skopeo and notar push."""
    port = free_port()
    with start(tmp_path, key, listen=[f"127.0.0.1:{port}"],
               negative_ttl="1h") as daemon:
        daemon.host = f"127.0.0.1:{port}"
        notify = f"http://127.0.0.1:{port}/v1/events"
        with servers.debian_registry(tmp_path / "r", notify=notify, notify_token=TOKEN) as registry:
            reference = Client(registry.host).push(tiny, repo)
            looked_at(daemon, tiny.digest, "deny")
            signer.sign(reference, key.private).ok()
            looked_at(daemon, tiny.digest, "allow")


def test_an_event_asserts_nothing(daemon, api_registry, repo, tiny):
    Client(api_registry.host).push(tiny, repo)
    assert send(daemon, distribution(api_registry.host, repo, tiny.digest)) == 202
    looked_at(daemon, tiny.digest, "deny")
    assert daemon.verify(f"{api_registry.host}/{repo}@{tiny.digest}")[0]["reason"] == "unsigned"


def test_a_flood_of_the_same_event_is_few_looks(daemon, api_registry, repo, tiny, key):
    signer.sign(Client(api_registry.host).push(tiny, repo), key.private).ok()
    event = distribution(api_registry.host, repo, tiny.digest)["events"] * 1000
    for _ in range(5):
        assert send(daemon, {"events": event}) == 202
    looked_at(daemon, tiny.digest, "allow")
    assert daemon.metrics()["notard_fetch_looks_total"] < 60


def test_repositories_without_a_rule_are_not_looked_at(tmp_path, key, api_registry, repo, tiny):
    Client(api_registry.host).push(tiny, repo)
    policy = daemon_files.policy(tmp_path / "p2.json", daemon_files.rule("else.example/*", "release"),
                                 {"scope": f"{api_registry.host}/*", "require": "none"},
                                 signers={"release": [key.public]})
    with notard(tmp_path / "n2", daemon_files.config(policy, callers=callers())) as daemon:
        before = len(api_registry.requests())
        answer = daemon.ask("POST", "/v1/events", distribution(api_registry.host, repo, tiny.digest),
                            headers=HEADERS)
        assert answer.status == 202 and answer.json() == {"events": 1, "looks": 0}
        assert len(api_registry.requests()) == before


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b"{}", b'{"events":{}}', b'{"events":[7]}', b'{"events":[{}]}',
    b'{"events":[],"events":[]}', b'{"type":7}', b'{"type":"PUSH_ARTIFACT"}',
    b'{"type":"PUSH_ARTIFACT","event_data":{"resources":[]}}', b"[" * 100000])
def test_what_is_no_notification_is_refused(daemon, body):
    assert send(daemon, body, **{"Content-Type": "application/json"}) == 400


@pytest.mark.parametrize("change", [
    {"repository": "../../etc"}, {"repository": "UPPER"}, {"repository": ""}, {"repository": 7},
    {"repository": "a//b"}, {"digest": "sha256:12"}, {"digest": "md5:" + "0" * 32},
    {"digest": 7}, {"digest": "", "tag": ""}, {"tag": "no tag"}, {"tag": "x" * 200}])
def test_an_event_with_a_bad_name_is_refused(daemon, change):
    event = distribution("registry.example", "app", "sha256:" + "0" * 64)
    event["events"][0]["target"] |= change
    assert send(daemon, event) == 400


@pytest.mark.parametrize("host", ["", "a b", "user@host", "host/path", "-x", "http://x"])
def test_a_registry_that_is_no_host_is_refused(daemon, host):
    event = distribution("registry.example", "app", "sha256:" + "0" * 64)
    assert send(daemon, event, "?registry=" + host.replace(" ", "%20")) == 400


def test_pulls_and_scans_are_ignored(daemon):
    pull = distribution("registry.example", "app", "sha256:" + "0" * 64, action="pull")
    scan = {"type": "SCANNING_COMPLETED", "event_data": {}}
    for body in (pull, scan):
        answer = daemon.ask("POST", "/v1/events", body, headers=HEADERS)
        assert answer.status == 202 and answer.json()["looks"] == 0


def test_a_child_of_a_pushed_index_is_known(daemon, api_registry, repo, tmp_path, key):
    index = images.index_of(tmp_path / "index")
    signer.sign(Client(api_registry.host).push(index, repo), key.private).ok()
    assert send(daemon, distribution(api_registry.host, repo, index.digest)) == 202
    looked_at(daemon, index.digest, "allow")
    child = index.layout.document(index.digest)["manifests"][0]["digest"]
    verdict = daemon.verify(f"{api_registry.host}/{repo}@{child}")[0]
    assert verdict["verdict"] == "allow" and verdict["index"] == index.digest
    assert verdict["digest"] == child
    assert json.dumps(index.digest) in daemon.ask(
        "GET", f"/v1/images/{child}", headers=HEADERS).body.decode()
