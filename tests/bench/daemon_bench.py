# SPDX-License-Identifier: Apache-2.0
"""The daemon's figures: against Ratify, under load, cold, and with a million digests."""

import base64
import concurrent.futures
import contextlib
import json
import os
import random
import shutil
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

from lib import admission, cosign, daemon_files, images, oci, paths, peers, servers, signer, tls
from lib.notard import ask, notard
from lib.process import free_port, running, wait_until
from lib.push import Client
from lib.run import PASSWORD, environment, notar

SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))
V1BETA1 = "externaldata.gatekeeper.sh/v1beta1"


def cpu_seconds(pid: int) -> float:
    """The processor time of all threads of another process, to the nanosecond."""
    return time.clock_gettime(((~pid) << 3) | 2)


def anonymous_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0])


def resident_kib(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0])


class Load:
    """tests/bench/load on one port, and what the server spent meanwhile."""

    def __init__(self, out: Path, folder: Path):
        self.program, self.folder = out / "bench" / "load", folder

    def run(self, pid: int, port: int, path: str, body: bytes, *, secure=True, connections=16,
            seconds=SECONDS, rate: float | None = None) -> dict:
        file = self.folder / "question"
        file.write_bytes(body)
        argv = [self.program, port, "tls" if secure else "plain", path, file, connections, seconds]
        before = cpu_seconds(pid)
        done = subprocess.run([str(a) for a in argv] + ([str(rate)] if rate else []),
                              capture_output=True, text=True, check=True, timeout=120)
        told = json.loads(done.stdout)
        if told["errors"] or not told["requests"]:
            raise RuntimeError(f"{path}: {told}")
        told["cpu_us"] = (cpu_seconds(pid) - before) / told["requests"] * 1e6
        told["rate"] = told["requests"] / told["seconds"]
        return told


def provider(*names: str) -> bytes:
    return json.dumps({"apiVersion": V1BETA1, "kind": "ProviderRequest",
                       "request": {"keys": list(names)}}).encode()


@contextlib.contextmanager
def ratify(folder: Path, certificate, trusted: Path):
    """Ratify 1.4 with its response cache on, as real-parts.md starts it. (port, pid)"""
    folder.mkdir()
    shutil.copy(certificate.cert, folder / "tls.crt")
    shutil.copy(certificate.key, folder / "tls.key")
    port = free_port()
    (folder / "config.json").write_text(json.dumps({
        "store": {"version": "1.0.0", "plugins": [
            {"name": "oras", "useHttp": True, "cosignEnabled": False}]},
        "policy": {"version": "1.0.0", "plugin": {
            "name": "configPolicy",
            "artifactVerificationPolicies": {"application/vnd.cncf.notary.signature": "any"}}},
        "verifier": {"version": "1.0.0", "plugins": [{
            "name": "notation", "artifactTypes": "application/vnd.cncf.notary.signature",
            "verificationCerts": [str(trusted)],
            "trustPolicyDoc": {"version": "1.0", "trustPolicies": [{
                "name": "default", "registryScopes": ["*"],
                "signatureVerification": {"level": "strict"},
                "trustStores": ["ca:certs"], "trustedIdentities": ["*"]}]}}]}}))
    argv = [peers.need("ratify"), "serve", "--http", f"127.0.0.1:{port}", "-c",
            folder / "config.json", "--cert-dir", folder, "--cache-enabled", "--cache-type",
            "ristretto", "--cache-name", "ristretto", "--cache-ttl", "600s"]
    log = folder / "ratify.log"
    env = environment(RATIFY_LOG_LEVEL="error", HOME=str(folder))
    with running(argv, log, env=env) as process:
        def answers() -> bool:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return True
            return False
        wait_until(answers, "ratify", process, log, limit_s=30)
        yield port, process.pid


def notation_image(folder: Path, registry) -> tuple[str, Path]:
    """An image that notation signed, pushed; and the folder of the certificate to trust. Its
    signatures are listed under the fallback tag: the registry's API calls them by a type of its
    own, and Ratify would not look at them."""
    layout = oci.Layout(paths.peer_vectors() / "notation-nec256")
    client = Client(registry.host)
    client.push_all(layout, "notation")
    trusted, subject, entries = folder / "trusted", None, []
    trusted.mkdir()
    for path in sorted((layout.folder / "blobs" / "sha256").iterdir()):
        try:
            document = json.loads(path.read_text())
        except ValueError:
            continue
        if "subject" in document:
            subject = document["subject"]["digest"]
            entries.append({"mediaType": document["mediaType"], "size": path.stat().st_size,
                            "digest": f"sha256:{path.name}",
                            "artifactType": document["artifactType"]})
        if "signature" in document:
            der = base64.b64decode(document["header"]["x5c"][-1])
            (trusted / "ca.crt").write_text(ssl.DER_cert_to_PEM_cert(der))
    index = {"schemaVersion": 2, "mediaType": oci.INDEX, "manifests": entries}
    client.put_manifest("notation", json.dumps(index).encode(), tag=subject.replace(":", "-"))
    return f"{registry.host}/notation@{subject}", trusted


