# SPDX-License-Identifier: Apache-2.0
"""A registry that misbehaves where a test says so, and is honest everywhere else.

    with HostileRegistry() as registry:
        registry.store.load(image.layout, "app")
        registry.on("referrers", endless_body())

A behaviour is a function (registry, request, honest answer) -> Response. The first rule that
fits a request decides; a rule may be limited to a method, a test of the request, a number of times.
"""

import gzip
import itertools
from dataclasses import dataclass

from lib import oci, tls
from lib.honest import Request, Response, Store, document, error
from lib.scripted import ScriptedServer

# No client may swallow this much of an endless answer.
ENDLESS_BYTES = 1 << 30


@dataclass
class _Rule:
    kind: str
    behaviour: object
    method: str
    when: object
    left: int | None

    def fits(self, request: Request) -> bool:
        if self.left == 0 or self.kind not in ("any", request.kind):
            return False
        if self.method not in ("any", request.method):
            return False
        return self.when is None or self.when(request)


class HostileRegistry(ScriptedServer):
    def __init__(self, host: str = "127.0.0.1", referrers: bool = True,
                 certificate: tls.Certificate | None = None):
        self.store = Store(referrers)
        self._rules: list[_Rule] = []
        super().__init__(self._decide, host, certificate)

    def on(self, kind: str, behaviour, *, method: str = "GET", when=None,
           times: int | None = None) -> None:
        """kind: a Request's kind or "any". times: honest again after that many answers."""
        self._rules.append(_Rule(kind, behaviour, method, when, times))

    def calm(self) -> None:
        self._rules.clear()

    def _decide(self, request: Request) -> Response:
        honest = self.store.answer(request)
        for rule in self._rules:
            if rule.fits(request):
                if rule.left is not None:
                    rule.left -= 1
                return rule.behaviour(self, request, honest)
        return honest


def answer(status: int, body: bytes = b"", media_type: str = "text/plain", **headers: str):
    """A fixed answer; header names are written with _ for -."""
    fixed = {"Content-Type": media_type,
             **{name.replace("_", "-"): value for name, value in headers.items()}}
    return lambda registry, request, honest: Response(status, fixed, body)


