# SPDX-License-Identifier: Apache-2.0
"""/k8s/mutate pins what was verified, for every kind that holds images; /k8s/validate judges."""

import base64
import copy
import json
import time

import pytest

from lib import admission, daemon_files, images, signer
from lib.hostile import HostileRegistry, silence
from lib.notard import notard
from lib.process import wait_until
from lib.push import Client

SPEC = {"Pod": ("", "pods", ("spec",)),
        "PodTemplate": ("", "podtemplates", ("template", "spec")),
        "ReplicationController": ("", "replicationcontrollers", ("spec", "template", "spec")),
        "Deployment": ("apps", "deployments", ("spec", "template", "spec")),
        "ReplicaSet": ("apps", "replicasets", ("spec", "template", "spec")),
        "StatefulSet": ("apps", "statefulsets", ("spec", "template", "spec")),
        "DaemonSet": ("apps", "daemonsets", ("spec", "template", "spec")),
        "Job": ("batch", "jobs", ("spec", "template", "spec")),
        "CronJob": ("batch", "cronjobs", ("spec", "jobTemplate", "spec", "template", "spec"))}


def thing(kind: str, spec: dict) -> dict:
    made = {"kind": kind, "metadata": {"name": "web", "namespace": "shop"}}
    at = made
    for part in SPEC[kind][2][:-1]:
        at = at.setdefault(part, {})
    at[SPEC[kind][2][-1]] = spec
    return made


def review_of(kind: str, spec: dict, **options) -> dict:
    group, resource, _ = SPEC[kind]
    return admission.review(thing(kind, spec), group=group, resource=resource, **options)


def everywhere(image: str) -> dict:
    """An image in every place that a PodSpec can name one."""
    return {"containers": [{"name": "c", "image": image}],
            "initContainers": [{"name": "i", "image": image}],
            "ephemeralContainers": [{"name": "e", "image": image}],
            "volumes": [{"name": "none", "emptyDir": {}},
                        {"name": "v", "image": {"reference": image}}]}


def apply(document: dict, operations: list) -> dict:
    """RFC 6902, as far as the webhook uses it."""
    document = copy.deepcopy(document)
    for operation in operations:
        assert operation["op"] == "replace", operation
        *path, last = operation["path"].lstrip("/").split("/")
        at = document
        for part in path:
            at = at[int(part)] if isinstance(at, list) else at[part]
        at = at if not isinstance(at, list) else at
        key = int(last) if isinstance(at, list) else last
        assert key in at or isinstance(at, list)
        at[key] = operation["value"]
    return document


def mutate(daemon, review: dict) -> tuple[dict, list]:
    got = admission.response(daemon.ask("POST", "/k8s/mutate", review), review)
    assert got["allowed"] is True
    assert ("patch" in got) == ("patchType" in got)
    if "patch" not in got:
        return got, []
    assert got["patchType"] == "JSONPatch"
    operations = json.loads(base64.b64decode(got["patch"], validate=True))
    assert operations
    return got, operations


