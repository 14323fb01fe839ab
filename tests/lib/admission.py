# SPDX-License-Identifier: Apache-2.0
"""Kubernetes AdmissionReviews as an API server sends them."""

import uuid


def pod(*images: str, name: str = "web", namespace: str = "shop", init=(), ephemeral=()) -> dict:
    def containers(stem, names):
        return [{"name": f"{stem}{n}", "image": image} for n, image in enumerate(names)]
    spec = {"containers": containers("c", images)}
    if init:
        spec["initContainers"] = containers("i", init)
    if ephemeral:
        spec["ephemeralContainers"] = containers("e", ephemeral)
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def review(thing: dict, *, operation: str = "CREATE", group: str = "", version: str = "v1",
           resource: str = "pods", old: dict | None = None, dry_run: bool = False) -> dict:
    namespace = thing["metadata"].get("namespace", "")
    kind = {"group": group, "version": version, "kind": thing["kind"]}
    where = {"group": group, "version": version, "resource": resource}
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": str(uuid.uuid4()), "kind": kind, "resource": where, "requestKind": kind,
        "requestResource": where, "name": thing["metadata"].get("name", ""),
        "namespace": namespace, "operation": operation, "dryRun": dry_run,
        "userInfo": {"username": "jane", "uid": "1", "groups": ["system:authenticated"]},
        "object": thing, "oldObject": old, "options": None}}


def pod_review(*images: str, **options) -> dict:
    return review(pod(*images, **options))


def response(answer, asked: dict) -> dict:
    """The answer's response; its form is checked on the way."""
    assert answer.status == 200, answer
    document = answer.json()
    assert document["apiVersion"] == "admission.k8s.io/v1" and document["kind"] == "AdmissionReview"
    assert document["response"]["uid"] == asked["request"]["uid"]
    assert isinstance(document["response"]["allowed"], bool)
    return document["response"]
