# SPDX-License-Identifier: Apache-2.0
"""A notation plugin that verifies, well or as badly as a test asks.

install() writes {libexec}/plugins/NAME/notation-NAME. Each run leaves a line in the log beside it,
so a plugin that was never run has no log.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

IDENTITY, REVOCATION = ("SIGNATURE_VERIFIER.TRUSTED_IDENTITY", "SIGNATURE_VERIFIER.REVOCATION_CHECK")

_SCRIPT = '''#!{python} -SE
import json, os, sys, time
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
    answer = {{"name": plan["name"], "description": "a test", "version": plan["version"],
              "url": "https://plugin.example", "supportedContractVersions": ["1.0"],
              "capabilities": plan["capabilities"]}}
elif command == "verify-signature":
    asked = request["trustPolicy"]["signatureVerification"]
    answer = {{"verificationResults": {{check: plan["results"][check] for check in asked}},
              "processedAttributes": request["signature"]["unprocessedAttributes"],
              "unknown": [1]}}
else:
    sys.exit(9)
answer.update(mine.get("answer", {{}}))
print(json.dumps({{k: v for k, v in answer.items() if v is not None}}))
'''


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

    def commands(self) -> list[str]:
        return [command for command, _, _ in self.calls()]


def install(libexec: Path, name: str = "p", *, capabilities=(IDENTITY, REVOCATION),
            version: str = "1.2.3", identity=True, revocation=True, reason: str | None = None,
            **misbehave) -> Plugin:
    """identity, revocation: its verdicts. misbehave: by command, with _ for -: {answer: members to
    replace, say, times, fail, sleep}."""
    made = Plugin(libexec, name)
    made.folder.mkdir(parents=True, exist_ok=True)
    words = {} if reason is None else {"reason": reason}
    (made.folder / "plan.json").write_text(json.dumps({
        "name": name, "version": version, "capabilities": list(capabilities),
        "results": {IDENTITY: {"success": identity, **words},
                    REVOCATION: {"success": revocation, **words}},
        "misbehave": {command.replace("_", "-"): how for command, how in misbehave.items()}}))
    made.program.write_text(_SCRIPT.format(python=sys.executable))
    made.program.chmod(0o755)
    return made
