# SPDX-License-Identifier: Apache-2.0
"""A small pusher over plain HTTP, for what skopeo will not copy: referrers, odd manifests."""

import http.client
import json

from lib import oci


class Client:
    """One plain-HTTP registry; every answer other than the wanted one is an AssertionError."""

    def __init__(self, host: str, headers: dict | None = None):
        self.host, self.headers = host, headers or {}

    def ask(self, method: str, path: str, body: bytes | None = None, headers=()):
        """(status, headers, body)"""
        link = http.client.HTTPConnection(self.host, timeout=10)
        try:
            link.request(method, path, body, {**self.headers, **dict(headers)})
            answer = link.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            link.close()

    def expect(self, status: int, *args, **kwargs):
        got, headers, body = self.ask(*args, **kwargs)
        assert got == status, f"{args[0]} {args[1]}: {got}, wanted {status}: {body[:300]!r}"
        return headers, body

    def put_blob(self, repository: str, data: bytes) -> str:
        digest = oci.digest_of(data)
        headers, _ = self.expect(202, "POST", f"/v2/{repository}/blobs/uploads/",
                                 headers={"Content-Length": "0"})
        place = headers["Location"].split(self.host, 1)[-1]
        place += ("&" if "?" in place else "?") + "digest=" + digest.replace(":", "%3A")
        self.expect(201, "PUT", place, data, {"Content-Type": "application/octet-stream"})
        return digest

    def put_manifest(self, repository: str, data: bytes, media_type: str | None = None,
                     tag: str | None = None) -> str:
        digest = oci.digest_of(data)
        media_type = media_type or json.loads(data)["mediaType"]
        self.expect(201, "PUT", f"/v2/{repository}/manifests/{tag or digest}", data,
                    {"Content-Type": media_type})
        return digest

    def get_manifest(self, repository: str, reference: str):
        """(digest, media type, bytes) or None when the registry says 404."""
        status, headers, body = self.ask(
            "GET", f"/v2/{repository}/manifests/{reference}",
            headers={"Accept": f"{oci.INDEX}, {oci.MANIFEST}"})
        if status == 404:
            return None
        assert status == 200, f"{reference}: {status} {body[:300]!r}"
        return oci.digest_of(body), headers["Content-Type"], body

    def get_blob(self, repository: str, digest: str) -> bytes:
        return self.expect(200, "GET", f"/v2/{repository}/blobs/{digest}")[1]

    def referrers(self, repository: str, digest: str) -> list[dict] | None:
        """The referrers API's descriptors; None where the registry has no such API."""
        status, _, body = self.ask("GET", f"/v2/{repository}/referrers/{digest}")
        return json.loads(body)["manifests"] if status == 200 else None

    def push(self, image, repository: str, tag: str | None = None) -> str:
        """A layout's image and its children, depth first. repository@digest."""
        self._push_tree(image.layout, image.digest, repository, tag or image.tag)
        return f"{self.host}/{repository}@{image.digest}"

    def push_all(self, layout: oci.Layout, repository: str) -> None:
        """Everything index.json lists, referrers too, tagged as there."""
        for entry in layout.index()["manifests"]:
            self._push_tree(layout, entry["digest"], repository,
                            entry.get("annotations", {}).get(oci.REF_NAME))

    def _push_tree(self, layout, digest, repository, tag) -> None:
        document = layout.document(digest)
        for child in document.get("manifests", []):
            self._push_tree(layout, child["digest"], repository, None)
        blobs = [document["config"]] if "config" in document else []
        for blob in blobs + document.get("layers", []):
            self.put_blob(repository, layout.read(blob["digest"]))
        self.put_manifest(repository, layout.read(digest), tag=tag)
