# SPDX-License-Identifier: Apache-2.0
"""The real helm renders our chart."""

import json
from pathlib import Path

import yaml

from lib import paths, peers
from lib.run import run

CHART = paths.ROOT / "deploy" / "helm" / "notar"


def template(folder: Path, values: dict | None = None, namespace: str = "notar-system"):
    """helm template's Result, with these values."""
    file = folder / "values.json"
    file.write_text(json.dumps(values or {}))
    return run((peers.need("helm"), "template", "notar", CHART, "--namespace", namespace,
                "--kube-version", "1.34.0", "--values", file), timeout=60,
               env={"HOME": str(folder)})


def objects(result) -> list[dict]:
    return [thing for thing in yaml.safe_load_all(result.ok().out) if thing]
