# SPDX-License-Identifier: Apache-2.0
"""The checks of `make lint` find what they are there to find: each on a small tree made for it."""

import os
import shutil
import subprocess

import pytest

from lib import paths
from lib.run import run

SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
LAYERS = """# Architecture

    0  include/notar   public
    1  base            bytes
    2  net             curl
    3  oci keys store http   places
    4  pki             certificates
    5  envelope        formats
    6  trust           verdicts
    7  sync            asks
    8  signer verifier programs
"""
MAKEFILE = """# SPDX-License-Identifier: Apache-2.0
ALL_CPPFLAGS := -include base/banned.h
LIB_SRC := $(wildcard base/*.c) signer/sign.c \\
\tverifier/verify.c
"""


def _guarded(name: str, body: str = "", folder_is: str = "") -> str:
    guard = name.removeprefix("include/").replace("/", "_").replace(".", "_").upper()
    opening = f"/*\n * {folder_is}: for a test\n */\n" if folder_is else ""
    return f"{SPDX}#ifndef {guard}\n#define {guard}\n{opening}{body}\n#endif\n"


@pytest.fixture
def tree(tmp_path):
    """A function: a little repository of these files, every one tracked."""
    def make(files: dict[str, str]):
        for name, text in {"Makefile": MAKEFILE, "ARCHITECTURE.md": LAYERS, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        run(("git", "init", "-q", tmp_path)).ok()
        run(("git", "-C", tmp_path, "add", "-A")).ok()
        return tmp_path
    return make


def _tool(name: str, *args):
    return run((paths.ROOT / "tools" / name, *args), env={"PATH": os.environ["PATH"]})


def _finds(result, *words: str) -> None:
    result.exits(1)
    for word in words:
        assert word in result.err, f"{word!r} is not named\n{result}"


@pytest.mark.parametrize("name, include, why", [
    ("base/a.c", '"oci/x.h"', "upwards"),
    ("oci/a.c", '"keys/x.h"', "sideways"),
    ("signer/cmd_a.c", '"verifier/x.h"', "sideways"),
    ("trust/a.h", '"verifier/x.h"', "upwards"),
    ("base/a.c", '"tests/lib/x.h"', "in no layer"),
    ("oci/a.c", "<curl/curl.h>", "net/"),
    ("trust/a.c", "<jansson.h>", "base/json"),
    ("store/facts.c", "<lmdb.h>", "store/env"),
    ("envelope/a.c", "<openssl/evp.h>", "keys"),
    ("signer/sign.c", '"signer/command.h"', "part of libnotar"),
    ("verifier/verify.c", '"verifier/config.h"', "part of libnotar"),
])
def test_layers_refuses(tree, name, include, why):
    root = tree({name: f"{SPDX}#include {include}\n"})
    _finds(_tool("check-layers", root), f"{name}:2:", why)


@pytest.mark.parametrize("name, include", [
    ("oci/a.c", '"net/url.h"'), ("trust/a.c", '"oci/x.h"'), ("net/a.c", "<curl/curl.h>"),
    ("base/json_write.c", "<jansson.h>"), ("store/env.c", "<lmdb.h>"),
    ("verifier/verify.c", '"verifier/verify.h"'), ("signer/main.c", '"signer/command.h"'),
    ("keys/a.c", '"notar/error.h"'),
])
def test_layers_allows(tree, name, include):
    _tool("check-layers", tree({name: f"{SPDX}#include {include}\n"})).ok()


def test_layers_compares_its_table_with_the_architecture(tree):
    root = tree({"base/a.c": SPDX, "ARCHITECTURE.md": LAYERS.replace("    6  trust", "    1  trust")})
    _finds(_tool("check-layers", root), "trust and")
    root = tree({"base/a.c": SPDX, "ARCHITECTURE.md": LAYERS.replace("keys ", "")})
    _finds(_tool("check-layers", root), "does not place keys")


@pytest.mark.parametrize("name, text, why", [
    ("base/a.h", _guarded("base/a.h", "size_t a(void);", "base/"), "alone as C11"),
    ("base/a.h", _guarded("base/b.h", "", "base/"), "BASE_A_H"),
    ("base/a.h", _guarded("base/a.h"), " * base/: "),
    ("base/a.h", _guarded("base/a.h", "", "base/").removeprefix(SPDX), "SPDX"),
    ("include/notar/a.h", _guarded("include/notar/a.h", "int class;", "include/notar/"), "C++17"),
    ("tools/a.sh", "#!/bin/sh\necho\n", "tools/a.sh"),
])
def test_headers_refuses(tree, name, text, why):
    first = {"base/z.h": _guarded("base/z.h", "", "base/")} if not name.startswith("base/") else {}
    _finds(_tool("check-headers", tree({**first, name: text})), why)


def test_headers_allows_what_stands_on_its_own(tree):
    text = _guarded("base/a.h", "#include <stddef.h>\nsize_t a(void);", "base/")
    _tool("check-headers", tree({"base/a.h": text})).ok()


_HOST = "cra" + "tes.io"


@pytest.mark.parametrize("text, why", [
    ("void\nf(char *a)\n{\n\tstrcpy(a, a);\n}\n", ":5: strcpy("),
    ("int\nf(void)\n{\n\treturn atoi(0);\n}\n", "atoi("),
    ("#undef strcpy\n", "undoes base/banned.h"),
    ("void\nf(void)\n{\n\tprintf(\"x\");\n}\n", "does not print"),
    ("void\nf(void)\n{\n\texit(1);\n}\n", "does not print, end"),
    (f"/* see {_HOST} */\n", "host name"),
    ('static const char *p = "/wo" "rk";\n/* /home/me/x */\n', "path of one machine"),
    ("/* TO" + "DO: later */\n", "note to oneself"),
])
def test_banned_refuses(tree, text, why):
    _finds(_tool("check-banned", tree({"base/a.c": SPDX + text})), "base/a.c", why)


def test_banned_lets_a_program_print_and_knows_comments_from_calls(tree):
    _tool("check-banned", tree({
        "signer/main.c": SPDX + "void\nf(void)\n{\n\tprintf(\"x\");\n\texit(0);\n}\n",
        "base/a.c": SPDX + '/* not strcpy(a, b) */\nstatic const char *s = "sprintf(";\n'
                    "void\nf(int x)\n{\n\tg->system(x);\n\t_exit(1);\n}\n"})).ok()


def _objects(folder, **sources: str):
    """Compiles pieces of C as BUILD/VARIANT/obj/<folder>/<name>.o; "envelope_a" is one."""
    for name, text in sources.items():
        home, stem = name.split("_", 1)
        target = folder / "obj" / home / f"{stem}.o"
        target.parent.mkdir(parents=True, exist_ok=True)
        run(("gcc", "-x", "c", "-c", "-o", target, "-"), stdin=text, env=dict(os.environ)).ok()
    return folder


@pytest.mark.parametrize("call", ["open", "socket", "time", "clock_gettime", "getenv", "printf",
                                  "curl_easy_init", "mdb_get", "file_read", "clock_now_s",
                                  "source_blob"])
def test_pure_refuses(tmp_path, call):
    ours = "int file_read(void) { return 0; } int clock_now_s(void) { return 0; }"
    text = f"int {call}(); int f(void) {{ return {call}(); }}"
    built = _objects(tmp_path, base_a=ours + " int source_blob(void) { return 0; }",
                     trust_a=text)
    _finds(_tool("check-pure", built), f"trust/a.o: calls {call}")


def test_pure_allows_computing_and_the_one_interface(tmp_path):
    text = """#include <stdlib.h>
#include <string.h>
int source_blob(void); int f(char *a, char *b)
{ free(malloc(strlen(a))); return strcmp(a, b) + source_blob(); }"""
    built = _objects(tmp_path, oci_a="int source_blob(void) { return 0; }", envelope_discover=text)
    _tool("check-pure", built).ok()
    _finds(_tool("check-pure", tmp_path / "nothing-built"), "build first")


def _function(lines: int) -> str:
    return "int\nf(int x)\n{\n" + "\tx++;\n" * (lines - 1) + "\treturn x;\n}\n"


@pytest.mark.parametrize("text, why", [
    (_function(61), "f: 61 lines, over 60"),
    (_function(15), "percentile 50%"),
    (_function(5) + "/*\n" + " * x\n" * 500 + " */\n", "over 500"),
    (_function(5) + "/* " + "x" * 100 + " */\n", "columns, over 100"),
    (_function(5) + "\t" * 12 + "/* 101 */;\n", "columns, over 100"),
])
def test_measure_refuses(tree, text, why):
    _finds(_tool("measure", "--check", tree({"base/a.c": SPDX + text})), why)


def test_measure_counts_from_brace_to_brace(tree):
    shown = _tool("measure", "--check", tree({"base/a.c": SPDX + _function(14)})).ok()
    base = next(line.split() for line in shown.out.splitlines() if line.startswith("base"))
    assert base[1:7] == ["1", "19", "1", "14", "14", "14"]


_PAGE = """.Dd January 1, 2026
.Dt NOTAR 1
.Os
.Sh NAME
.Nm notar
.Nd test page
.Sh COMMANDS
.Bl -tag -width Ds
{commands}
.El
.Sh OPTIONS
.Bl -tag -width Ds
{options}
.El
.Sh REASONS
.Bl -tag -width Ds
{reasons}
.El
.Sh EXIT STATUS
.Bl -tag -width Ds
.It 0
yes
.It 1
no
.It 2
usage
.It 3
unknown
.El
"""


@pytest.fixture(scope="module")
def true_page():
    """A page that says what the program says, made from the program."""
    program, every, seen, commands = paths.program("notar"), None, set(), []
    rows = [line.split() for line in run((program, "--help")).out.splitlines()
            if line.startswith("  notar ")]
    options = {row[1]: [line.split()[0][2:]
                        for line in run((program, row[1], "--help")).out.splitlines()
                        if line.startswith("  --")] for row in rows}
    every = set.intersection(*map(set, options.values()))
    for _, name, *operands in rows:
        own = [f".Op Fl -{o}" for o in options[name] if o not in every]
        words = [f".Cm {w}" for o in operands for w in o.split("|") if w.islower() and "|" in o]
        commands += [f".It Cm {name}", *own, *words, "does it."]
        seen |= set(options[name])
    text = (paths.ROOT / "include/notar/verdict.h").read_text()
    reasons = [line.split('"')[1] + " Pq " + line.split(",")[2].strip().lower()
               for line in text.splitlines() if line.startswith("\tX(")]
    return {"commands": "\n".join(commands),
            "options": "\n".join(f".It Fl -{o}\ntext" for o in sorted(seen)),
            "reasons": "\n".join(f".It Sy {r}\ntext" for r in reasons)}


def _man(folder, parts: dict[str, str], change=("", "")):
    (folder / "notar.1").write_text(_PAGE.format(**parts).replace(*change))
    return _tool("check-man", paths.program("notar").parent, folder)


def test_man_says_aloud_that_there_is_no_page(tmp_path):
    assert "NOTHING WAS COMPARED" in _tool("check-man", paths.program("notar").parent,
                                           tmp_path).ok().out


def test_man_finds_nothing_wrong_in_a_true_page(tmp_path, true_page):
    if shutil.which("mandoc") is None:
        pytest.skip("no mandoc here")
    result = _man(tmp_path, true_page)
    # Pages that a whole manual has are missing here, and the environment is not described.
    wrong = [s for s in result.err.splitlines()
             if "is missing" not in s and not s.startswith("ENVIRONMENT")]
    assert not wrong, "\n".join(wrong)
    assert "docs/man/notar-policy.5: is missing" in result.err


@pytest.mark.parametrize("change, why", [
    ((".It Cm sign\n", ".It Cm sing\n"), "COMMANDS: sign is not described"),
    ((".It Cm sign\n", ".It Cm sing\n"), "COMMANDS: sing is not in the program"),
    ((".Op Fl -recursive\n", ""), "COMMANDS, sign: --recursive is not described"),
    ((".It Cm tree\n", ".It Cm tree\n.Op Fl -force\n"), "tree: --force is not in the program"),
    ((".Cm inspect\n", ""), "COMMANDS, key: Cm inspect"),
    ((".It Fl -key\n", ".It Fl -kye\n"), "OPTIONS: --key is not described"),
    ((".It Sy throttled Pq undetermined\n", ""), "REASONS: throttled is not described"),
    ((".It Sy unsigned Pq deny\n", ".It Sy unsigned Pq allow\n"), "unsigned: its line"),
    ((".It 3\n", ".It 4\n"), "EXIT STATUS: 3 is not described"),
])
def test_man_refuses(tmp_path, true_page, change, why):
    if shutil.which("mandoc") is None:
        pytest.skip("no mandoc here")
    assert change[0] in _PAGE.format(**true_page)
    _finds(_man(tmp_path, true_page, change), why)


def test_a_tool_says_how_it_is_called():
    for name in ("check-pure", "check-man"):
        result = subprocess.run((paths.ROOT / "tools" / name,), capture_output=True, text=True)
        assert result.returncode == 2 and result.stderr.startswith("usage: ")
