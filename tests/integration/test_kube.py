# SPDX-License-Identifier: Apache-2.0
"""A real kube-apiserver and etcd call our webhooks, registered as we ship them."""

import time

import pytest

from lib import helm, kube, kube_shop, manifests
from lib.hostile import HostileRegistry, silence
from lib.workloads import images_of, pod, workload

KINDS = ("Pod", "PodTemplate", "ReplicationController", "Deployment", "ReplicaSet", "StatefulSet",
         "DaemonSet", "Job", "CronJob")


@pytest.fixture(scope="module")
def shop(cluster, tmp_path_factory, api_registry, key_pairs):
    with kube_shop.shop(cluster, tmp_path_factory.mktemp("shop"), api_registry, "kube/app",
                        key_pairs()) as made:
        yield made


@pytest.mark.parametrize("kind", KINDS)
def test_unsigned_is_refused_and_the_client_sees_why(cluster, shop, kind):
    answer = cluster.create(workload(kind, f"{shop.name}:v1", f"{shop.name}:bad"))
    assert answer.status == 403, answer
    assert "validate.notar.dev" in answer.message and "denied the request" in answer.message
    assert f"{shop.name}:bad" in answer.message and "unsigned" in answer.message


@pytest.mark.parametrize("kind", KINDS)
def test_signed_is_admitted_and_its_tag_is_pinned(cluster, shop, kind):
    stored = cluster.made(workload(kind, f"{shop.name}:v1"))
    assert images_of(stored) == [f"{shop.name}:v1@{shop.digest}"]


def test_every_kind_of_container_and_image_volumes(cluster, shop):
    good, bad = f"{shop.name}:v1", f"{shop.name}:bad"
    spec = {"initContainers": [{"name": "i", "image": good}],
            "volumes": [{"name": "v", "image": {"reference": good}}]}
    stored = cluster.made(pod(good, **spec))
    assert images_of(stored) == [f"{good}@{shop.digest}"] * 3
    for place, value in (("initContainers", [{"name": "i", "image": bad}]),
                         ("volumes", [{"name": "v", "image": {"reference": bad}}])):
        answer = cluster.create(pod(good, **{**spec, place: value}))
        assert answer.status == 403 and bad in answer.message, place


def test_ephemeral_containers(cluster, shop):
    stored = cluster.made(pod(f"{shop.name}:v1"))
    path = kube.path_of(stored, "default") + f"/{stored['metadata']['name']}/ephemeralcontainers"

    def debug(image: str, name: str):
        body = {"spec": {"ephemeralContainers": [{"name": name, "image": image,
                                                  "terminationMessagePolicy": "File"}]}}
        return cluster.ask("PATCH", path, body, kind="application/strategic-merge-patch+json")
    refused = debug(f"{shop.name}:bad", "d0")
    assert refused.status == 403 and f"{shop.name}:bad" in refused.message
    taken = debug(f"{shop.name}:v1", "d1")
    assert taken.status == 200, taken
    assert images_of(taken.body["spec"]["ephemeralContainers"]) == [f"{shop.name}:v1@{shop.digest}"]
    # A second one leaves the first as it is: the server refuses any change of it.
    assert debug(f"{shop.name}:v1", "d2").status == 200


def test_an_update_to_an_unsigned_image_is_refused_and_a_label_is_not(cluster, shop):
    stored = cluster.made(workload("Deployment", f"{shop.name}:v1"))
    path = kube.path_of(stored, "default") + "/" + stored["metadata"]["name"]
    def patch(body):
        return cluster.ask("PATCH", path, body, kind="application/strategic-merge-patch+json")
    spec = {"spec": {"template": {"spec": {"containers": [
        {"name": "c0", "image": f"{shop.name}:bad"}]}}}}
    assert patch(spec).status == 403
    assert patch({"metadata": {"labels": {"a": "b"}}}).status == 200
    assert patch({"spec": {"replicas": 0}}).status == 200


def test_dry_run_is_answered_like_the_real_thing_and_counted_nowhere(cluster, shop):
    before = shop.daemon.metrics()
    answer = cluster.create(pod(f"{shop.name}:bad"), query="?dryRun=All")
    assert answer.status == 403
    stored = cluster.create(pod(f"{shop.name}:v1"), query="?dryRun=All")
    assert stored.status == 201 and images_of(stored.body) == [f"{shop.name}:v1@{shop.digest}"]
    after = shop.daemon.metrics()
    counted = [m for m in after if m.startswith("notard_verdicts_total")]
    assert counted and all(before[m] == after[m] for m in counted)


def test_an_unreachable_registry_is_told_as_that(cluster, shop):
    answer = cluster.create(pod("127.0.0.1:1/app:v1"))
    assert answer.status == 503 and "registry_unreachable" in answer.message, answer


def test_what_stays_unpinned_is_warned_of(cluster, shop):
    answer = cluster.create(pod(f"{shop.name}:bad"))
    assert answer.status == 403 and any("not pinned" in w for w in answer.warnings), answer


def test_excluded_namespaces_are_not_asked_about(cluster, shop):
    for name in ("kube-system", "notar-system"):
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        assert cluster.create(space, namespace=None).status in (201, 409)
        answer = cluster.create(pod(f"{shop.name}:bad"), namespace=name)
        assert answer.status == 201, answer


def test_a_label_does_not_let_anybody_past(cluster, shop):
    thing = pod(f"{shop.name}:bad")
    thing["metadata"]["labels"] = {"app.kubernetes.io/name": "notar", "notar.dev/ignore": "true",
                                   "kubernetes.io/metadata.name": "kube-system"}
    thing["metadata"]["annotations"] = {"notar.dev/verified": "true"}
    assert cluster.create(thing).status == 403


def test_a_slow_registry_is_answered_for_before_the_api_server_gives_up(cluster, shop):
    with HostileRegistry() as registry:
        registry.on("any", silence())
        begin = time.monotonic()
        answer = cluster.create(pod(f"{registry.host}/app@sha256:" + "0" * 64))
        assert answer.status == 503 and "deadline" in answer.message, answer
        assert time.monotonic() - begin < 16


def test_every_shipped_manifest_is_accepted_by_the_api_server(cluster):
    cluster.create({"apiVersion": "v1", "kind": "Namespace",
                    "metadata": {"name": "notar-system"}}, namespace=None)
    for thing in manifests.shipped():
        answer = cluster.create(thing, namespace=thing["metadata"].get("namespace"),
                                query="?dryRun=All&fieldValidation=Strict")
        assert answer.status in (201, 409), (thing["kind"], answer)


def test_every_object_of_the_chart_is_accepted_by_the_api_server(cluster, tmp_path):
    cluster.create({"apiVersion": "v1", "kind": "Namespace",
                    "metadata": {"name": "notar-system"}}, namespace=None)
    for thing in helm.objects(helm.template(tmp_path, {"tls": {"existingSecret": ""}})):
        if "Webhook" in thing["kind"]:  # ours are registered already, under that name
            thing["metadata"]["name"] = "notar-chart"
        answer = cluster.create(thing, namespace=thing["metadata"].get("namespace"),
                                query="?dryRun=All&fieldValidation=Strict")
        assert answer.status in (201, 409), (thing["kind"], answer)
