# SPDX-License-Identifier: Apache-2.0
"""A notation plugin that signs raw bytes, well or as badly as a test asks.

install() writes {libexec}/plugins/NAME/notation-NAME, a script that reads what it is from files
beside it and keeps a log of the commands it was given.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from lib import chains
from lib.notary_envelope import algorithm

_SCRIPT = '''#!{python}
import base64, json, os, sys, time
sys.path.insert(0, {tests!r})
here = os.path.dirname(os.path.abspath(__file__))
plan = json.load(open(os.path.join(here, "plan.json")))
request = json.loads(sys.stdin.read() or "{{}}")
command = sys.argv[1]
with open(os.path.join(here, "log"), "a") as log:
    log.write(json.dumps([command, request, sorted(os.environ)]) + "\\n")
mine = plan["misbehave"].get(command, {{}})
if "sleep" in mine:
    time.sleep(mine["sleep"])
if "fail" in mine:
    sys.stderr.write(mine["fail"])
    sys.exit(1)
if "say" in mine:
    sys.stdout.write(mine["say"] * mine.get("times", 1))
    sys.exit(0)
if command == "get-plugin-metadata":
    answer = {{"name": plan["name"], "description": "a test", "version": "1.0.0",
              "url": "https://plugin.example", "supportedContractVersions": ["1.0"],
              "capabilities": ["SIGNATURE_GENERATOR.RAW"]}}
elif command == "describe-key":
    answer = {{"keyId": request["keyId"], "keySpec": plan["keySpec"]}}
elif command == "generate-signature":
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from lib.notary_envelope import raw_signature
    key = load_pem_private_key(open(os.path.join(here, "key.pem"), "rb").read(), None)
    signature = raw_signature(key, base64.b64decode(request["payload"]))
    answer = {{"keyId": request["keyId"], "signature": base64.b64encode(signature).decode(),
              "signingAlgorithm": plan["signingAlgorithm"], "certificateChain": plan["chain"]}}
else:
    sys.exit(9)
answer.update(mine.get("answer", {{}}))
print(json.dumps({{k: v for k, v in answer.items() if v is not None}}))
'''

_SPECS = {"PS256": "RSA-2048", "PS384": "RSA-3072", "PS512": "RSA-4096",
          "ES256": "EC-256", "ES384": "EC-384", "ES512": "EC-521"}


@dataclass(frozen=True)
class Plugin:
    libexec: Path
    name: str

    @property
    def folder(self) -> Path:
        return self.libexec / "plugins" / self.name

    @property
    def program(self) -> Path:
        return self.folder / f"notation-{self.name}"

    def calls(self) -> list:
        """[command, request, names of its environment] of each run, in order."""
        log = self.folder / "log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def install(libexec: Path, chain: list, key, name: str = "test", **misbehave) -> Plugin:
    """misbehave: by command, with _ for -: {answer: members to replace, say, times, fail, sleep}."""
    made = Plugin(libexec, name)
    made.folder.mkdir(parents=True)
    alg = algorithm(key)
    hash_name = f"SHA-{alg[2:]}"
    from base64 import b64encode
    from cryptography.hazmat.primitives.serialization import Encoding
    (made.folder / "plan.json").write_text(json.dumps({
        "name": name, "keySpec": _SPECS[alg],
        "signingAlgorithm": f"{'RSASSA-PSS' if alg[0] == 'P' else 'ECDSA'}-{hash_name}",
        "chain": [b64encode(c.public_bytes(Encoding.DER)).decode() for c in chain],
        "misbehave": {command.replace("_", "-"): how for command, how in misbehave.items()}}))
    (made.folder / "key.pem").write_bytes(chains.private_pem(key))
    made.program.write_text(_SCRIPT.format(python=sys.executable,
                                           tests=str(Path(__file__).parents[1])))
    made.program.chmod(0o755)
    return made
