# SPDX-License-Identifier: Apache-2.0
"""`notar audit`: the audit log is checked and shown; what is wrong is named, file and line."""

import json

import pytest

from lib import audit_log
from lib.run import notar


@pytest.fixture
def chain():
    return audit_log.decisions(30)


@pytest.fixture
def log(chain, tmp_path):
    return chain.write(tmp_path / "audit.log")


@pytest.fixture
def rotated(chain, tmp_path):
    """Three files, as a shell's glob lists them: the newest first."""
    return [chain.write(tmp_path / "audit.log", 21),
            chain.write(tmp_path / "audit.log.00000000000000000001", 1, 10),
            chain.write(tmp_path / "audit.log.00000000000000000011", 11, 20)]


def verify(*args):
    return notar("audit", "verify", *args)


def broken(*args, wrong: str, where: str = ""):
    told = verify(*args, "--json").exits(1).json()
    assert not told["ok"] and wrong in told["wrong"], told
    text = verify(*args).exits(1).out
    assert text.startswith("broken: ") and where in text and wrong in text, text
    verify(*args, "--quiet").exits(1)
    return told


def test_a_good_log_is_told_with_its_ends(log, chain):
    told = verify(log, "--json").ok().json()
    assert told == {"ok": True, "records": 30, "firstSeq": 1, "lastSeq": 30,
                    "firstTime": "2026-01-31T00:00:01.123Z", "lastTime": "2026-01-31T00:00:30.123Z",
                    "firstPrev": "0" * 64, "lastHash": chain.hash.hex()}
    text = verify(log).ok().out
    assert "30 records" in text and chain.hash.hex() in text
    assert verify("--quiet", log).ok().out == ""


