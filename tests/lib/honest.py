# SPDX-License-Identifier: Apache-2.0
"""An honest registry in memory: what the hostile one does wherever a test does not interfere."""

import json
import re
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from lib import oci

_ROUTES = (
    ("upload", re.compile(r"/v2/(?P<repo>.+)/blobs/uploads/(?P<reference>[^/]*)")),
    ("blob", re.compile(r"/v2/(?P<repo>.+)/blobs/(?P<reference>[^/]+)")),
    ("manifest", re.compile(r"/v2/(?P<repo>.+)/manifests/(?P<reference>[^/]+)")),
    ("referrers", re.compile(r"/v2/(?P<repo>.+)/referrers/(?P<reference>[^/]+)")),
    ("tags", re.compile(r"/v2/(?P<repo>.+)/tags/list(?P<reference>)")),
    ("base", re.compile(r"/v2/?(?P<repo>)(?P<reference>)")),
)


@dataclass
class Request:
    method: str
    target: str  # path and query, as sent
    headers: dict[str, str]  # names in lower case
    body: bytes = b""
    kind: str = "other"  # base, manifest, blob, upload, referrers, tags, other
    repo: str = ""
    reference: str = ""
    query: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, method: str, target: str, headers: dict, body: bytes) -> "Request":
        url = urlsplit(target)
        made = cls(method, target, headers, body, query=dict(parse_qsl(url.query)))
        for kind, pattern in _ROUTES:
            match = pattern.fullmatch(url.path)
            if match:
                made.kind, made.repo, made.reference = kind, match["repo"], match["reference"]
                break
        return made

    @property
    def by_digest(self) -> bool:
        return ":" in self.reference


@dataclass
class Response:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""  # an iterable is sent as it comes, until it ends
    length: int | None = None  # Content-Length; None: the truth, or none for an iterable
    hang_up: bool = False  # close the connection afterwards, TLS without its goodbye

    def with_(self, **changes) -> "Response":
        return Response(**{**self.__dict__, **changes})


def document(value, media_type: str = "application/json", status: int = 200) -> Response:
    return Response(status, {"Content-Type": media_type}, oci.dump(value))


def error(status: int, code: str) -> Response:
    return document({"errors": [{"code": code, "message": code.lower()}]}, status=status)


class Store:
    """Blobs, manifests, tags; answers requests as the distribution specification wants."""

    def __init__(self, referrers: bool = True):
        self.has_referrers = referrers
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[tuple[str, str], tuple[str, bytes]] = {}
        self.tags: dict[tuple[str, str], str] = {}
        self._uploads: dict[str, bytes] = {}
        self._lock = threading.RLock()

    def load(self, layout: oci.Layout, repo: str) -> None:
        """Takes in everything a layout holds, without HTTP."""
        for path in (layout.folder / "blobs" / "sha256").iterdir():
            self.blobs["sha256:" + path.name] = path.read_bytes()
        for entry in layout.index()["manifests"]:
            self._load_manifest(repo, entry, layout)
            name = entry.get("annotations", {}).get(oci.REF_NAME)
            if name is not None:
                self.tags[repo, name] = entry["digest"]

    def _load_manifest(self, repo: str, entry: dict, layout: oci.Layout) -> None:
        data = layout.read(entry["digest"])
        self.manifests[repo, entry["digest"]] = (entry["mediaType"], data)
        for child in json.loads(data).get("manifests", []):
            self._load_manifest(repo, child, layout)

    def answer(self, request: Request) -> Response:
        with self._lock:
            handler = getattr(self, "_" + request.kind, None)
            if handler is None:
                return error(404, "NAME_UNKNOWN")
            return handler(request)

    def _base(self, request: Request) -> Response:
        return document({})

    def _blob(self, request: Request) -> Response:
        data = self.blobs.get(request.reference)
        if data is None:
            return error(404, "BLOB_UNKNOWN")
        return Response(200, {"Content-Type": "application/octet-stream",
                              "Docker-Content-Digest": request.reference}, data)

    def _upload(self, request: Request) -> Response:
        name = uuid.uuid4().hex if request.method == "POST" else request.reference
        if request.method == "POST":
            self._uploads[name] = b""
        elif name not in self._uploads:
            return error(404, "BLOB_UPLOAD_UNKNOWN")
        self._uploads[name] += request.body
        data, digest = self._uploads[name], request.query.get("digest")
        if digest is None:
            return Response(202, {"Location": f"/v2/{request.repo}/blobs/uploads/{name}",
                                  "Range": f"0-{max(len(data), 1) - 1}"})
        del self._uploads[name]
        if oci.digest_of(data) != digest:
            return error(400, "DIGEST_INVALID")
        self.blobs[digest] = data
        return Response(201, {"Location": f"/v2/{request.repo}/blobs/{digest}"})

    def _manifest(self, request: Request) -> Response:
        if request.method == "PUT":
            return self._put_manifest(request)
        digest = request.reference
        if not request.by_digest:
            digest = self.tags.get((request.repo, request.reference), "")
        if (request.repo, digest) not in self.manifests:
            return error(404, "MANIFEST_UNKNOWN")
        media_type, data = self.manifests[request.repo, digest]
        return Response(200, {"Content-Type": media_type, "Docker-Content-Digest": digest}, data)

    def _put_manifest(self, request: Request) -> Response:
        digest = oci.digest_of(request.body)
        if request.by_digest and request.reference != digest:
            return error(400, "DIGEST_INVALID")
        self.manifests[request.repo, digest] = (request.headers.get("content-type", ""),
                                                request.body)
        if not request.by_digest:
            self.tags[request.repo, request.reference] = digest
        headers = {"Location": f"/v2/{request.repo}/manifests/{digest}",
                   "Docker-Content-Digest": digest}
        subject = json.loads(request.body).get("subject")
        if subject and self.has_referrers:
            headers["OCI-Subject"] = subject["digest"]
        return Response(201, headers)

    def referrers(self, repo: str, subject: str) -> list[dict]:
        found = []
        for (owner, _), (media_type, data) in self.manifests.items():
            try:
                manifest = json.loads(data)
            except (ValueError, RecursionError):
                continue  # a hostile test's: no registry would have taken it
            if owner != repo or not isinstance(manifest, dict) or manifest.get("subject", {}).get("digest") != subject:
                continue
            kind = manifest.get("artifactType") or manifest.get("config", {}).get("mediaType")
            more = {"annotations": manifest["annotations"]} if "annotations" in manifest else {}
            found.append(oci.descriptor(media_type, data, artifactType=kind, **more))
        return found

    def _referrers(self, request: Request) -> Response:
        if not self.has_referrers:
            return Response(404, {"Content-Type": "text/plain"}, b"404 page not found\n")
        return document({"schemaVersion": 2, "mediaType": oci.INDEX,
                         "manifests": self.referrers(request.repo, request.reference)}, oci.INDEX)

    def _tags(self, request: Request) -> Response:
        tags = sorted(tag for repo, tag in self.tags if repo == request.repo)
        return document({"name": request.repo, "tags": tags})
