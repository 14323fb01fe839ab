# SPDX-License-Identifier: Apache-2.0
"""Docker's config.json for one registry."""

import base64
import json
from pathlib import Path

from lib import run, servers


def packed(user: str = servers.USER, password: str = servers.SECRET) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def environment(folder: Path, host: str, user: str = servers.USER,
                password: str = servers.SECRET) -> dict[str, str]:
    """An environment whose clients have these credentials for host."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.json"
    path.write_text(json.dumps({"auths": {host: {"auth": packed(user, password)}}}))
    path.chmod(0o600)
    # skopeo and podman read the same shape under another name.
    return run.environment(DOCKER_CONFIG=str(folder), REGISTRY_AUTH_FILE=str(path))