def test_an_empty_log_is_good_and_says_so(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    assert verify(tmp_path / "empty", "--json").ok().json() == {"ok": True, "records": 0}
    assert "no record" in verify(tmp_path / "empty").ok().out


def test_rotated_files_chain_in_any_order(rotated):
    for files in (rotated, rotated[::-1], [rotated[1], rotated[0], rotated[2]]):
        assert verify(*files, "--json").ok().json()["records"] == 30


def test_older_files_may_be_elsewhere_but_not_one_in_between(rotated, chain):
    told = verify(rotated[0], rotated[2], "--json").ok().json()
    assert told["firstSeq"] == 11 and told["firstPrev"] == json.loads(chain.lines[9])["hash"]
    assert "not among these files" in verify(rotated[0], rotated[2]).ok().out
    told = broken(rotated[0], rotated[1], wrong="record 21 follows record 10", where="audit.log:1:")
    assert told["file"].endswith("audit.log") and told["line"] == 1 and told["lastSeq"] == 10


def test_a_file_given_twice_is_found(rotated):
    broken(*rotated, rotated[0], wrong="follows")


@pytest.mark.parametrize("line", [1, 2, 15, 30])
def test_a_changed_record_is_named(log, chain, line):
    for old, new in ((b'"seq":', b'"Seq":'), (b"2026-01-31", b"2026-01-30"),
                     (b'"prev":"', b'"prev":"f'), (b'"event":"', b'"event":"x'), (b"}\n", b" }\n")):
        changed = list(chain.lines)
        changed[line - 1] = changed[line - 1].replace(old, new)
        log.write_bytes(b"".join(changed))
        told = broken(log, wrong="", where=f"audit.log:{line}:")
        assert told["line"] == line and told["records"] == line - 1


def test_a_rewritten_verdict_with_its_own_hash_breaks_the_next(log, chain):
    other = audit_log.decisions(5)
    other.add(image="registry.example/evil:1", verdict="allow", reason="trusted")
    log.write_bytes(b"".join(chain.lines[:5] + other.lines[5:] + chain.lines[6:]))
    assert broken(log, wrong="not chained")["line"] == 7


@pytest.mark.parametrize("order, line", [([0, 2], 2), ([0, 2, 1, 3], 2), ([0, 1, 1], 3)])
def test_removed_swapped_and_repeated_records_are_found(log, chain, order, line):
    log.write_bytes(b"".join(chain.lines[i] for i in order))
    assert broken(log, wrong="follows")["line"] == line


def test_a_torn_end_is_found(log, chain):
    log.write_bytes(b"".join(chain.lines)[:-1])
    assert broken(log, wrong="torn")["line"] == 30


def test_a_line_too_long_is_found(log, chain):
    log.write_bytes(chain.lines[0] + b"x" * 200000 + b"\n" + chain.lines[1])
    assert broken(log, wrong="over 65536 bytes")["line"] == 2


def test_a_cut_tail_shows_against_a_noted_number_or_hash(log, chain):
    log.write_bytes(b"".join(chain.lines[:20]))
    verify(log).ok()
    broken(log, "--expect-seq", 30, wrong="ends with record 20")
    broken(log, "--last-hash", chain.hash.hex(), wrong="noted hash")
    verify(log, "--expect-seq", 20, "--last-hash", json.loads(chain.lines[19])["hash"]).ok()


def test_a_noted_record_holds_while_the_log_grows(log, chain):
    noted = json.loads(chain.lines[9])["hash"]
    verify(log, "--expect-seq", 10).ok()
    verify(log, "--expect-seq", 10, "--last-hash", noted).ok()
    broken(log, "--expect-seq", 11, "--last-hash", noted, wrong="record 11")
    broken(log, "--last-hash", noted, wrong="last record")


def test_a_chain_written_anew_does_not_have_the_noted_hash(log, chain):
    other = audit_log.Chain()
    for _ in range(40):
        other.add(verdict="allow")
    other.write(log)
    verify(log, "--expect-seq", 30).ok()
    broken(log, "--expect-seq", 30, "--last-hash", chain.hash.hex(), wrong="record 30")


def test_what_cannot_be_read_is_undecided(tmp_path, log):
    for verb in ("verify", "show"):
        for path in (tmp_path / "absent", tmp_path):
            result = notar("audit", verb, log, path).exits(3)
            assert str(path) in result.err and result.out == "", result


@pytest.mark.parametrize("argv", [
    (), ("frobnicate",), ("verify",), ("show",), ("verify", "LOG", "--limit", "3"),
    ("show", "LOG", "--expect-seq", "3"), ("show", "LOG", "--limit", "0"),
    ("show", "LOG", "--limit", "-1"), ("show", "LOG", "--limit", "10001"),
    ("show", "LOG", "--since", "yesterday"), ("show", "LOG", "--until", "2026-13-01T00:00:00Z"),
    ("verify", "LOG", "--last-hash", "abc"), ("verify", "LOG", "--last-hash", "A" * 64),
    ("verify", "LOG", "--expect-seq", "0"), ("verify", "LOG", "--expect-seq", "9" * 30),
    ("verify", "LOG", "--expect-seq", "3x")])
def test_wrong_usage_is_refused(log, argv):
    result = notar("audit", *(log if word == "LOG" else word for word in argv)).exits(2)
    assert result.out == "" and len(result.err.strip().splitlines()) == 1, result


def shown(*args) -> list[int]:
    result = notar("audit", "show", "--json", *args).ok()
    assert result.err == "", result
    return [json.loads(line)["seq"] for line in result.out.splitlines()]


def test_show_gives_all_as_it_is_written(rotated, chain):
    assert notar("audit", "show", "--json", *rotated).ok().out.encode() == b"".join(chain.lines)
    lines = notar("audit", "show", *rotated).ok().out.splitlines()
    assert lines[0] == "1 2026-01-31T00:00:01.123Z start version=0.1"
    assert lines[2] == ("3 2026-01-31T00:00:03.123Z decision deny unsigned "
                        "registry.example/team1/app:3 path=verify us=3")
    assert len(lines) == 30


def test_filters(rotated):
    assert shown(*rotated, "--verdict", "deny") == list(range(3, 31, 3))
    assert shown(*rotated, "--reason", "unsigned", "--limit", "2") == [27, 30]
    assert shown(*rotated, "--image", "team0/") == list(range(2, 31, 2))
    assert shown(*rotated, "--image", "team0/", "--verdict", "deny") == [6, 12, 18, 24, 30]
    assert shown(*rotated, "--since", "2026-01-31T00:00:10Z", "--until",
                 "2026-01-31T00:00:12Z") == [10, 11]
    assert shown(*rotated, "--limit", "1000") == list(range(1, 31))
    assert shown(*rotated, "--verdict", "maybe") == []


def test_show_warns_of_what_is_broken_and_goes_on(log, chain):
    lines = list(chain.lines)
    lines[4] = lines[4].replace(b"2026", b"2025")
    log.write_bytes(b"".join(lines[:10] + lines[11:12] + [b"y" * 70000 + b"\n"] + lines[12:])[:-1])
    result = notar("audit", "show", "--json", log).ok()
    assert [json.loads(line)["seq"] for line in result.out.splitlines()] == [
        1, 2, 3, 4, 6, 7, 8, 9, 10, 12, *range(13, 30)]
    told = result.err.splitlines()
    assert [line.split(":")[3].strip() for line in told] == ["5", "6", "11", "12", "30"], told
    assert notar("audit", "show", "--quiet", log).ok().err == ""


def test_nothing_of_a_record_reaches_the_terminal(tmp_path):
    chain = audit_log.Chain().add(image="\x1b[31mred\u202e", verdict="de ny", reason='a"b')
    result = notar("audit", "show", chain.write(tmp_path / "log")).ok()
    assert "\x1b" not in result.out and "\u202e" not in result.out
    assert '"de ny" "a\\"b" "\\u001b[31mred\\u202e"' in result.out


def test_a_large_log_is_read_in_bounded_memory(tmp_path):
    chain = audit_log.decisions(20000)
    log = chain.write(tmp_path / "large")
    assert verify(log, "--json").ok().json()["records"] == 20000
    assert len(shown(log)) == 20000
    assert shown(log, "--limit", "3") == [19998, 19999, 20000]
