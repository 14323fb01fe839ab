# SPDX-License-Identifier: Apache-2.0
"""Notary Project signatures: `notar verify` against notation-go, and an envelope's verification
beside the bare signatures in it."""

import json
import os
import subprocess
from pathlib import Path

from lib import chains, images, notation, peers, servers
from lib.push import Client
from lib.run import notar

ROUNDS = int(os.environ.get("BENCH_VERIFICATIONS", "2000"))
FORMATS = {"jws": "application/jose+json", "cose": "application/cose"}


class Owner:
    """A key with its chain of three, a configuration of notation, a policy of ours."""

    def __init__(self, folder: Path, kind: str = "p256"):
        made = chains.chain(chains.LEAF.but(kind=kind), chains.INTERMEDIATE, chains.ROOT)
        folder.mkdir(parents=True, exist_ok=True)
        self.key, self.chain, self.policy = (folder / n for n in ("key", "chain", "policy"))
        self.key.write_bytes(chains.private_pem(chains.key(kind)))
        self.chain.write_bytes(chains.pem(*made))
        root = chains.pem(made[-1])
        self.config = notation.config(folder / "notation", {"ca:us": root})
        self.policy.write_text(json.dumps({
            "version": 1,
            "signers": {"us": {"x509": {"ca": [root.decode()], "identities": ["*"]}}},
            "rules": [{"scope": "*", "require": {"signers": ["us"]}}]}))

    def sign(self, form: str, image: str) -> None:
        notar("sign", "--format", form, "--key", self.key, "--cert-chain", self.chain, image).ok()


def against_notation(folder: Path, out: Path, add, at_most, paired, median) -> None:
    program, other = peers.need("notar"), peers.need("notation")
    owner = Owner(folder / "owner")
    with servers.go_registry(folder / "registry") as registry:
        for form in FORMATS:
            image = Client(registry.host).push(images.tiny(folder / form, text=form), form)
            owner.sign(form, image)
            ours, theirs = paired(
                lambda _, image=image: [program, "verify", "--policy", owner.policy, image],
                lambda _, image=image: [other, "verify", "--config", owner.config, "--plain-http",
                                        image])
            stem = "verify_vs_notation_go" if form == "jws" else "verify_cose_vs_notation_go"
            at_most(stem, median(ours, 0) / median(theirs, 0), "wall ratio", 0.5)
            if form == "jws":
                add("verify_rss_vs_notation_go", median(ours, 1) / median(theirs, 1),
                    "peak memory ratio", "", None)
                add("notation_go_rss_mib", median(theirs, 1) / 1024, "MiB", "", None)


def envelopes(folder: Path, out: Path, add, at_most) -> None:
    for kind in ("p256", "rsa3072"):
        owner = Owner(folder / kind, kind)
        for form, media_type in FORMATS.items():
            image = images.tiny(folder / f"{kind}-{form}")
            owner.sign(form, f"oci:{image.layout.folder}@{image.digest}")
            [(_, manifest)] = [(d, m) for d, m in image.layout.manifests()
                               if m.get("layers", [{}])[0].get("mediaType") == media_type]
            told = json.loads(subprocess.run(
                [out / "bench" / "notary_verify", form,
                 image.layout.blob_path(manifest["layers"][0]["digest"]),
                 image.layout.blob_path(image.digest), str(ROUNDS)],
                check=True, capture_output=True, text=True, timeout=300).stdout)
            stem = form if kind == "p256" else f"{form}_{kind}"
            add(f"{stem}_verify_per_cpu_s", 1e9 / told["judge_ns"], "envelopes", "", None)
            at_most(f"{stem}_verify_vs_bare", told["judge_ns"] / told["bare_ns"], "CPU ratio", 1.5)
            add(f"{stem}_verify_vs_one_signature", told["judge_ns"] / told["one_ns"], "CPU ratio",
                "", None)