@contextlib.contextmanager
def shop(folder: Path, registry, *, certificate=None, context=None, **more):
    """A daemon and a signed image it knows: (daemon, reference)."""
    private, public = cosign.generate_key(folder / "keys")
    reference = Client(registry.host).push(images.tiny(folder / "image"), "app")
    signer.sign(reference, private, env={"NOTAR_PASSWORD": PASSWORD}).ok()
    state = folder / "state"
    state.mkdir()
    daemon_files.trust(state, "add", public, "--signer", "release").ok()
    policy = daemon_files.policy(folder / "policy.json",
                                 daemon_files.rule(f"{registry.host}/*", "release"))
    if certificate is not None:
        more["tls"] = {"certificate": str(certificate.cert), "key": str(certificate.key)}
    config = daemon_files.config(policy, **more)
    with notard(folder / "notard", config, state=state, tls_context=context) as daemon:
        assert daemon.verify(reference)[0]["verdict"] == "allow"
        daemon.port = int(daemon.host.split(":")[1])
        yield daemon, reference


def gatekeeper(folder: Path, out: Path, add, at_most, at_least) -> None:
    ca = tls.authority(folder / "tls")
    certificate = tls.server(ca, folder / "tls")
    context = ssl.create_default_context(cafile=str(ca.cert))
    load = Load(out, folder)
    with servers.go_registry(folder / "registry", referrers=False) as registry:
        reference, trusted = notation_image(folder, registry)
        with ratify(folder / "ratify", certificate, trusted) as (port, pid), \
             shop(folder, registry, certificate=certificate, context=context) as (daemon, mine):
            theirs_path = "/ratify/gatekeeper/v1/verify"
            told = ask(f"127.0.0.1:{port}", "POST", theirs_path, provider(reference),
                       tls_context=context,
                       headers={"Content-Type": "application/json"}).json()
            if told["response"]["items"][0].get("value", {}).get("isSuccess") is not True:
                raise RuntimeError(f"ratify does not verify its image: {told}")
            ours, theirs = [], []
            for _ in range(3):  # in turn, so that a drifting machine hits both
                ours.append(load.run(daemon.process.pid, daemon.port, "/gatekeeper/v1/verify",
                                     provider(mine)))
                theirs.append(load.run(pid, port, theirs_path, provider(reference)))
            best = sorted(ours, key=lambda r: r["cpu_us"])[1]
            peer = sorted(theirs, key=lambda r: r["cpu_us"])[1]
            add("gatekeeper_cpu_us", best["cpu_us"], "us", "", None)
            add("ratify_cpu_us", peer["cpu_us"], "us", "", None)
            at_least("gatekeeper_cached_vs_ratify", peer["cpu_us"] / best["cpu_us"], "ratio", 3)
            # At the same rate for both, half of what Ratify can do: at full load each would be
            # measured against its own queue.
            rate = 0.5 * min(peer["rate"], best["rate"])
            ours, theirs = [], []
            for _ in range(3):
                ours.append(load.run(daemon.process.pid, daemon.port, "/gatekeeper/v1/verify",
                                     provider(mine), rate=rate)["p99_us"])
                theirs.append(load.run(pid, port, theirs_path, provider(reference),
                                       rate=rate)["p99_us"])
            ours_p99, their_p99 = sorted(ours)[1], sorted(theirs)[1]
            add("gatekeeper_p99_us", ours_p99, "us", "", None)
            add("ratify_p99_us", their_p99, "us", "", None)
            at_most("gatekeeper_p99_vs_ratify", ours_p99 / their_p99, "ratio", 0.25)
            add("ratify_rss_mib", resident_kib(pid) / 1024, "MiB", "", None)
            add("gatekeeper_rss_mib", resident_kib(daemon.process.pid) / 1024, "MiB", "", None)


def latency(folder: Path, out: Path, add, at_most, at_least) -> None:
    ca = tls.authority(folder / "tls")
    certificate = tls.server(ca, folder / "tls")
    context = ssl.create_default_context(cafile=str(ca.cert))
    load, rates = Load(out, folder), {}
    for loops in (1, 2):
        inner = folder / f"loops{loops}"
        inner.mkdir()
        with servers.go_registry(inner / "registry") as registry, \
             shop(inner, registry, certificate=certificate, context=context,
                  loops=loops) as (daemon, reference):
            body = json.dumps(admission.pod_review(reference)).encode()
            path = "/k8s/validate?timeout=10s"
            full = load.run(daemon.process.pid, daemon.port, path, body, connections=32)
            rates[loops] = full["rate"]
            if loops == 1:
                continue
            half = load.run(daemon.process.pid, daemon.port, path, body, connections=32,
                            rate=full["rate"] / 2)
            add("validate_cached_per_cpu_s", 1e6 / full["cpu_us"], "answers", "", None)
            add("latency_p50_us", half["p50_us"], "us", "", None)
            add("latency_p99_us", half["p99_us"], "us", "", None)
            review = inner / "review.json"
            review.write_bytes(body)
            done = subprocess.run([str(out / "bench" / "review_parse"), str(review)],
                                  capture_output=True, text=True, check=True, timeout=60)
            add("review_parse_us", float(done.stdout) / 1000, "us", "", None)
            add("json_share", float(done.stdout) / 1000 / full["cpu_us"], "share", "", None)
    # The load comes from the same two processors, so two loops cannot be twice as many.
    add("scaling_1_to_2_loops", rates[2] / rates[1], "answers ratio", "", None)


