# SPDX-License-Identifier: Apache-2.0
"""Objects of every kind that names images, as people write them."""

import itertools

_NUMBERS = itertools.count(1)


def number() -> int:
    return next(_NUMBERS)


def pod(*images: str, **spec) -> dict:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"pod{number()}"},
            "spec": {"containers": [{"name": f"c{n}", "image": image}
                                    for n, image in enumerate(images)], **spec}}


def template(*images: str, restart: str = "Always") -> dict:
    return {"metadata": {"labels": {"app": "x"}},
            "spec": {**pod(*images)["spec"], "restartPolicy": restart}}


def workload(kind: str, *images: str) -> dict:
    name, selector = {"name": f"{kind.lower()}{number()}"}, {"matchLabels": {"app": "x"}}
    specs = {
        "Deployment": ("apps/v1", {"selector": selector, "template": template(*images)}),
        "ReplicaSet": ("apps/v1", {"selector": selector, "template": template(*images)}),
        "DaemonSet": ("apps/v1", {"selector": selector, "template": template(*images)}),
        "StatefulSet": ("apps/v1", {"selector": selector, "serviceName": "x",
                                    "template": template(*images)}),
        "Job": ("batch/v1", {"template": template(*images, restart="Never")}),
        "CronJob": ("batch/v1", {"schedule": "* * * * *", "jobTemplate": {
            "spec": {"template": template(*images, restart="Never")}}}),
        "ReplicationController": ("v1", {"selector": {"app": "x"}, "template": template(*images)}),
    }
    if kind == "Pod":
        return pod(*images)
    if kind == "PodTemplate":
        return {"apiVersion": "v1", "kind": kind, "metadata": name, "template": template(*images)}
    version, spec = specs[kind]
    return {"apiVersion": version, "kind": kind, "metadata": name, "spec": spec}


def images_of(thing: dict) -> list[str]:
    """Every "image" member of a stored object."""
    found = []
    if isinstance(thing, dict):
        for name, value in thing.items():
            if name == "image" and isinstance(value, str):
                found.append(value)
            elif name == "reference" and isinstance(value, str):
                found.append(value)
            elif name != "managedFields":
                found += images_of(value)
    elif isinstance(thing, list):
        for value in thing:
            found += images_of(value)
    return found


KINDS = ("Pod", "PodTemplate", "ReplicationController", "Deployment", "ReplicaSet", "StatefulSet",
         "DaemonSet", "Job", "CronJob")
