# SPDX-License-Identifier: Apache-2.0
"""The real nginx with our gate configuration (deploy/nginx-gate.conf) in front of a registry."""

import contextlib
from pathlib import Path

from lib import paths, peers
from lib.process import accepts, free_port, running, wait_until


def _config(folder: Path, registry: str, daemon: str, port: int, cert) -> Path:
    shipped = (paths.ROOT / "deploy" / "nginx-gate.conf").read_text()
    ours = (("server 127.0.0.1:5000;", f"server {registry};"),
            ("server 127.0.0.1:8443;", f"server {daemon};"),
            ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;" if cert else
             f"listen 127.0.0.1:{port};"),
            ("server_name registry.example;", ""))
    for old, new in ours:
        assert old in shipped, old
        shipped = shipped.replace(old, new)
    for name, file in (("ssl_certificate     /etc/nginx/registry.crt;", cert and cert.cert),
                       ("ssl_certificate_key /etc/nginx/registry.key;", cert and cert.key)):
        assert name in shipped, name
        shipped = shipped.replace(name, f"{name.split()[0]} {file};" if cert else "")
    path = folder / "nginx.conf"
    path.write_text(f"""daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
access_log {folder}/access.log;
client_body_temp_path {folder}/body;
proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi;
scgi_temp_path {folder}/scgi;
{shipped}
}}
""")
    return path


@contextlib.contextmanager
def gate(folder: Path, registry: str, daemon: str, port: int | None = None, cert=None):
    """host:port of a gate that serves what `registry` has and `daemon` lets pass."""
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    config, log = _config(folder, registry, daemon, port, cert), folder / "nginx.log"
    argv = [peers.need("nginx"), "-p", folder, "-e", folder / "error.log", "-c", config]
    with running(argv, log) as process:
        wait_until(lambda: accepts("127.0.0.1", port), "nginx", process, log)
        yield f"127.0.0.1:{port}"
