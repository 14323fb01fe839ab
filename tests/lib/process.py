# SPDX-License-Identifier: Apache-2.0
"""A server program under a test: ready before the test runs, gone after it."""

import contextlib
import socket
import subprocess
import time
from pathlib import Path

READY_S = 20
STOP_S = 10


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on now. For servers that cannot pick one and say which."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-4000:] if log.exists() else ""


def wait_until(check, what: str, process=None, log: Path | None = None,
               limit_s: float = READY_S) -> None:
    """Polls check() until it is true; fails when the process ends or the limit passes."""
    deadline = time.monotonic() + limit_s
    while not check():
        ended = process is not None and process.poll() is not None
        if ended or time.monotonic() > deadline:
            why = f"ended with {process.returncode}" if ended else f"not ready in {limit_s} s"
            raise AssertionError(f"{what}: {why}\n{_tail(log) if log else ''}")
        time.sleep(0.01)


def accepts(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def stop(process: subprocess.Popen, limit_s: float = STOP_S) -> int:
    """SIGTERM, then SIGKILL after the limit. The exit status; negative means a signal."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(limit_s)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


@contextlib.contextmanager
def running(argv, log: Path, **options):
    """Popen of a program that dies with us, even when we are killed; output goes to log."""
    # The kernel's parent-death signal counts from the thread that starts it: start servers
    # from the main thread only.
    argv = ["setpriv", "--pdeathsig", "KILL", *map(str, argv)]
    with open(log, "ab") as out:
        process = subprocess.Popen(argv, stdin=options.pop("stdin", subprocess.DEVNULL),
                                   stdout=out, stderr=subprocess.STDOUT, **options)
    try:
        yield process
    finally:
        stop(process)
