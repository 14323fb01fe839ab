# SPDX-License-Identifier: Apache-2.0
"""OCI documents and layouts, written with nothing but the standard library."""

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SIMPLE = "application/vnd.dev.cosign.simplesigning.v1+json"
REF_NAME = "org.opencontainers.image.ref.name"


def digest_of(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def dump(document) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def descriptor(media_type: str, data: bytes, **more) -> dict:
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data), **more}


def tar_of(files: dict[str, bytes]) -> bytes:
    """A reproducible tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in sorted(files.items()):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


class Layout:
    """An OCI image layout directory. Writes are plain: one writer, a test."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        if not (self.folder / "oci-layout").exists():
            (self.folder / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
            (self.folder / "oci-layout").write_bytes(dump({"imageLayoutVersion": "1.0.0"}))
            self.write_index({"schemaVersion": 2, "mediaType": INDEX, "manifests": []})

    def index(self) -> dict:
        return json.loads((self.folder / "index.json").read_bytes())

    def write_index(self, index: dict) -> None:
        (self.folder / "index.json").write_bytes(dump(index))

    def blob_path(self, digest: str) -> Path:
        algorithm, encoded = digest.split(":")
        return self.folder / "blobs" / algorithm / encoded

    def read(self, digest: str) -> bytes:
        return self.blob_path(digest).read_bytes()

    def document(self, digest: str) -> dict:
        return json.loads(self.read(digest))

    def write(self, data: bytes) -> str:
        digest = digest_of(data)
        self.blob_path(digest).write_bytes(data)
        return digest

    def add(self, media_type: str, data: bytes, tag: str | None = None, **more) -> dict:
        """Writes a manifest and lists it; a tag that is taken moves."""
        self.write(data)
        entry = descriptor(media_type, data, **more)
        index = self.index()
        if tag is not None:
            entry["annotations"] = {**entry.get("annotations", {}), REF_NAME: tag}
            index["manifests"] = [m for m in index["manifests"]
                                  if m.get("annotations", {}).get(REF_NAME) != tag]
        index["manifests"].append(entry)
        self.write_index(index)
        return entry

    def resolve(self, tag: str) -> str:
        for entry in self.index()["manifests"]:
            if entry.get("annotations", {}).get(REF_NAME) == tag:
                return entry["digest"]
        raise KeyError(tag)

    def manifests(self) -> list[tuple[dict, dict]]:
        """(descriptor, document) of everything index.json lists."""
        return [(m, self.document(m["digest"])) for m in self.index()["manifests"]]

    def referrers(self, subject: str) -> list[tuple[dict, dict]]:
        return [(d, m) for d, m in self.manifests()
                if m.get("subject", {}).get("digest") == subject]


def image_manifest(layout: Layout, tar: bytes, architecture: str = "amd64",
                   level: int = 9) -> bytes:
    """Writes config and layer; the manifest's bytes (not yet listed)."""
    layer = gzip.compress(tar, level, mtime=0)
    config = dump({"architecture": architecture, "os": "linux",
                   "created": "2026-01-01T00:00:00Z", "config": {},
                   "rootfs": {"type": "layers", "diff_ids": [digest_of(tar)]},
                   "history": [{"created": "2026-01-01T00:00:00Z", "created_by": "test"}]})
    layout.write(layer)
    layout.write(config)
    return dump({"schemaVersion": 2, "mediaType": MANIFEST,
                 "config": descriptor(CONFIG, config), "layers": [descriptor(LAYER, layer)]})
