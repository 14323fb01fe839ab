# SPDX-License-Identifier: Apache-2.0
"""`make install` gives a C and a C++ program all they need, and `make uninstall` takes it back."""

import json
import os
import shutil
import subprocess

import pytest

from lib import images, paths
from lib.run import notar, run

PREFIX = "/opt/notar"
PUBLIC = tuple(p.name for p in sorted((paths.ROOT / "include/notar").glob("*.h")))
DIGEST = "sha256:" + "ab" * 32

# Valid C11 and C++17 alike. Prints what three public calls say.
CONSUMER = r"""
#include <notar/sign.h>
#include <notar/verify.h>
#include <notar/version.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct notar_digest digest;
	struct notar_error err;
	struct notar_verify_options options;
	struct notar_report *report = NULL;
	char text[NOTAR_DIGEST_TEXT_BYTES];

	memset(&err, 0, sizeof(err));
	memset(&options, 0, sizeof(options));
	if (argc != 3 || notar_digest_parse(argv[1], strlen(argv[1]), &digest, &err) != NOTAR_OK)
		return 10;
	printf("%s %s\n", NOTAR_VERSION, notar_digest_format(&digest, text));
	if (notar_digest_parse("sha256:0", 8, &digest, &err) != NOTAR_E_FORMAT)
		return 11;
	options.policy = "{\"version\":1,\"rules\":[{\"scope\":\"*\",\"require\":"
			 "{\"signers\":[\"*\"]}}]}";
	if (notar_verify(argv[2], &options, &report, &err) != NOTAR_OK) {
		printf("error %s: %s\n", notar_code_name(err.code), err.msg);
		return 12;
	}
	printf("%s %s\n", notar_verdict_name(report->verdict), notar_reason_name(report->reason));
	notar_report_free(report);
	return 0;
}
"""


