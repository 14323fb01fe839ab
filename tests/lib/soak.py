# SPDX-License-Identifier: Apache-2.0
"""Mixed load on one daemon for as long as wanted, while policy, keys and the registry change; every
answer is held against a model of its own. `make soak` runs it for a quarter of an hour."""

import contextlib
import http.client
import itertools
import json
import os
import random
import signal
import statistics
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from lib import admission, daemon_files, images, keys, signer
from lib.hostile import HostileRegistry, answer, throttle
from lib.notard import notard

ASKERS = 6
SETTLE_S = 12.0  # after a fault: what was under way, and the memory of it


@dataclass
class State:
    """What the security team wants as of a moment."""
    trusted: frozenset
    threshold: int

    def allows(self, signers: frozenset) -> bool:
        return len(signers & self.trusted) >= self.threshold


@dataclass
class Timeline:
    """States with the times between which each began to be in force; and faults."""
    states: list = field(default_factory=list)  # (began no sooner, began no later, state)
    faults: list = field(default_factory=list)  # [from, to]
    lock: threading.Lock = field(default_factory=threading.Lock)

    def change(self, state: State, act) -> None:
        begin = time.monotonic()
        with self.lock:
            self.states.append([begin, float("inf"), state])
        act()
        with self.lock:
            self.states[-1][1] = time.monotonic()

    def possible(self, begin: float, end: float) -> list[State]:
        """Every state that may have been in force at some time of a question."""
        with self.lock:
            states = list(self.states)
        found = []
        for n, (soonest, _, state) in enumerate(states):
            over = states[n + 1][1] if n + 1 < len(states) else float("inf")
            if soonest <= end and over >= begin:
                found.append(state)
        return found

    def faulty(self, begin: float, end: float) -> bool:
        with self.lock:
            return any(a <= end and b + SETTLE_S >= begin for a, b in self.faults)