def endless_body(media_type: str | None = None, chunk: bytes = b" " * 65536):
    """White space without end: JSON that never turns wrong."""
    def behave(registry, request, honest):
        headers = dict(honest.headers)
        if media_type is not None:
            headers["Content-Type"] = media_type
        return Response(200, headers, itertools.repeat(chunk, ENDLESS_BYTES // len(chunk)))
    return behave


def huge_length(length: int = 1 << 40):
    """Claims a terabyte, then hangs up."""
    return lambda registry, request, honest: honest.with_(status=200, length=length, hang_up=True)


def slow_drip(interval_s: float = 0.5):
    """One honest byte at a time."""
    def behave(registry, request, honest):
        def drip():
            for position in range(len(honest.body)):
                if registry.pause(interval_s):
                    return
                yield honest.body[position:position + 1]
        return honest.with_(body=drip(), length=len(honest.body))
    return behave


def silence(seconds: float = 300):
    """Takes the request and says nothing."""
    def behave(registry, request, honest):
        registry.pause(seconds)
        return honest.with_(hang_up=True)
    return behave


def wrong_bytes():
    """Another body of the same length under the same digest."""
    def behave(registry, request, honest):
        body = bytearray(honest.body)
        if body:
            body[len(body) // 2] ^= 1
        return honest.with_(body=bytes(body))
    return behave


def other_document(data: bytes, media_type: str | None = None):
    """Answers with another manifest or blob than was asked for, every header matching it."""
    def behave(registry, request, honest):
        headers = {**honest.headers, "Docker-Content-Digest": oci.digest_of(data)}
        if media_type is not None:
            headers["Content-Type"] = media_type
        return Response(200, headers, data)
    return behave


def media_type(value: str):
    return lambda registry, request, honest: honest.with_(
        headers={**honest.headers, "Content-Type": value})


def lying_digest_header(value: str = "sha256:" + "0" * 64):
    return lambda registry, request, honest: honest.with_(
        headers={**honest.headers, "Docker-Content-Digest": value})


def gzip_encoded():
    """Content-Encoding nobody asked for; the digest is over the stored bytes."""
    def behave(registry, request, honest):
        return honest.with_(body=gzip.compress(honest.body),
                            headers={**honest.headers, "Content-Encoding": "gzip"})
    return behave


def cut_mid_body(part: float = 0.5):
    """The promised length, only a part of it, then the line is dead (over TLS: truncation)."""
    def behave(registry, request, honest):
        return honest.with_(body=honest.body[:int(len(honest.body) * part)],
                            length=len(honest.body), hang_up=True)
    return behave


def cut_without_length(part: float = 0.5):
    """No length: over TLS only the missing close_notify tells truth from truncation."""
    def behave(registry, request, honest):
        return honest.with_(body=iter([honest.body[:int(len(honest.body) * part)]]), hang_up=True)
    return behave


def redirect_loop(status: int = 307):
    """To itself, under an ever new query."""
    counter = itertools.count()

    def behave(registry, request, honest):
        path = request.target.split("?")[0]
        return Response(status, {"Location": f"{path}?hop={next(counter)}"})
    return behave


def redirect_to(base_url: str, status: int = 307):
    """The same path at another server."""
    return lambda registry, request, honest: Response(
        status, {"Location": base_url + request.target})


def challenge(realm: str, service: str = "registry.test", scheme: str = "Bearer"):
    """401 whatever the client sends; realm may be anybody's."""
    def behave(registry, request, honest):
        value = f'{scheme} realm="{realm}",service="{service}",' \
                f'scope="repository:{request.repo}:pull"'
        refused = error(401, "UNAUTHORIZED")
        return refused.with_(headers={**refused.headers, "WWW-Authenticate": value})
    return behave


def require(authorization: str, realm: str | None = None, then=None):
    """Honest, or `then`, for those who send exactly that Authorization; 401 for others."""
    def behave(registry, request, honest):
        if request.headers.get("authorization") == authorization:
            return honest if then is None else then(registry, request, honest)
        if realm is not None:
            return challenge(realm)(registry, request, honest)
        refused = error(401, "UNAUTHORIZED")
        return refused.with_(headers={**refused.headers,
                                      "WWW-Authenticate": 'Basic realm="hostile"'})
    return behave


def throttle(retry_after: str | None = None, status: int = 429):
    def behave(registry, request, honest):
        refused = error(status, "TOOMANYREQUESTS")
        if retry_after is not None:
            refused.headers["Retry-After"] = retry_after
        return refused
    return behave


def next_page(target: str | None = None):
    """A Link to target, to the request itself when None: pages without end."""
    def behave(registry, request, honest):
        link = f'<{target or request.target}>; rel="next"'
        return honest.with_(headers={**honest.headers, "Link": link})
    return behave


def ever_new_pages():
    """Each page links to one never seen before."""
    counter = itertools.count()

    def behave(registry, request, honest):
        path = request.target.split("?")[0]
        return next_page(f"{path}?last={next(counter)}")(registry, request, honest)
    return behave


def listing(descriptors: list[dict], **headers: str):
    """A referrers answer of the test's making."""
    made = document({"schemaVersion": 2, "mediaType": oci.INDEX, "manifests": descriptors},
                    oci.INDEX)
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return lambda registry, request, honest: made


def empty_listing():
    return listing([])


def many_referrers(count: int = 10_000, artifact_type: str = oci.BUNDLE):
    """That many signatures that do not exist, before the honest ones."""
    invented = [{"mediaType": oci.MANIFEST, "digest": oci.digest_of(str(n).encode()), "size": 700,
                 "artifactType": artifact_type} for n in range(count)]

    def behave(registry, request, honest):
        mine = registry.store.referrers(request.repo, request.reference)
        return listing(invented + mine)(registry, request, honest)
    return behave


def token_server(token: str = "worthless", host: str = "127.0.0.2"):
    """A realm of its own: gives everybody the same token and remembers who asked."""
    return ScriptedServer(lambda request: document({"token": token, "expires_in": 300}), host)


def recorder(host: str = "127.0.0.2", status: int = 200, body: bytes = b"{}"):
    """Another host that writes down what reaches it."""
    return ScriptedServer(lambda request: Response(status, {"Content-Type": "application/json"},
                                                   body), host)