def _make(target: str, destdir) -> None:
    """On the build under test, so that nothing but the shared library is compiled."""
    build = paths.program("notar").parents[2]
    environment = {k: v for k, v in os.environ.items()
                   if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    run(("make", "-s", "-j2", "-C", paths.ROOT, target, f"BUILD={build}", f"PREFIX={PREFIX}",
         f"DESTDIR={destdir}"), timeout=600, env=environment).ok()


def _files(folder) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    destdir = tmp_path_factory.mktemp("installed")
    _make("install", destdir)
    return destdir


def _pkg_config(destdir, *words) -> list[str]:
    env = {**os.environ, "PKG_CONFIG_PATH": f"{destdir}{PREFIX}/lib/pkgconfig",
           "PKG_CONFIG_SYSROOT_DIR": str(destdir)}
    out = run(("pkg-config", *words, "notar"), env=env).ok().out.split()
    # pkg-config puts the sysroot before every folder, also before the system's own.
    return [w for w in out if not w.endswith(f"{destdir}/usr/include/x86_64-linux-gnu")]


def _build(destdir, folder, compiler, flags, *link) -> str:
    source = folder / ("consumer.c" if "c11" in flags[0] else "consumer.cc")
    source.write_text(CONSUMER)
    program = folder / "consumer"
    run((compiler, *flags, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o", program, source,
         *_pkg_config(destdir, "--cflags"), *link), env=dict(os.environ)).ok()
    return str(program)


def _speaks(program, folder, **env) -> None:
    result = run((program, DIGEST, f"oci:{folder / 'absent'}:v1"),
                 env={"PATH": os.environ["PATH"], "HOME": str(folder), **env}).ok()
    version, verdict = result.out.splitlines()
    assert version == f"{_version()} {DIGEST}"
    assert verdict == "deny not_found", str(result)


def _version() -> str:
    return (paths.ROOT / "include/notar/version.h").read_text().split('"')[1]


@pytest.mark.parametrize("compiler, standard", [("gcc", "-std=c11"), ("g++", "-std=c++17")])
def test_a_program_links_the_shared_library(installed, tmp_path, compiler, standard):
    program = _build(installed, tmp_path, compiler, (standard,),
                     *_pkg_config(installed, "--libs"))
    libraries = f"{installed}{PREFIX}/lib"
    _speaks(program, tmp_path, LD_LIBRARY_PATH=libraries)
    without = run((program, DIGEST, "oci:x:v1"), env={"PATH": os.environ["PATH"]})
    assert without.code == 127 and "libnotar.so.0" in without.err, str(without)


def test_a_program_links_the_static_library(installed, tmp_path):
    archive = f"{installed}{PREFIX}/lib/libnotar.a"
    # --static tells the libraries behind ours; ours itself is named as a file.
    words = [w for w in _pkg_config(installed, "--static", "--libs") if w != "-lnotar"]
    closure = run(("pkg-config", "--libs", "openssl", "libsodium", "jansson", "libcurl",
                   "zlib", "libpcre2-8")).ok().out.split()
    assert set(closure) <= set(words), "the .pc file forgets a library"
    program = _build(installed, tmp_path, "gcc", ("-std=c11",), archive, *closure, "-llmdb",
                     "-pthread")
    _speaks(program, tmp_path)


def test_the_shared_library_shows_the_public_calls_and_nothing_else(installed):
    library = f"{installed}{PREFIX}/lib/libnotar.so.0"
    out = run(("nm", "-D", "--defined-only", library)).ok().out
    shown = {line.split()[-1] for line in out.splitlines()}
    text = "".join((paths.ROOT / "include/notar" / name).read_text() for name in PUBLIC)
    assert {"notar_verify", "notar_sign", "notar_digest_parse"} <= shown
    assert all(name in text for name in shown), f"not in a public header: {sorted(shown)}"
    dynamic = run(("readelf", "-d", library)).ok().out
    assert "[libnotar.so.0]" in dynamic and "BIND_NOW" in dynamic


def test_everything_is_where_it_belongs(installed):
    found = _files(installed)
    assert {"error.h", "sign.h", "verify.h"} <= set(PUBLIC)
    want = {f"opt/notar/include/notar/{name}" for name in PUBLIC}
    want |= {"opt/notar/bin/notar", "opt/notar/lib/libnotar.a", "opt/notar/lib/libnotar.so",
             "opt/notar/lib/libnotar.so.0", "opt/notar/lib/pkgconfig/notar.pc"}
    if paths.program("notard").exists():
        want |= {"opt/notar/sbin/notard", "opt/notar/lib/systemd/system/notard.service"}
    assert want <= found
    assert all(name.startswith("opt/notar/") for name in found), "outside PREFIX"
    texts = [p for p in installed.rglob("*") if p.suffix in (".pc", ".service", ".conf")]
    assert not [p for p in texts if str(installed) in p.read_text() or "@PREFIX@" in p.read_text()]


def test_the_sample_policy_is_a_policy_and_denies_what_nobody_signed(installed, tmp_path):
    sample = f"{installed}{PREFIX}/share/doc/notar/examples/policy.json"
    image = images.tiny(tmp_path / "image")
    verdict = notar("verify", "--json", "--policy", sample, image.ref).exits(1).json()
    assert verdict["verdict"] == "deny"


def test_the_sample_configuration_passes_the_daemons_own_check(installed, tmp_path):
    daemon = paths.program("notard")
    if not daemon.exists():
        pytest.skip("notard is not built")
    examples = installed / PREFIX[1:] / "share/doc/notar/examples"
    document = json.loads((examples / "notar.conf").read_text())
    # The files it names are the administrator's: here a policy and a certificate of the test.
    run(("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", tmp_path / "tls.key",
         "-out", tmp_path / "tls.crt")).ok()
    document["policy"] = str(examples / "policy.json")
    document["tls"] = {"certificate": str(tmp_path / "tls.crt"), "key": str(tmp_path / "tls.key")}
    (tmp_path / "notar.conf").write_text(json.dumps(document))
    run((daemon, "--config", tmp_path / "notar.conf", "--state", tmp_path / "state",
         "--check-config")).ok()


def test_the_unit_file_is_understood(installed, tmp_path):
    unit = installed / PREFIX[1:] / "lib/systemd/system/notard.service"
    if not unit.exists() or shutil.which("systemd-analyze") is None:
        pytest.skip("no notard, or no systemd-analyze here")
    text = unit.read_text()
    daemon = f"{PREFIX}/sbin/notard"
    assert f"ExecStart={daemon} " in text
    # The daemon is elsewhere here, and no manual is installed: these two alone are not looked at.
    changed = text.replace(daemon, "/bin/true")
    changed = "".join(s for s in changed.splitlines(True) if not s.startswith("Documentation="))
    (tmp_path / "notard.service").write_text(changed)
    checked = subprocess.run(("systemd-analyze", "verify", tmp_path / "notard.service"),
                             capture_output=True, text=True, timeout=60)
    said = [s for s in checked.stderr.splitlines() if "notard.service" in s]
    assert not said, "\n".join(said)


def test_uninstall_leaves_nothing_of_ours_and_all_of_others(tmp_path):
    other = tmp_path / "opt/notar/include/notar-other.h"
    mine = tmp_path / "opt/notar/share/doc/notar/examples/my-policy.json"
    for file in (other, mine):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("somebody's\n")
    _make("install", tmp_path)
    assert len(_files(tmp_path)) > 10
    _make("uninstall", tmp_path)
    assert _files(tmp_path) == {str(p.relative_to(tmp_path)) for p in (other, mine)}
    assert not (tmp_path / "opt/notar/include/notar").exists()
    mine.unlink()
    _make("uninstall", tmp_path)
    assert not (tmp_path / "opt/notar/share/doc/notar").exists()
