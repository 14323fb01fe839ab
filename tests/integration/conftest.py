# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the integration tests. A registry lives as long as the run and is told apart by
repository names; what needs one of its own starts it through lib.servers."""

import itertools
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lib import images, keys, kube, servers, tls  # noqa: E402
from lib.hostile import HostileRegistry  # noqa: E402
from lib.push import Client  # noqa: E402

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def api_registry(tmp_path_factory):
    """go-containerregistry's registry: has the referrers API."""
    with servers.go_registry(tmp_path_factory.mktemp("api-registry")) as registry:
        yield registry


@pytest.fixture(scope="session")
def tag_registry(tmp_path_factory):
    """Debian's docker-registry: has not."""
    with servers.debian_registry(tmp_path_factory.mktemp("tag-registry")) as registry:
        yield registry


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A real kube-apiserver with etcd; nothing runs in it."""
    with kube.cluster(tmp_path_factory.mktemp("kube")) as made:
        yield made


@pytest.fixture(params=["referrers-api", "tag-fallback"])
def registry(request):
    """Each of the two, in turn."""
    name = {"referrers-api": "api_registry", "tag-fallback": "tag_registry"}[request.param]
    return request.getfixturevalue(name)


@pytest.fixture
def repo():
    """A repository name nobody else uses."""
    return f"team/app{next(_NUMBERS)}"


@pytest.fixture
def hostile():
    with HostileRegistry() as registry:
        yield registry


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """(CA, its certificate for 127.0.0.1 and localhost)"""
    folder = tmp_path_factory.mktemp("tls")
    ca = tls.authority(folder)
    return ca, tls.server(ca, folder)


@pytest.fixture
def tiny(tmp_path):
    return images.tiny(tmp_path / "image")


@pytest.fixture(scope="session")
def debian_image(tmp_path_factory):
    """A real Debian root. Shared: do not change its layout."""
    return images.debian(tmp_path_factory.mktemp("debian") / "image")


@pytest.fixture(scope="session")
def key_pairs(tmp_path_factory):
    """A function: the run's key pair of a kind (lib.keys.KINDS), made at first use."""
    folder, made = tmp_path_factory.mktemp("keys"), {}

    def get(kind: str = "P-256", number: int = 1) -> keys.Pair:
        if (kind, number) not in made:
            made[kind, number] = keys.pair(folder, kind, f"{kind}-{number}")
        return made[kind, number]
    return get


@pytest.fixture
def key(key_pairs):
    """The P-256 pair most tests sign with."""
    return key_pairs()


@pytest.fixture
def stranger(key_pairs):
    """A P-256 pair that signed nothing."""
    return key_pairs(number=2)


@pytest.fixture
def pushed(registry, repo, tiny):
    """The tiny image in a registry: (client, registry/repo@digest)."""
    client = Client(registry.host)
    return client, client.push(tiny, repo)


def pytest_collection_modifyitems(config, items):
    """Tests written ahead of what they test, by pending.txt: left out, and counted aloud."""
    lines = (Path(__file__).parent / "pending.txt").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    waiting = [item for item in items
               if item.nodeid.split("integration/")[-1].startswith(tuple(patterns))]
    items[:] = [item for item in items if item not in set(waiting)]
    config.hook.pytest_deselected(items=waiting)
    print(f"\n{len(waiting)} tests are written ahead of what they test (pending.txt)")
