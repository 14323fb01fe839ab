# SPDX-License-Identifier: Apache-2.0
"""Our Kubernetes manifests as shipped, and what a cluster without a network must change."""

import base64
import copy

import yaml

from lib import paths

FOLDER = paths.ROOT / "deploy" / "kubernetes"


def shipped() -> list[dict]:
    """Every object of deploy/kubernetes."""
    return [thing for path in sorted(FOLDER.glob("*.yaml"))
            for thing in yaml.safe_load_all(path.read_text()) if thing
            and not thing["apiVersion"].startswith("kustomize")]


def webhooks(things: list[dict], daemon_port: int, ca_pem: bytes, **changes) -> list[dict]:
    """The webhook configurations, calling 127.0.0.1 for want of a Service; changes apply to each
    webhook (failurePolicy="Ignore")."""
    made = [copy.deepcopy(thing) for thing in things if "Webhook" in thing["kind"]]
    for thing in made:
        for hook in thing["webhooks"]:
            path = hook["clientConfig"]["service"]["path"]
            hook["clientConfig"] = {"url": f"https://127.0.0.1:{daemon_port}{path}",
                                    "caBundle": base64.b64encode(ca_pem).decode()}
            hook.update(changes)
    return made