class Soak:
    def __init__(self, folder: Path, seconds: float, seed: int = 1):
        self.folder, self.seconds, self.draw = folder, seconds, random.Random(seed)
        self.timeline, self.stop = Timeline(), threading.Event()
        self.wrong, self.asked, self.undetermined = [], itertools.count(), itertools.count()
        self.answers = {"allow": 0, "deny": 0, "undetermined": 0}
        self.samples: list[tuple[float, int, int]] = []  # time, anonymous KiB, descriptors

    # What there is

    def prepare(self, registry) -> None:
        self.pairs = [keys.pair(self.folder / "keys", "P-256", f"k{n}") for n in range(12)]
        self.images = []
        for n in range(40):
            image = images.tiny(self.folder / f"image{n}", text=f"{n}\n")
            chosen = self.draw.sample(range(12), self.draw.choice((0, 1, 1, 2, 3)))
            for one in chosen:
                signer.sign(image.ref, self.pairs[one].private).ok()
            registry.store.load(image.layout, f"app{n % 5}")
            self.images.append((f"{registry.host}/app{n % 5}@{image.digest}", frozenset(chosen)))
        self.state = self.folder / "state"
        self.state.mkdir()
        for n in range(8):  # the other four come later
            self.trust("add", n)
        self.current = State(frozenset(range(8)), 1)
        self.timeline.states.append([0.0, 0.0, self.current])
        self.write_policy(1)

    def trust(self, verb: str, n: int) -> None:
        if verb == "add":
            daemon_files.trust(self.state, "add", self.pairs[n].public, "--signer", f"s{n}").ok()
        else:
            daemon_files.trust(self.state, "revoke", keys.spki_id(self.pairs[n].public)).ok()

    def write_policy(self, threshold: int) -> Path:
        return daemon_files.policy(self.folder / "p.json",
                                   daemon_files.rule("*", "*", threshold=threshold))

    # What happens

    def change_something(self, daemon, registry, number: int) -> None:
        kind = number % 4
        if kind == 0:
            threshold = 3 - self.current.threshold
            def act():
                self.write_policy(threshold)
                before = daemon.metrics()["notard_reloads_total"]
                daemon.process.send_signal(signal.SIGHUP)
                end = time.monotonic() + 10
                while daemon.metrics()["notard_reloads_total"] == before:
                    if time.monotonic() > end:
                        raise AssertionError("no reload")
                    time.sleep(0.01)
            self.current = State(self.current.trusted, threshold)
            self.timeline.change(self.current, act)
        elif kind == 1 and max(self.current.trusted) < 11:
            new = max(self.current.trusted) + 1
            self.current = State(self.current.trusted | {new}, self.current.threshold)
            self.timeline.change(self.current, lambda: self.trust("add", new))
        elif kind == 2 and len(self.current.trusted) > 3:
            old = min(self.current.trusted)
            self.current = State(self.current.trusted - {old}, self.current.threshold)
            self.timeline.change(self.current, lambda: self.trust("revoke", old))
        else:
            fault = self.draw.choice((answer(503), answer(500), throttle("1")))
            with self.timeline.lock:
                self.timeline.faults.append([time.monotonic(), float("inf")])
            registry.on("any", fault)
            self.stop.wait(2)
            registry.calm()
            with self.timeline.lock:
                self.timeline.faults[-1][1] = time.monotonic()

    def run_changes(self, daemon, registry) -> None:
        pause = max(1.0, min(10.0, self.seconds / 20))
        for number in itertools.count():
            if self.stop.wait(pause):
                return
            self.change_something(daemon, registry, number)

    def ask(self, daemon, draw) -> None:
        chosen = draw.sample(self.images, draw.randrange(1, 6))
        begin = time.monotonic()
        if draw.random() < 0.5:
            told = daemon.verify(*[reference for reference, _ in chosen])
            got = [t["verdict"] for t in told]
        else:
            review = admission.pod_review(*[reference for reference, _ in chosen])
            response = admission.response(daemon.ask("POST", "/k8s/validate", review), review)
            got = [response["auditAnnotations"]["verdict"]]
        self.judge(begin, time.monotonic(), chosen, got)

    def judge(self, begin, end, chosen, got) -> None:
        states = self.timeline.possible(begin, end)
        faulty = self.timeline.faulty(begin, end)
        if len(got) == len(chosen):
            pairs = [(verdict, [signers]) for verdict, (_, signers) in zip(got, chosen)]
        else:
            pairs = [(got[0], [signers for _, signers in chosen])]
        for verdict, all_signers in pairs:
            may = {all(s.allows(signers) for signers in all_signers) for s in states}
            right = {"allow": True in may, "deny": False in may,
                     "undetermined": faulty}[verdict]
            self.answers[verdict] += 1
            if not right:
                self.wrong.append((verdict, [sorted(s) for s in all_signers],
                                   [(sorted(s.trusted), s.threshold) for s in states], faulty))

    def run_asker(self, daemon, seed: int) -> None:
        draw = random.Random(seed)
        while not self.stop.is_set():
            try:
                self.ask(daemon, draw)
            except (OSError, http.client.HTTPException, AssertionError) as broken:
                self.wrong.append(("failed", repr(broken)))
                time.sleep(0.1)

    def sample(self, pid: int) -> None:
        status = Path(f"/proc/{pid}/status").read_text()
        self.samples.append((time.monotonic(), int(status.split("RssAnon:")[1].split()[0]),
                             len(os.listdir(f"/proc/{pid}/fd"))))

    def run(self) -> None:
        with HostileRegistry() as registry:
            self.prepare(registry)
            config = daemon_files.config(self.folder / "p.json", listing_ttl="20s",
                                         negative_ttl="2s", fetch_timeout="5s",
                                         audit={"file": str(self.folder / "audit.log")})
            with notard(self.folder / "n", config, state=self.state) as daemon:
                threads = [threading.Thread(target=self.run_asker, args=(daemon, n))
                           for n in range(ASKERS)]
                threads.append(threading.Thread(target=self.run_changes, args=(daemon, registry)))
                for thread in threads:
                    thread.start()
                end = time.monotonic() + self.seconds
                with contextlib.suppress(KeyboardInterrupt):
                    while time.monotonic() < end and daemon.process.poll() is None:
                        time.sleep(min(5.0, self.seconds / 20))
                        self.sample(daemon.process.pid)
                self.stop.set()
                for thread in threads:
                    thread.join(30)
                self.alive = daemon.process.poll() is None
                self.metrics = daemon.metrics() if self.alive else {}

    # What came of it

    def growth(self, column: int) -> tuple[float, float]:
        """Medians of the second and of the last quarter."""
        values = [sample[column] for sample in self.samples]
        quarter = max(1, len(values) // 4)
        return statistics.median(values[quarter:2 * quarter]), statistics.median(values[-quarter:])

    def report(self) -> dict:
        memory, files = self.growth(1), self.growth(2)
        return {"seconds": self.seconds, "answers": self.answers, "wrong": len(self.wrong),
                "changes": len(self.timeline.states) - 1, "faults": len(self.timeline.faults),
                "anonymous_kib": memory, "descriptors": files, "alive": self.alive}


def main() -> int:
    import sys
    import tempfile
    seconds = float(os.environ.get("SOAK_SECONDS", "900"))
    with tempfile.TemporaryDirectory(prefix="notar-soak-") as folder:
        soak = Soak(Path(folder), seconds, int(time.time()))
        soak.run()
        told = soak.report()
        print(json.dumps(told, indent=1))
        for wrong in soak.wrong[:20]:
            print("wrong:", wrong, file=sys.stderr)
        before, after = told["anonymous_kib"]
        flat = after <= before * 1.05 + 256 and told["descriptors"][1] <= told["descriptors"][0] + 8
        return 0 if told["alive"] and not told["wrong"] and flat else 1


if __name__ == "__main__":
    raise SystemExit(main())
