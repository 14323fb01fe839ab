# SPDX-License-Identifier: Apache-2.0
"""A real kube-apiserver while trust, the certificate and the daemon itself change."""

import concurrent.futures
import copy
import threading

import pytest

from lib import daemon_files, kube, kube_shop, signer, tls
from lib.notard import notard
from lib.process import wait_until
from lib.workloads import pod, workload


@pytest.fixture
def shop(cluster, tmp_path, api_registry, repo, key):
    with kube_shop.shop(cluster, tmp_path, api_registry, repo, key) as made:
        yield made


def test_an_unsigned_workload_can_be_deleted_with_its_finalizers(cluster, shop):
    with_finalizer = workload("Deployment", f"{shop.name}:v1")
    with_finalizer["metadata"]["finalizers"] = ["notar.dev/test"]
    stored = cluster.made(with_finalizer)
    daemon_files.trust(shop.state, "revoke", one_key(shop)).ok()
    assert cluster.delete(stored).status == 200
    path = kube.path_of(stored, "default") + "/" + stored["metadata"]["name"]
    answer = cluster.ask("PATCH", path, {"metadata": {"finalizers": None}},
                         kind="application/merge-patch+json")
    assert answer.status == 200, answer


def one_key(shop) -> str:
    got = daemon_files.trust(shop.state, "list", "--json").ok().json()
    return next(o["id"] for o in signer.objects(got) if "id" in o)


def test_a_revoked_key_refuses_the_next_pod(cluster, shop):
    assert cluster.create(pod(f"{shop.name}:v1")).status == 201
    daemon_files.trust(shop.state, "revoke", one_key(shop)).ok()
    answer = cluster.create(pod(f"{shop.name}:v1"))
    assert answer.status == 403 and "revoked_key" in answer.message, answer


def test_the_certificate_is_renewed_while_a_thousand_pods_are_created(cluster, shop):
    stop, swaps = threading.Event(), []

    def swap():
        while not stop.wait(0.7):
            renewed = tls.server(shop.ca, shop.folder / f"renewed{len(swaps)}")
            for old, new in ((shop.certificate.cert, renewed.cert),
                             (shop.certificate.key, renewed.key)):
                new.replace(old)
            swaps.append(renewed)
    thread = threading.Thread(target=swap, daemon=True)
    thread.start()
    try:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            told = list(pool.map(lambda _: cluster.create(pod(f"{shop.name}:v1")).status,
                                 range(1000)))
    finally:
        stop.set()
        thread.join(20)
    assert told == [201] * 1000
    assert len(swaps) >= 2 and "certificate_renewed" in shop.daemon.log()


def test_the_daemon_is_killed_and_comes_back_and_nothing_slips_through(cluster, shop):
    """failurePolicy Fail: without an answer nothing starts; with one again, it does."""
    shop.daemon.kill()
    answer = cluster.create(pod(f"{shop.name}:v1"))
    assert answer.status == 500 and "failed calling webhook" in answer.message, answer
    assert cluster.create(pod(f"{shop.name}:bad")).status == 500
    port = int(shop.daemon.host.split(":")[1])
    config = copy.deepcopy(shop.config)
    config["listen"] = [f"127.0.0.1:{port}"]
    with notard(shop.folder.parent / "again", config, state=shop.state,
                tls_context=shop.context) as daemon:
        daemon.host = shop.daemon.host
        wait_until(lambda: cluster.create(pod(f"{shop.name}:v1")).status == 201, "admission")
        assert cluster.create(pod(f"{shop.name}:bad")).status == 403


def test_with_failure_policy_ignore_the_cluster_goes_on_without_the_daemon(cluster, shop):
    with kube_shop.registered(cluster, shop.daemon, shop.ca, failurePolicy="Ignore"):
        assert cluster.create(pod(f"{shop.name}:bad")).status == 403
        shop.daemon.kill()
        assert cluster.create(pod(f"{shop.name}:bad")).status == 201


