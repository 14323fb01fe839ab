# SPDX-License-Identifier: Apache-2.0
"""A daemon behind the API server, our webhooks registered as shipped, and images to admit."""

import contextlib
import ssl

from lib import daemon_files, images, manifests, signer, tls
from lib.notard import notard
from lib.process import wait_until
from lib.push import Client
from lib.workloads import pod


class registered:
    """The shipped webhook configurations, for as long as the block lasts."""

    def __init__(self, cluster, daemon, ca, **changes):
        port = int(daemon.host.split(":")[1])
        self.cluster = cluster
        self.things = manifests.webhooks(manifests.shipped(), port, ca.cert.read_bytes(), **changes)

    def __enter__(self):
        for thing in self.things:
            self.cluster.delete(thing)
            self.cluster.made(thing)
        # The API server takes a moment to take them up.
        wait_until(self._in_force, "the webhooks to be called", limit_s=20)

    def _in_force(self) -> bool:
        probe = pod("127.0.0.1:1/nobody/knows@sha256:" + "0" * 64)
        return "notar.dev" in self.cluster.create(probe, query="?dryRun=All").message

    def __exit__(self, *_):
        for thing in self.things:
            self.cluster.delete(thing)


class Shop:
    """name: a repository with a signed image "v1" and an unsigned one "bad"."""


@contextlib.contextmanager
def shop(cluster, folder, registry, repository, key):
    made = Shop()
    made.ca = tls.authority(folder / "tls")
    made.certificate = tls.server(made.ca, folder / "tls")
    client, good = Client(registry.host), images.tiny(folder / "good")
    signer.sign(client.push(good, repository), key.private).ok()
    client.push(images.tiny(folder / "bad", tag="bad", text="unsigned\n"), repository)
    made.name, made.digest = f"{registry.host}/{repository}", good.digest
    made.state = folder / "state"
    made.state.mkdir()
    daemon_files.trust(made.state, "add", key.public, "--signer", "release").ok()
    policy = daemon_files.policy(folder / "p.json", daemon_files.rule("*", "release"))
    made.context = ssl.create_default_context(cafile=str(made.ca.cert))
    made.config = daemon_files.config(policy, negative_ttl="0s", tls={
        "certificate": str(made.certificate.cert), "key": str(made.certificate.key)})
    made.folder = folder / "n"
    with notard(made.folder, made.config, state=made.state, tls_context=made.context) as daemon:
        made.daemon = daemon
        with registered(cluster, daemon, made.ca):
            yield made
