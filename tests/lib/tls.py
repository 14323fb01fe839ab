# SPDX-License-Identifier: Apache-2.0
"""A throw-away certificate authority and server certificates, by the openssl command."""

from dataclasses import dataclass
from pathlib import Path

from lib.run import run


@dataclass(frozen=True)
class Certificate:
    cert: Path
    key: Path


def _openssl(*args) -> None:
    run(("openssl", *args), timeout=30).ok()


def new_key(path: Path, algorithm: str = "EC") -> Path:
    option = ("ec_paramgen_curve:P-256" if algorithm == "EC" else "rsa_keygen_bits:2048")
    _openssl("genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", path)
    return path


def authority(folder: Path, name: str = "test CA", algorithm: str = "EC") -> Certificate:
    """A self-signed CA as ca.pem and ca.key in folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificate(folder / "ca.pem", new_key(folder / "ca.key", algorithm))
    _openssl("req", "-x509", "-new", "-key", made.key, "-out", made.cert, "-days", "2",
             "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    return made


def server(ca: Certificate, folder: Path, names=("IP:127.0.0.1", "DNS:localhost"),
           stem: str = "server", days: int = 2) -> Certificate:
    """A certificate for names, signed by ca."""
    return _leaf(ca, folder, names, stem, days, "serverAuth")


def client(ca: Certificate, folder: Path, name: str = "caller") -> Certificate:
    return _leaf(ca, folder, (f"DNS:{name}",), "client-" + name, 2, "clientAuth")


def _leaf(ca, folder, names, stem, days, usage) -> Certificate:
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificate(folder / f"{stem}.pem", new_key(folder / f"{stem}.key"))
    request, extensions = folder / f"{stem}.csr", folder / f"{stem}.ext"
    extensions.write_text(f"subjectAltName={','.join(names)}\nextendedKeyUsage={usage}\n"
                          "basicConstraints=critical,CA:FALSE\n")
    _openssl("req", "-new", "-key", made.key, "-subj", f"/CN={stem}", "-out", request)
    _openssl("x509", "-req", "-in", request, "-CA", ca.cert, "-CAkey", ca.key, "-days", str(days),
             "-CAcreateserial", "-extfile", extensions, "-out", made.cert)
    return made