@pytest.fixture
def shop(tmp_path, api_registry, repo, tiny, key):
    client = Client(api_registry.host)
    signer.sign(client.push(tiny, repo), key.private).ok()
    other = images.tiny(tmp_path / "other", tag="bad", text="unsigned\n")
    client.push(other, repo)
    policy = daemon_files.policy(tmp_path / "policy.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    with notard(tmp_path / "n", daemon_files.config(policy, negative_ttl="0s")) as daemon:
        yield daemon, f"{api_registry.host}/{repo}", tiny, client


@pytest.mark.parametrize("kind", SPEC)
def test_every_place_of_every_kind_is_pinned_and_the_second_time_nothing(shop, kind):
    daemon, name, tiny, _ = shop
    review = review_of(kind, everywhere(f"{name}:v1"))
    _, operations = mutate(daemon, review)
    pinned = apply(review["request"]["object"], operations)
    want = thing(kind, everywhere(f"{name}:v1@{tiny.digest}"))
    assert pinned == want
    review["request"]["object"] = pinned
    assert mutate(daemon, review)[1] == []
    assert admission.response(daemon.ask("POST", "/k8s/validate", review), review)["allowed"]


@pytest.mark.parametrize("kind", SPEC)
def test_every_place_of_every_kind_is_judged(shop, kind):
    daemon, name, _, _ = shop
    for place in ("containers", "initContainers", "ephemeralContainers", "volumes"):
        spec = everywhere(f"{name}:v1")
        spec[place] = everywhere(f"{name}:bad")[place]
        review = review_of(kind, spec)
        got = admission.response(daemon.ask("POST", "/k8s/validate", review), review)
        assert got["allowed"] is False and got["status"]["code"] == 403
        assert f"{name}:bad" in got["status"]["message"] and "unsigned" in got["status"]["message"]
        assert "patch" not in got and "patchType" not in got


def test_what_is_not_verified_is_left_as_it_is_and_warned_of(shop):
    daemon, name, tiny, _ = shop
    review = admission.pod_review(f"{name}:v1", f"{name}:bad", f"{name}:nothing")
    got, operations = mutate(daemon, review)
    assert operations == [{"op": "replace", "path": "/spec/containers/0/image",
                           "value": f"{name}:v1@{tiny.digest}"}]
    assert len(got["warnings"]) == 2
    assert all(w.isprintable() and len(w) <= 256 for w in got["warnings"])


def test_a_tag_that_moves_between_mutate_and_validate_is_not_pinned_unverified(shop, tmp_path):
    """GHSA-2r43-6962-xcw5: the tag is resolved once, and what was verified is what is pinned."""
    daemon, name, tiny, client = shop
    _, operations = mutate(daemon, admission.pod_review(f"{name}:v1"))
    evil = images.tiny(tmp_path / "evil", text="evil\n")
    client.push(evil, name.split("/", 1)[1])
    assert operations[0]["value"].endswith(tiny.digest)
    again = admission.pod_review(f"{name}:v1")
    assert mutate(daemon, again)[1] == []
    assert admission.response(daemon.ask("POST", "/k8s/validate", again), again)["allowed"] is False
    pinned = admission.pod_review(operations[0]["value"])
    assert admission.response(daemon.ask("POST", "/k8s/validate", pinned), pinned)["allowed"]


@pytest.mark.parametrize("image, pinned", [
    ("{name}", "{name}:latest@{digest}"), ("{name}:latest", "{name}:latest@{digest}")])
def test_the_pin_names_the_tag_that_was_meant(shop, image, pinned):
    daemon, name, tiny, client = shop
    client.push(tiny, name.split("/", 1)[1], tag="latest")
    _, operations = mutate(daemon, admission.pod_review(image.format(name=name)))
    assert operations[0]["value"] == pinned.format(name=name, digest=tiny.digest)


def test_an_update_pins_what_is_new_and_never_what_was_there(shop):
    """Ephemeral containers of a running Pod may not be changed by anybody."""
    daemon, name, tiny, _ = shop
    old = admission.pod(f"{name}:v1", ephemeral=(f"{name}:v1",))
    new = admission.pod(f"{name}:v1", ephemeral=(f"{name}:v1", f"{name}:v1"))
    review = admission.review(new, operation="UPDATE", old=old)
    review["request"]["subResource"] = "ephemeralcontainers"
    _, operations = mutate(daemon, review)
    assert [o["path"] for o in operations] == ["/spec/ephemeralContainers/1/image"]


def test_an_ephemeral_container_that_is_added_is_judged(shop):
    daemon, name, _, _ = shop
    old = admission.pod(f"{name}:v1")
    new = admission.pod(f"{name}:v1", ephemeral=(f"{name}:bad",))
    review = admission.review(new, operation="UPDATE", old=old)
    review["request"]["subResource"] = "ephemeralcontainers"
    got = admission.response(daemon.ask("POST", "/k8s/validate", review), review)
    assert got["allowed"] is False and f"{name}:bad" in got["status"]["message"]


def test_a_resize_that_changes_no_image_passes_and_one_that_does_is_judged(shop):
    daemon, name, _, _ = shop
    old = admission.pod(f"{name}:bad")
    review = admission.review(copy.deepcopy(old), operation="UPDATE", old=old)
    review["request"]["subResource"] = "resize"
    assert admission.response(daemon.ask("POST", "/k8s/validate", review), review)["allowed"]
    review["request"]["object"] = admission.pod(f"{name}:bad2")
    assert not admission.response(daemon.ask("POST", "/k8s/validate", review), review)["allowed"]


def test_a_dying_object_can_go_even_where_updates_are_judged_again(tmp_path, shop, key):
    _, name, _, _ = shop
    policy = daemon_files.policy(tmp_path / "p2.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    with notard(tmp_path / "n2", daemon_files.config(policy, recheck_unchanged=True)) as daemon:
        old = admission.pod(f"{name}:bad")
        review = admission.review(copy.deepcopy(old), operation="UPDATE", old=old)
        def allowed():
            return admission.response(daemon.ask("POST", "/k8s/validate", review), review)["allowed"]
        assert not allowed()
        review["request"]["object"]["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        assert allowed()
        review["request"]["object"]["spec"]["containers"][0]["image"] = f"{name}:bad2"
        assert not allowed()


def test_pinning_can_be_kept_to_pods_and_can_drop_the_tag(tmp_path, shop, key):
    _, name, tiny, _ = shop
    policy = daemon_files.policy(tmp_path / "p2.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    config = daemon_files.config(policy, pin="pods", pin_style="digest-only")
    with notard(tmp_path / "n2", config) as daemon:
        assert mutate(daemon, review_of("Deployment", everywhere(f"{name}:v1")))[1] == []
        _, operations = mutate(daemon, admission.pod_review(f"{name}:v1"))
        assert operations[0]["value"] == f"{name}@{tiny.digest}"


def test_an_exempt_image_is_not_even_looked_up(tmp_path, key):
    """sigstore/policy-controller #1863: skipped images were resolved, and timed out."""
    policy = daemon_files.policy(tmp_path / "p.json", {"scope": "*", "require": "none"})
    with HostileRegistry() as registry, \
         notard(tmp_path / "n", daemon_files.config(policy)) as daemon:
        registry.on("any", silence())
        _, operations = mutate(daemon, admission.pod_review(f"{registry.host}/app:v1"))
        assert operations == []


def test_a_dry_run_gets_the_same_answer_and_leaves_no_trace(shop):
    daemon, name, _, _ = shop
    real = admission.pod_review(f"{name}:bad")
    dry = admission.review(admission.pod(f"{name}:bad"), dry_run=True)
    for path in ("/k8s/validate", "/k8s/mutate"):
        first = admission.response(daemon.ask("POST", path, real), real)
        before = daemon.metrics()
        second = admission.response(daemon.ask("POST", path, dry), dry)
        after = daemon.metrics()
        assert {k: v for k, v in first.items() if k != "uid"} == \
            {k: v for k, v in second.items() if k != "uid"}
        counters = [m for m in after if m.startswith(("notard_admission_requests_total",
                                                      "notard_verdicts_total"))]
        assert counters and all(before[m] == after[m] for m in counters)


def test_an_answer_names_image_digest_rule_and_reason_and_annotates(shop):
    daemon, name, tiny, _ = shop
    review = admission.pod_review(f"{name}:bad")
    got = admission.response(daemon.ask("POST", "/k8s/validate", review), review)
    message = got["status"]["message"]
    assert f"{name}:bad@sha256:" in message and "unsigned" in message and "[rule *]" in message
    assert got["auditAnnotations"]["verdict"] == "deny"
    assert all(isinstance(v, str) for v in got["auditAnnotations"].values())


def delayed(seconds: float):
    """The honest answer, late."""
    def behave(registry, request, honest):
        registry.pause(seconds)
        return honest
    return behave


@pytest.mark.parametrize("timeout", ["1s", "2s", "500ms"])
def test_in_time_with_what_is_open_named_and_finished_for_the_retry(tmp_path, tiny, key, timeout):
    """The registry is too slow for the first question; the second finds the work done."""
    seconds = float(timeout[:-1]) if timeout[-2].isdigit() else float(timeout[:-2]) / 1000
    signer.sign(tiny.ref, key.private).ok()
    policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    with HostileRegistry() as registry:
        registry.store.load(tiny.layout, "app")
        registry.on("any", delayed(0.8 * seconds))
        with notard(tmp_path / "n", daemon_files.config(policy)) as daemon:
            asked = admission.pod_review(f"{registry.host}/app@{tiny.digest}")
            begin = time.monotonic()
            told = admission.response(
                daemon.ask("POST", f"/k8s/validate?timeout={timeout}", asked), asked)
            assert time.monotonic() - begin < seconds
            assert told["allowed"] is False and told["status"]["code"] == 503
            assert tiny.digest in told["status"]["message"]
            assert "deadline" in told["status"]["message"]
            requests = len(registry.requests) if hasattr(registry, "requests") else None
            wait_until(lambda: allowed(daemon, asked, timeout), "the retry", limit_s=20)
            assert requests is None or requests <= len(registry.requests)


def allowed(daemon, asked, timeout) -> bool:
    answer = daemon.ask("POST", f"/k8s/validate?timeout={timeout}", asked)
    return admission.response(answer, asked)["allowed"]


@pytest.mark.parametrize("timeout", ["0s", "-1s", "10", "s", "1h", "301s", "1e1s", "10s&timeout=1s"])
def test_a_timeout_that_is_none_is_refused(shop, timeout):
    daemon, name, _, _ = shop
    review = admission.pod_review(f"{name}:v1")
    assert daemon.ask("POST", f"/k8s/validate?timeout={timeout}", review).status == 400


@pytest.mark.parametrize("path", ["/k8s/validate", "/k8s/mutate"])
@pytest.mark.parametrize("change", [
    {"apiVersion": "admission.k8s.io/v1beta1"}, {"kind": "Other"}, {"request": None},
    {"request": {"uid": ""}}, {"request": []}])
def test_what_is_no_review_is_refused(shop, path, change):
    daemon, name, _, _ = shop
    review = {**admission.pod_review(f"{name}:v1"), **change}
    assert daemon.ask("POST", path, review).status == 400


def test_the_same_image_thirty_times_is_one_question(shop):
    daemon, name, tiny, _ = shop
    review = admission.pod_review(*[f"{name}:v1"] * 30)
    _, operations = mutate(daemon, review)
    assert len(operations) == 30
    got = admission.response(daemon.ask("POST", "/k8s/validate", review), review)
    assert got["auditAnnotations"]["images"] == "1"