class Slow(threading.Thread):
    """A relay that adds half a round trip each way."""

    def __init__(self, target: str, round_trip_s: float):
        super().__init__(daemon=True)
        self.target, self.delay = target.rsplit(":", 1), round_trip_s / 2
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection((self.target[0], int(self.target[1])))
                for a, b in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=(a, b), daemon=True).start()

    def _pump(self, a, b) -> None:
        with contextlib.suppress(OSError):
            while data := a.recv(65536):
                time.sleep(self.delay)
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)

    def stop(self) -> None:
        self.listener.close()


def cold(folder: Path, out: Path, add, at_most, at_least) -> None:
    count = 200
    with servers.go_registry(folder / "registry") as registry:
        client = Client(registry.host)
        private, public = cosign.generate_key(folder / "keys")
        plain = folder / "plain.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-out", plain], check=True, capture_output=True)
        public = folder / "plain.pub"
        subprocess.run(["openssl", "pkey", "-in", plain, "-pubout", "-out", public], check=True,
                       capture_output=True)
        assert private
        made = [client.push(images.tiny(folder / f"i{n}", text=f"{n}\n"), "cold")
                for n in range(count)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda ref: signer.sign(ref, plain).ok(), made))
        for name, delay in (("", 0.0), ("_20ms", 0.02)):
            slow = Slow(registry.host, delay)
            slow.start()
            inner = folder / f"at{delay}"
            inner.mkdir()
            host = slow.host if delay else registry.host
            policy = daemon_files.policy(inner / "p.json", daemon_files.rule("*", "release"),
                                         signers={"release": [public]})
            with notard(inner / "n", daemon_files.config(policy)) as daemon:
                references = [ref.replace(registry.host, host) for ref in made]
                before, begin = len(registry.requests()), time.monotonic()
                told = daemon.verify(*references, timeout="60s")
                seconds = time.monotonic() - begin
                if any(t["verdict"] != "allow" for t in told):
                    raise RuntimeError("a cold image is not allowed")
                add(f"cold_images_per_s{name}", count / seconds, "images/s", "", None)
                at_most(f"cold_requests_per_image{name}",
                        (len(registry.requests()) - before) / count, "requests", 3)
            slow.stop()


def million(folder: Path, out: Path, add, at_most, at_least) -> None:
    digests = int(os.environ.get("BENCH_DIGESTS", "1000000"))
    state = folder / "state"
    done = subprocess.run([str(out / "bench" / "store_decide"), str(state), str(digests), "fill"],
                          capture_output=True, text=True, check=True, timeout=900)
    key = json.loads(done.stdout)["key"]
    config = {"listen": ["127.0.0.1:{port}"], "probes": "127.0.0.1:{probe_port}"}
    starts = []
    for n in range(5):
        begin = time.monotonic()
        with notard(folder / f"n{n}", config, state=state):
            starts.append(time.monotonic() - begin)
    at_most("ready_ms_1m", sorted(starts)[2] * 1000, "ms", 50)
    import hashlib
    def reference(n: int) -> str:
        return "registry.example/app@sha256:" + hashlib.sha256(n.to_bytes(8, "little")).hexdigest()
    with notard(folder / "n", config, state=state) as daemon:
        pid = daemon.process.pid
        at_most("anon_mib_idle", anonymous_kib(pid) / 1024, "MiB", 8)
        acknowledged, stale, asked, stop = [float("inf")], [0], [0], threading.Event()

        def hammer(seed: int) -> None:
            draw = random.Random(seed)
            while not stop.is_set():
                begin = time.monotonic()
                told = daemon.verify(*[reference(draw.randrange(digests)) for _ in range(50)])
                asked[0] += len(told)
                if begin > acknowledged[0]:
                    stale[0] += sum(t["verdict"] == "allow" for t in told)
        threads = [threading.Thread(target=hammer, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(3)
        at_most("anon_mib_loaded_1m", anonymous_kib(pid) / 1024, "MiB", 24)
        before = asked[0]
        begin = time.monotonic()
        notar("trust", "revoke", "--state", state, key).ok()
        acknowledged[0] = time.monotonic()
        time.sleep(2)
        stop.set()
        for thread in threads:
            thread.join()
        if asked[0] == before:
            raise RuntimeError("nothing was asked after the revocation")
        at_most("revocation_next_answer", stale[0], "stale allows", 0)
        add("revoke_command_ms", (acknowledged[0] - begin) * 1000, "ms", "", None)
