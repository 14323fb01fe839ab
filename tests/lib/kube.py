# SPDX-License-Identifier: Apache-2.0
"""A real kube-apiserver with its etcd, on loopback, and a small client for it."""

import contextlib
import http.client
import json
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lib import peers
from lib.process import free_port, running, wait_until

TOKEN = "test-admin-token"


@dataclass
class Answer:
    status: int
    body: dict
    warnings: list[str]

    @property
    def message(self) -> str:
        return self.body.get("message", "")


class Cluster:
    """Asks the API server, as a cluster administrator."""

    def __init__(self, port: int, ca: Path):
        self.port = port
        self._context = ssl.create_default_context()
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE
        self._link: http.client.HTTPSConnection | None = None

    def ask(self, method: str, path: str, body=None, *, kind: str = "application/json",
            timeout: float = 60) -> Answer:
        link = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout,
                                           context=self._context)
        with contextlib.closing(link):
            link.request(method, path, None if body is None else json.dumps(body),
                         {"Authorization": f"Bearer {TOKEN}", "Content-Type": kind,
                          "Accept": "application/json"})
            got = link.getresponse()
            text = got.read()
            warnings = [value.split('"')[1] for name, value in got.getheaders()
                        if name.lower() == "warning"]
            return Answer(got.status, json.loads(text) if text[:1] == b"{" else
                          {"message": text.decode(errors="replace")}, warnings)

    def ready(self) -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("GET", "/readyz", timeout=5).status == 200
        return False

    def create(self, thing: dict, *, namespace: str | None = "default", query: str = "") -> Answer:
        return self.ask("POST", path_of(thing, namespace) + query, thing)

    def made(self, thing: dict, **options) -> dict:
        answer = self.create(thing, **options)
        assert answer.status == 201, answer
        return answer.body

    def delete(self, thing: dict, *, namespace: str | None = "default") -> Answer:
        return self.ask("DELETE", path_of(thing, namespace) + "/" + thing["metadata"]["name"])


PLURALS = {"Pod": "pods", "PodTemplate": "podtemplates", "Namespace": "namespaces",
           "ReplicationController": "replicationcontrollers", "Deployment": "deployments",
           "ReplicaSet": "replicasets", "StatefulSet": "statefulsets", "DaemonSet": "daemonsets",
           "Job": "jobs", "CronJob": "cronjobs", "Service": "services", "Secret": "secrets",
           "ConfigMap": "configmaps", "ServiceAccount": "serviceaccounts",
           "NetworkPolicy": "networkpolicies", "PodDisruptionBudget": "poddisruptionbudgets",
           "ValidatingWebhookConfiguration": "validatingwebhookconfigurations",
           "MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
           "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
           "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings"}
CLUSTER_WIDE = {"Namespace", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration",
                "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}


def path_of(thing: dict, namespace: str | None) -> str:
    version, kind = thing["apiVersion"], thing["kind"]
    root = f"/api/{version}" if "/" not in version else f"/apis/{version}"
    place = "" if kind in CLUSTER_WIDE else f"/namespaces/{namespace}"
    return f"{root}{place}/{PLURALS[kind]}"


def _keys(folder: Path) -> Path:
    key = folder / "service-account.key"
    subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, timeout=60,
                   capture_output=True)
    return key


@contextlib.contextmanager
def cluster(folder: Path):
    """Ready to be asked; the default namespace is there. Nothing runs in it: no kubelet."""
    folder.mkdir(parents=True, exist_ok=True)
    client, peer, port = free_port(), free_port(), free_port()
    tokens = folder / "tokens.csv"
    tokens.write_text(f'{TOKEN},admin,admin,"system:masters"\n')
    key = _keys(folder)
    etcd = [peers.need("etcd"), "--data-dir", folder / "etcd", "--unsafe-no-fsync",
            "--listen-client-urls", f"http://127.0.0.1:{client}",
            "--advertise-client-urls", f"http://127.0.0.1:{client}",
            "--listen-peer-urls", f"http://127.0.0.1:{peer}", "--log-level", "error"]
    server = [peers.need("kube-apiserver"), f"--etcd-servers=http://127.0.0.1:{client}",
              f"--cert-dir={folder}/certs", f"--secure-port={port}", "--bind-address=127.0.0.1",
              "--service-account-issuer=https://kubernetes.default.svc",
              f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
              f"--token-auth-file={tokens}", "--authorization-mode=RBAC",
              "--disable-admission-plugins=ServiceAccount",
              "--service-cluster-ip-range=10.0.0.0/24", "--feature-gates=ImageVolume=true"]
    with running(etcd, folder / "etcd.log") as first:
        with running(server, folder / "apiserver.log") as second:
            made = Cluster(port, folder / "certs" / "apiserver.crt")
            wait_until(made.ready, "kube-apiserver", second, folder / "apiserver.log", limit_s=90)
            wait_until(lambda: made.ask("GET", "/api/v1/namespaces/default").status == 200,
                       "the default namespace", second, folder / "apiserver.log", limit_s=60)
            assert first.poll() is None
            yield made
