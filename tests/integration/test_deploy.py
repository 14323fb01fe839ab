# SPDX-License-Identifier: Apache-2.0
"""What we ship for clusters: the chart renders to the manifests, and neither can lock a cluster
out (specs/admission.md section 16)."""

import base64
import os
import re
import shutil
import subprocess

import pytest
import yaml

from lib import helm, manifests, paths
from lib.run import run

OURS = "notar-system"


def by_name(things) -> dict:
    return {(thing["kind"], thing["metadata"]["name"]): thing for thing in things}


def parsed_data(thing: dict) -> dict:
    """A ConfigMap's documents as documents: their spelling does not matter."""
    if thing["kind"] != "ConfigMap":
        return thing
    return {**thing, "data": {name: yaml.safe_load(text) for name, text in thing["data"].items()}}


@pytest.fixture(scope="module")
def chart(tmp_path_factory):
    return helm.objects(helm.template(tmp_path_factory.mktemp("chart")))


def both(chart) -> list[dict]:
    return chart + manifests.shipped()


def webhooks(things) -> list[dict]:
    return [hook for thing in things if "Webhook" in thing["kind"] for hook in thing["webhooks"]]


def pod_spec(things) -> dict:
    return next(t for t in things if t["kind"] == "Deployment")["spec"]["template"]["spec"]


def test_the_chart_renders_to_the_manifests(chart):
    plain = by_name(manifests.shipped())
    for extra in (("Namespace", OURS), ("ValidatingAdmissionPolicy", "notar-digests-only"),
                  ("ValidatingAdmissionPolicyBinding", "notar-digests-only")):
        plain.pop(extra)
    rendered = by_name(chart)
    assert set(rendered) == set(plain)
    for name, thing in rendered.items():
        assert parsed_data(thing) == parsed_data(plain[name]), name


def test_what_a_cluster_needs_to_start_is_never_covered(chart):
    hooks = webhooks(chart) + webhooks(manifests.shipped())
    assert len(hooks) == 4
    for hook in hooks:
        rule, = hook["namespaceSelector"]["matchExpressions"]
        # The label that the API server sets itself; no label of an object's owner.
        assert rule["key"] == "kubernetes.io/metadata.name" and rule["operator"] == "NotIn"
        assert {"kube-system", "kube-public", "kube-node-lease", OURS} <= set(rule["values"])
        assert "objectSelector" not in hook


def test_no_wildcards_no_side_effects_and_bounded_time(chart):
    for hook in webhooks(both(chart)):
        assert hook["sideEffects"] == "None" and hook["admissionReviewVersions"] == ["v1"]
        assert hook["matchPolicy"] == "Equivalent" and 1 <= hook["timeoutSeconds"] <= 30
        for rule in hook["rules"]:
            text = str(rule)
            assert "*" not in text and rule["scope"] == "Namespaced"
            assert rule["operations"] == ["CREATE", "UPDATE"]


def test_every_kind_that_holds_images_is_covered(chart):
    want = {"pods", "pods/ephemeralcontainers", "pods/resize", "podtemplates",
            "replicationcontrollers", "deployments", "replicasets", "statefulsets", "daemonsets",
            "jobs", "cronjobs"}
    for hook in webhooks(both(chart)):
        assert {r for rule in hook["rules"] for r in rule["resources"]} == want


def test_conditions_guard_what_may_be_absent(chart):
    for hook in webhooks(both(chart)):
        for condition in hook["matchConditions"]:
            text = condition["expression"]
            for used in re.findall(r"object\.metadata\.(\w+)", text):
                assert f"has(object.metadata.{used})" in text
            assert "object != null" in text


def test_the_gate_fails_closed_and_the_pin_open(chart):
    for things in (chart, manifests.shipped()):
        policies = {hook["name"]: hook["failurePolicy"] for hook in webhooks(things)}
        assert policies == {"validate.notar.dev": "Fail", "pin.notar.dev": "Ignore"}


