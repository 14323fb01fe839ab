# SPDX-License-Identifier: Apache-2.0
"""Images to sign: tiny ones, an index, and a real Debian root."""

import lzma
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from lib import oci, paths, peers
from lib.run import run, skopeo

_ARCHITECTURES = ("amd64", "arm64", "ppc64le", "s390x", "riscv64", "386", "arm", "mips64le")


@dataclass(frozen=True)
class Image:
    layout: oci.Layout
    tag: str
    digest: str

    @property
    def ref(self) -> str:
        return f"oci:{self.layout.folder}:{self.tag}"

    @property
    def by_digest(self) -> str:
        return f"oci:{self.layout.folder}@{self.digest}"


def tiny(folder: Path, tag: str = "v1", text: str = "hello\n") -> Image:
    """One manifest, one layer of one file; different text, different digest."""
    layout = oci.Layout(folder)
    manifest = oci.image_manifest(layout, oci.tar_of({"hello.txt": text.encode()}))
    return Image(layout, tag, layout.add(oci.MANIFEST, manifest, tag)["digest"])


def index_of(folder: Path, children: int = 2, tag: str = "multi") -> Image:
    """An index of that many tiny children, each for another platform."""
    layout, entries = oci.Layout(folder), []
    for number in range(children):
        architecture = _ARCHITECTURES[number % len(_ARCHITECTURES)]
        tar = oci.tar_of({"hello.txt": f"child {number}\n".encode()})
        manifest = oci.image_manifest(layout, tar, architecture)
        layout.write(manifest)
        platform = {"os": "linux", "architecture": architecture}
        if number >= len(_ARCHITECTURES):
            platform["variant"] = f"v{number}"
        entries.append(oci.descriptor(oci.MANIFEST, manifest, platform=platform))
    index = oci.dump({"schemaVersion": 2, "mediaType": oci.INDEX, "manifests": entries})
    return Image(layout, tag, layout.add(oci.INDEX, index, tag)["digest"])


def _make_debian_root(target: Path) -> None:
    """A root file system of Debian 12 packages, as a tar: the least that is still Debian."""
    # The machine's own Debian sources (a mirror, a snapshot) are used where it has them.
    sources = Path("/etc/apt/sources.list.d/debian.sources")
    run((peers.need("mmdebstrap"), "--quiet", "--variant=extract", "--mode=root",
         "--include=base-files,base-passwd,libc6,dash,netbase,tzdata",
         "bookworm", target, *([sources] if sources.exists() else [])),
        timeout=420, env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600"}).ok()


def _debian_root() -> bytes:
    cached = paths.cache_dir() / "debian-root-1.tar.xz"
    if not cached.exists():
        cached.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cached.parent) as scratch:
            _make_debian_root(Path(scratch) / "root.tar")
            packed = Path(scratch) / "root.tar.xz"
            packed.write_bytes(lzma.compress((Path(scratch) / "root.tar").read_bytes(), preset=1))
            packed.rename(cached)
    return lzma.decompress(cached.read_bytes())


def debian(folder: Path, tag: str = "bookworm") -> Image:
    """A real Debian root in one layer. The first call on a machine downloads its packages."""
    if os.geteuid() != 0 and not (paths.cache_dir() / "debian-root-1.tar.xz").exists():
        pytest.skip("a Debian root is made by root only, and none is cached")
    layout = oci.Layout(folder)
    manifest = oci.image_manifest(layout, _debian_root(), level=1)
    return Image(layout, tag, layout.add(oci.MANIFEST, manifest, tag)["digest"])


def push(image: Image, reference: str, **options) -> str:
    """skopeo copies the image to registry/repo:tag, digest kept. registry/repo@digest."""
    skopeo("copy", "--all", "--preserve-digests", "--dest-tls-verify=false", image.ref,
           f"docker://{reference}", **options).ok()
    return f"{reference.rsplit(':', 1)[0]}@{image.digest}"


def pull(reference: str, folder: Path, tag: str = "v1", **options) -> Image:
    """skopeo copies registry/repo:tag or @digest into a layout."""
    skopeo("copy", "--all", "--preserve-digests", "--src-tls-verify=false",
           f"docker://{reference}", f"oci:{folder}:{tag}", **options).ok()
    layout = oci.Layout(folder)
    return Image(layout, tag, layout.resolve(tag))
