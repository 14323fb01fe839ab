# SPDX-License-Identifier: Apache-2.0
"""The `notar` command as the tests call it, and its verdicts as they read them."""

from dataclasses import dataclass
from pathlib import Path

from lib.run import Result, notar

FORMATS = ("bundle", "simple")
ALLOW, DENY, UNDETERMINED = "allow", "deny", "undetermined"
_EXIT = {ALLOW: 0, DENY: 1, UNDETERMINED: 3}


@dataclass(frozen=True)
class Verdict:
    verdict: str
    reason: str
    digest: str | None
    reasons: frozenset[str]  # of every signature that was tried
    result: Result


def _keys(publics) -> list:
    return [part for public in publics for part in ("--key", public)]


def sign(reference: str, key: Path, form: str = "bundle", *args, **options) -> Result:
    return notar("sign", "--key", key, "--format", form, *args, reference, **options)


def verify(reference: str, *publics: Path, args=(), **options) -> Result:
    return notar("verify", *_keys(publics), *args, reference, **options)


def attest(reference: str, key: Path, kind: str, predicate: Path, *args, **options) -> Result:
    return notar("attest", "--key", key, "--type", kind, "--predicate", predicate, *args, reference,
                 **options)


def verify_attestation(reference: str, public: Path, kind: str, *args, **options) -> Result:
    return notar("verify-attestation", "--key", public, "--type", kind, *args, reference, **options)


def objects(value):
    """Every JSON object in a document, outermost first."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


def read(result: Result) -> Verdict:
    """The verdict of a --json answer about one image; the exit status must agree with it."""
    document = result.json()
    outer = next((o for o in objects(document) if "verdict" in o), None)
    assert outer is not None, f"no verdict\n{result}"
    assert result.code == _EXIT[outer["verdict"]], f"{outer['verdict']} but\n{result}"
    reasons = frozenset(o["reason"] for o in objects(document) if isinstance(o.get("reason"), str))
    return Verdict(outer["verdict"], outer["reason"], outer.get("digest"), reasons, result)


def judge(reference: str, *publics: Path, args=(), **options) -> Verdict:
    return read(verify(reference, *publics, args=("--json", *args), **options))


def allows(reference: str, *publics: Path, **options) -> Verdict:
    verdict = judge(reference, *publics, **options)
    assert verdict.verdict == ALLOW, str(verdict.result)
    return verdict


def denies(reference: str, *publics: Path, reason: str, **options) -> Verdict:
    """Denied, with that reason for the image or for one of its signatures."""
    verdict = judge(reference, *publics, **options)
    assert verdict.verdict == DENY, str(verdict.result)
    assert reason in {verdict.reason} | verdict.reasons, f"wanted {reason}\n{verdict.result}"
    return verdict


def cannot_tell(reference: str, *publics: Path, reason: str, **options) -> Verdict:
    """Undetermined, and never anything that reads as "unsigned"."""
    verdict = judge(reference, *publics, **options)
    assert verdict.verdict == UNDETERMINED, str(verdict.result)
    assert reason == verdict.reason, f"wanted {reason}\n{verdict.result}"
    assert "unsigned" not in verdict.reasons, str(verdict.result)
    return verdict


def generate_key(folder: Path, *args, **options) -> tuple[Path, Path]:
    """notar's own encrypted key pair: (private, public)."""
    folder.mkdir(parents=True, exist_ok=True)
    private, public = folder / "notar.key", folder / "notar.pub"
    notar("key", "generate", "--out", private, *args, **options).ok()
    if not public.exists():
        public.write_text(notar("key", "public", "--key", private, **options).ok().out)
    return private, public


def sign_blob(path: Path, key: Path, bundle: Path, *args, **options) -> Result:
    return notar("sign-blob", "--key", key, "--bundle", bundle, *args, path, **options)


def verify_blob(path, public: Path, bundle: Path, *args, **options) -> Result:
    return notar("verify-blob", "--key", public, "--bundle", bundle, *args, path, **options)
