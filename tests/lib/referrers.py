# SPDX-License-Identifier: Apache-2.0
"""Signatures in a registry as plain bytes, to copy, move and forge."""

import json

from lib import oci
from lib.push import Client


def simple_tag(digest: str, suffix: str = "sig") -> str:
    return digest.replace(":", "-") + "." + suffix


def fallback_tag(digest: str) -> str:
    return digest.replace(":", "-")


def bundles(client: Client, repository: str, digest: str) -> list[tuple[dict, dict, bytes]]:
    """(descriptor, manifest, bundle bytes) of each bundle referrer, by API or fallback tag."""
    listed = client.referrers(repository, digest)
    if listed is None:
        found = client.get_manifest(repository, fallback_tag(digest))
        listed = json.loads(found[2])["manifests"] if found else []
    made = []
    for entry in listed:
        manifest = json.loads(client.get_manifest(repository, entry["digest"])[2])
        if manifest.get("artifactType") == oci.BUNDLE:
            layer = manifest["layers"][0]
            made.append((entry, manifest, client.get_blob(repository, layer["digest"])))
    return made


def simple(client: Client, repository: str, digest: str) -> list[tuple[dict, bytes]]:
    """(layer descriptor, payload) of each signature under the .sig tag."""
    found = client.get_manifest(repository, simple_tag(digest))
    layers = json.loads(found[2])["layers"] if found else []
    return [(layer, client.get_blob(repository, layer["digest"])) for layer in layers]


def _list_under_tag(client: Client, repository: str, subject: str, entry: dict) -> None:
    found = client.get_manifest(repository, fallback_tag(subject))
    index = json.loads(found[2]) if found else {"schemaVersion": 2, "mediaType": oci.INDEX,
                                                "manifests": []}
    index["manifests"].append(entry)
    client.put_manifest(repository, oci.dump(index), oci.INDEX, fallback_tag(subject))


def plant_bundle(client: Client, repository: str, subject: dict, bundle: bytes,
                 **manifest_members) -> str:
    """Attaches bundle bytes to a subject descriptor; the referrer's digest."""
    client.put_blob(repository, b"{}")
    client.put_blob(repository, bundle)
    manifest = oci.dump({
        "schemaVersion": 2, "mediaType": oci.MANIFEST, "artifactType": oci.BUNDLE,
        "config": oci.descriptor("application/vnd.oci.empty.v1+json", b"{}"),
        "layers": [oci.descriptor(oci.BUNDLE, bundle)],
        "subject": {k: subject[k] for k in ("mediaType", "digest", "size")}, **manifest_members})
    digest = client.put_manifest(repository, manifest)
    if client.referrers(repository, subject["digest"]) is None:
        _list_under_tag(client, repository, subject["digest"],
                        oci.descriptor(oci.MANIFEST, manifest, artifactType=oci.BUNDLE))
    return digest


def plant_simple(client: Client, repository: str, digest: str,
                 signatures: list[tuple[dict, bytes]]) -> None:
    """Makes these (layer descriptor, payload) the .sig manifest of digest."""
    config = oci.dump({"architecture": "", "os": "", "created": "0001-01-01T00:00:00Z",
                       "rootfs": {"type": "layers",
                                  "diff_ids": [oci.digest_of(p) for _, p in signatures]}})
    client.put_blob(repository, config)
    layers = []
    for layer, payload in signatures:
        client.put_blob(repository, payload)
        layers.append({**layer, "digest": oci.digest_of(payload), "size": len(payload)})
    manifest = oci.dump({"schemaVersion": 2, "mediaType": oci.MANIFEST,
                         "config": oci.descriptor(oci.CONFIG, config), "layers": layers})
    client.put_manifest(repository, manifest, tag=simple_tag(digest))


def subject(client: Client, repository: str, reference: str) -> dict:
    digest, media_type, data = client.get_manifest(repository, reference)
    return {"mediaType": media_type, "digest": digest, "size": len(data)}
