# SPDX-License-Identifier: Apache-2.0
"""Runs a program to its end within a time limit and keeps what it said."""

import json
import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from lib import peers

PASSWORD = "pw"
_HOME = tempfile.TemporaryDirectory(prefix="notar-home-")
_KEPT = ("PATH", "LANG", "TZ", "TMPDIR", "CI")
_KEPT_PREFIXES = ("ASAN_", "UBSAN_", "LSAN_", "TSAN_")


@dataclass(frozen=True)
class Result:
    argv: tuple[str, ...]
    code: int
    out: str
    err: str
    seconds: float

    def json(self):
        """Standard output as one JSON document."""
        try:
            return json.loads(self.out)
        except ValueError as broken:
            raise AssertionError(f"not JSON: {broken}\n{self}") from None

    def ok(self) -> "Result":
        assert self.code == 0, str(self)
        return self

    def exits(self, code: int) -> "Result":
        assert self.code == code, f"wanted exit {code}\n{self}"
        return self

    def __str__(self) -> str:
        return (f"$ {' '.join(self.argv)}\nexit {self.code} after {self.seconds:.2f} s\n"
                f"stdout: {self.out}\nstderr: {self.err}")


class TimedOut(AssertionError):
    """The program did not end within its limit; it was killed."""


def home() -> Path:
    """An empty home that lives as long as the test run: nobody's real credentials are read."""
    return Path(_HOME.name)


def environment(**extra: str) -> dict[str, str]:
    """A small environment: no proxies, no credentials, the test key files' password."""
    env = {k: v for k, v in os.environ.items() if k in _KEPT or k.startswith(_KEPT_PREFIXES)}
    env.update(HOME=_HOME.name, XDG_CONFIG_HOME=_HOME.name + "/.config", NO_COLOR="1",
               XDG_CACHE_HOME=_HOME.name + "/.cache", XDG_RUNTIME_DIR=_HOME.name,
               COSIGN_PASSWORD=PASSWORD)
    env.update(extra)
    return {k: v for k, v in env.items() if v is not None}


def run(argv, *, timeout: float = 60, env: dict | None = None, stdin: bytes | str = b"",
        cwd=None) -> Result:
    argv = tuple(str(a) for a in argv)
    start = time.monotonic()
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=env or environment(), cwd=cwd,
                               start_new_session=True)
    data = stdin.encode() if isinstance(stdin, str) else stdin
    try:
        out, err = process.communicate(data, timeout=timeout)
    except subprocess.TimeoutExpired:
        # Its own session, so a credential helper it started goes with it.
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise TimedOut(f"$ {' '.join(argv)}\nkilled after {timeout} s\nstdout: "
                       f"{out.decode(errors='replace')}\nstderr: {err.decode(errors='replace')}"
                       ) from None
    return Result(argv, process.returncode, out.decode(errors="replace"),
                  err.decode(errors="replace"), time.monotonic() - start)


def notar(*args, **options) -> Result:
    return run((peers.need("notar"), *args), **options)


def cosign(*args, timeout: float = 60, **options) -> Result:
    return run((peers.need("cosign"), *args), timeout=timeout, **options)


def skopeo(*args, timeout: float = 120, **options) -> Result:
    # Debian's package does not depend on the one with the default policy file.
    return run((peers.need("skopeo"), "--insecure-policy", *args), timeout=timeout, **options)