def test_the_daemons_pod_has_no_privileges(chart):
    for things in (chart, manifests.shipped()):
        spec = pod_spec(things)
        container, = spec["containers"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        rights = container["securityContext"]
        assert rights["allowPrivilegeEscalation"] is False and rights["readOnlyRootFilesystem"]
        assert rights["capabilities"] == {"drop": ["ALL"]}
        assert not any(key in spec for key in ("hostNetwork", "hostPID", "hostIPC"))
        assert all("hostPath" not in volume for volume in spec["volumes"])


def test_replicas_are_apart_and_not_all_taken_at_once(chart):
    for things in (chart, manifests.shipped()):
        deployment = next(t for t in things if t["kind"] == "Deployment")
        assert deployment["spec"]["replicas"] >= 2
        assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        assert pod_spec(things)["affinity"]["podAntiAffinity"][
            "requiredDuringSchedulingIgnoredDuringExecution"]
        budget = next(t for t in things if t["kind"] == "PodDisruptionBudget")
        assert budget["spec"]["minAvailable"] == 1


def test_the_configuration_is_one_that_notard_takes(chart, tmp_path):
    for things in (chart, manifests.shipped()):
        data = next(t for t in things if t["kind"] == "ConfigMap")["data"]
        config = yaml.safe_load(data["notar.conf"])
        (tmp_path / "policy.json").write_text(data["policy.json"])
        config["policy"] = str(tmp_path / "policy.json")
        config.pop("tls")
        (tmp_path / "notar.conf").write_text(__import__("json").dumps(config))
        run((paths.program("notard"), "--config", tmp_path / "notar.conf", "--check-config")).ok()
        grace = pod_spec(things)["terminationGracePeriodSeconds"]
        assert grace > int(config["drain"][:-1]) + 30


@pytest.mark.parametrize("values", [
    {"replicas": 0}, {"validating": {"failurePolicy": "Maybe"}}, {"unknown": 1},
    {"validating": {"timeoutSeconds": 31}}, {"excludedNamespaces": ["*"]},
    {"policy": "none"}, {"image": {"repository": "", "tag": "x"}}])
def test_values_that_make_no_sense_are_refused(tmp_path, values):
    assert helm.template(tmp_path, values).code != 0


@pytest.mark.parametrize("namespace", ["default", "kube-public", "kube-node-lease"])
def test_a_namespace_that_is_not_its_own_is_refused(tmp_path, namespace):
    got = helm.template(tmp_path, namespace=namespace)
    assert got.code != 0 and "namespace of its own" in got.err


def test_another_namespace_is_excluded_and_named_everywhere(tmp_path):
    things = helm.objects(helm.template(tmp_path, {"excludedNamespaces": ["cni"]}, "security"))
    for hook in webhooks(things):
        values = hook["namespaceSelector"]["matchExpressions"][0]["values"]
        assert {"security", "cni", "kube-system"} <= set(values)
        assert hook["clientConfig"]["service"]["namespace"] == "security"
    assert all(t["metadata"].get("namespace", "security") == "security" for t in things)


def test_the_chart_can_make_its_certificate(tmp_path):
    things = helm.objects(helm.template(tmp_path, {"tls": {"existingSecret": ""}}))
    secret = next(t for t in things if t["kind"] == "Secret")
    assert secret["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    for name, data in secret["data"].items():
        (tmp_path / name).write_bytes(base64.b64decode(data))
    run(("openssl", "verify", "-CAfile", tmp_path / "ca.crt", "-verify_hostname",
         "notar.notar-system.svc", tmp_path / "tls.crt")).ok()
    for hook in webhooks(things):
        assert hook["clientConfig"]["caBundle"] == secret["data"]["ca.crt"]


# The container

def test_the_containers_last_stage_has_a_number_for_a_user_and_nothing_else():
    text = (paths.ROOT / "deploy" / "container" / "Containerfile").read_text()
    last = text[text.rindex("FROM "):]
    assert last.startswith("FROM scratch")
    assert re.search(r"^USER 65532:65532$", last, re.M) and "RUN" not in last
    assert re.search(r"^ENTRYPOINT \[", last, re.M)


@pytest.fixture
def root(tmp_path):
    """What the container file's script collects out of a real installation."""
    stage, made = tmp_path / "stage", tmp_path / "root"
    for name, place in (("notard", "usr/sbin/notard"), ("notar", "usr/bin/notar"),
                        ("notar-image-verifier",
                         "usr/lib/notar/image-verifier/00-notar-image-verifier")):
        (stage / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(paths.program(name), stage / place)
    run((paths.ROOT / "deploy" / "container" / "collect-root", stage, made)).ok()
    return made


def test_the_collected_root_runs_the_programs(root):
    if os.getuid() != 0:
        pytest.skip("needs root for chroot")
    for program in ("/usr/sbin/notard", "/usr/bin/notar",
                    "/usr/lib/notar/image-verifier/00-notar-image-verifier"):
        option = "-version" if "verifier" in program else "--version"
        got = subprocess.run(["chroot", "--userspec=65532:65532", str(root), program, option],
                             capture_output=True, timeout=20)
        assert got.returncode == 0, (program, got.stderr)
    assert not list(root.rglob("*sh")) and not (root / "bin").exists()
