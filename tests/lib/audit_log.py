# SPDX-License-Identifier: Apache-2.0
"""Writes audit logs as docs/man/notar-audit.5 says, without notar's code."""

import hashlib
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

ZEROS = bytes(32)
START = datetime(2026, 1, 31, tzinfo=timezone.utc)


class Chain:
    """Records one after the other, a second apart."""

    def __init__(self):
        self.seq, self.hash, self.lines = 0, ZEROS, []

    def add(self, event: str = "decision", **fields) -> "Chain":
        self.seq += 1
        time = (START + timedelta(seconds=self.seq)).strftime("%Y-%m-%dT%H:%M:%S.") + "123Z"
        record = {"seq": self.seq, "time": time, "event": event, **fields, "prev": self.hash.hex()}
        covered = json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()[:-1]
        self.hash = hashlib.sha256(self.hash + covered).digest()
        self.lines.append(covered + b',"hash":"' + self.hash.hex().encode() + b'"}\n')
        return self

    def write(self, path: Path, first: int = 1, last: int | None = None) -> Path:
        """The records from first to last."""
        path.write_bytes(b"".join(self.lines[first - 1:last]))
        return path


def decisions(count: int) -> Chain:
    chain = Chain().add("start", version="0.1")
    for i in range(2, count + 1):
        deny = i % 3 == 0
        chain.add(path="verify", image=f"registry.example/team{i % 2}/app:{i}",
                  verdict="deny" if deny else "allow", reason="unsigned" if deny else "trusted",
                  us=i)
    return chain
