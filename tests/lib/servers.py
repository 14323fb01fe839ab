# SPDX-License-Identifier: Apache-2.0
"""Real registries on loopback: one with the referrers API, one without."""

import contextlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lib import peers, tls
from lib.process import accepts, free_port, running, wait_until
from lib.run import run

USER, SECRET = "ann", "s3cret:pass"


@dataclass(frozen=True)
class Registry:
    host: str  # "127.0.0.1:PORT"
    has_referrers: bool
    request_log: Path | None = None

    def ref(self, repository: str, tag: str = "v1") -> str:
        return f"{self.host}/{repository}:{tag}"

    def requests(self) -> list[str]:
        """'METHOD path?query status' of every request so far."""
        return self.request_log.read_text().splitlines()


@contextlib.contextmanager
def go_registry(folder: Path, *, cert: tls.Certificate | None = None, basic: bool = False,
                referrers: bool = True):
    """go-containerregistry's in-memory registry, with the referrers API."""
    folder.mkdir(parents=True, exist_ok=True)
    out, log = folder / "go-registry.out", folder / "requests.log"
    argv = [peers.need("go-registry"), "-addr", "127.0.0.1:0", "-log", log,
            f"-referrers={str(referrers).lower()}"]
    if cert is not None:
        argv += ["-tls-cert", cert.cert, "-tls-key", cert.key]
    if basic:
        argv += ["-basic", f"{USER}:{SECRET}"]
    log.touch()
    out.write_bytes(b"")
    with running(argv, out, stdin=subprocess.PIPE) as process:
        wait_until(lambda: b"listening on" in out.read_bytes(), "go registry", process, out)
        host = out.read_text().split("listening on ")[1].split()[0]
        yield Registry(host, referrers, log)


def _config(folder: Path, port: int, cert, auth: str, notify: str | None,
            token: str | None) -> Path:
    text = (f"version: 0.1\nlog: {{level: warn, accesslog: {{disabled: true}}}}\n"
            f"storage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
            f"http:\n  addr: 127.0.0.1:{port}\n  secret: test\n")
    if cert is not None:
        text += f"  tls: {{certificate: {cert.cert}, key: {cert.key}}}\n"
    text += auth
    if notify is not None:
        text += ("notifications:\n  endpoints:\n  - {name: notard, timeout: 1s, threshold: 5, "
                 f"backoff: 1s, url: '{notify}', headers: {{Authorization: [Bearer {token}]}}}}\n")
    path = folder / "config.yml"
    path.write_text(text)
    return path


def _htpasswd(folder: Path) -> str:
    line = run((peers.need("htpasswd"), "-nbB", USER, SECRET)).ok().out.strip()
    (folder / "htpasswd").write_text(line + "\n")
    return f"auth: {{htpasswd: {{realm: test, path: {folder}/htpasswd}}}}\n"


@contextlib.contextmanager
def debian_registry(folder: Path, *, cert: tls.Certificate | None = None, basic: bool = False,
                    token=None, notify: str | None = None, notify_token: str | None = None):
    """Debian's docker-registry 2.8: no referrers API. token is a lib.tokens.TokenServer."""
    folder.mkdir(parents=True, exist_ok=True)
    port, auth = free_port(), ""
    if basic:
        auth = _htpasswd(folder)
    if token is not None:
        auth = (f"auth: {{token: {{realm: '{token.realm}', service: {token.service}, "
                f"issuer: {token.issuer}, rootcertbundle: {token.certificate.cert}}}}}\n")
    config, log = _config(folder, port, cert, auth, notify, notify_token), folder / "docker-registry.log"
    with running([peers.need("docker-registry"), "serve", config], log) as process:
        wait_until(lambda: accepts("127.0.0.1", port), "docker-registry", process, log)
        yield Registry(f"127.0.0.1:{port}", False)
