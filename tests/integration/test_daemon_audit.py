# SPDX-License-Identifier: Apache-2.0
"""The daemon's audit log: every decision is in it, chained, readable by those who may read."""

import json
import os

import pytest

from lib import admission, daemon_files, images, signer
from lib.notard import notard
from lib.process import wait_until
from lib.push import Client
from lib.run import notar

READ = {"anonymous": ["ask", "read"]}


def start(folder, key, **audit):
    policy = daemon_files.policy(folder / "p.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    config = daemon_files.config(policy, callers=READ,
                                 audit={"file": str(folder / "audit.log"), **audit})
    return notard(folder / "n", config)


@pytest.fixture
def shop(tmp_path, api_registry, repo, tiny, key):
    client = Client(api_registry.host)
    signed = client.push(tiny, repo)
    signer.sign(signed, key.private).ok()
    unsigned = client.push(images.tiny(tmp_path / "u", text="unsigned\n"), repo)
    with start(tmp_path, key) as daemon:
        daemon.signed, daemon.unsigned, daemon.audit = signed, unsigned, tmp_path / "audit.log"
        yield daemon


def records(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def decisions(path) -> list[dict]:
    return [r for r in records(path) if r["event"] == "decision"]


def test_every_decision_is_a_record_with_who_asked_and_why(shop):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    review = admission.pod_review(shop.unsigned)
    shop.ask("POST", "/k8s/validate", review, headers={"traceparent": trace})
    shop.verify(shop.signed)
    wait_until(lambda: len(decisions(shop.audit)) == 2, "two records")
    refused, allowed = decisions(shop.audit)
    assert (refused["verdict"], refused["reason"], refused["path"]) == ("deny", "unsigned", "validate")
    assert refused["request"] == review["request"]["uid"] and refused["user"] == "jane"
    assert refused["namespace"] == "shop" and refused["caller"] == "anonymous"
    assert refused["trace_id"] == trace.split("-")[1]
    assert refused["image"] == shop.unsigned and refused["digest"] == shop.unsigned.split("@")[1]
    assert allowed["verdict"] == "allow" and len(allowed["key"]) == 64
    shop.stop()
    assert [r["event"] for r in records(shop.audit)][0] == "start"
    assert [r["event"] for r in records(shop.audit)][-1] == "stop"
    notar("audit", "verify", shop.audit).ok()


def test_the_trace_is_in_the_log_line_too(shop):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    shop.ask("POST", "/k8s/validate", admission.pod_review(shop.unsigned),
             headers={"traceparent": trace})
    line = next(json.loads(l) for l in shop.log().splitlines() if '"decision"' in l)
    assert line["trace_id"] == trace.split("-")[1] and line["span_id"] == trace.split("-")[2]


@pytest.mark.parametrize("trace", [
    "", "00", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
    '00-"injected"6cd43dd8448eb211c8031-b7ad6b7169203331-01'])
def test_a_trace_that_is_none_is_left_out(shop, trace):
    shop.ask("POST", "/k8s/validate", admission.pod_review(shop.unsigned),
             headers={"traceparent": trace})
    wait_until(lambda: decisions(shop.audit), "a record")
    assert "trace_id" not in decisions(shop.audit)[0]


def test_a_dry_run_leaves_no_record(shop):
    review = admission.review(admission.pod(shop.unsigned), dry_run=True)
    shop.ask("POST", "/k8s/validate", review)
    shop.verify(shop.signed)
    wait_until(lambda: decisions(shop.audit), "a record")
    assert [d["path"] for d in decisions(shop.audit)] == ["api"]


def test_it_is_read_over_http_newest_first_and_filtered(shop):
    shop.verify(shop.signed, shop.unsigned)
    wait_until(lambda: len(decisions(shop.audit)) == 2, "two records")

    def read(query=""):
        answer = shop.ask("GET", "/v1/audit" + query)
        assert answer.status == 200, answer
        return answer.json()["records"]
    assert [r["event"] for r in read()] == ["decision", "decision", "start"]
    assert [r["verdict"] for r in read("?verdict=deny")] == ["deny"]
    assert len(read("?limit=1")) == 1
    digest = shop.signed.split("@")[1]
    assert [r["digest"] for r in read("?digest=" + digest.replace(":", "%3A"))] == [digest]
    assert read("?image=nothing") == [] and len(read("?event=start")) == 1


@pytest.mark.parametrize("query", ["?limit=0", "?limit=1001", "?limit=x", "?image=%zz",
                                   "?image=%00", "?image=" + "x" * 700])
def test_a_bad_question_is_refused(shop, query):
    assert shop.ask("GET", "/v1/audit" + query).status == 400


def test_without_a_log_there_is_none_to_read(tmp_path, key):
    policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    with notard(tmp_path / "n", daemon_files.config(policy, callers=READ)) as daemon:
        assert daemon.ask("GET", "/v1/audit").status == 404


def test_a_log_that_was_tampered_with_is_noticed(shop):
    shop.verify(shop.signed, shop.unsigned)
    shop.stop()
    text = shop.audit.read_text()
    shop.audit.write_text(text.replace('"verdict":"deny"', '"verdict":"allo"'))
    notar("audit", "verify", shop.audit).exits(1)


def test_the_daemon_does_not_start_on_a_broken_log(tmp_path, key):
    (tmp_path / "audit.log").write_text('{"seq":1}\n')
    with pytest.raises(AssertionError, match="audit"):
        with start(tmp_path, key):
            pass


def test_killed_and_started_again_the_chain_goes_on(tmp_path, key, shop):
    for _ in range(3):
        shop.verify(shop.signed)
    shop.kill()
    with start(tmp_path, key) as daemon:
        daemon.verify(shop.unsigned)
    notar("audit", "verify", tmp_path / "audit.log").ok()


def test_files_are_rotated_and_still_one_chain(tmp_path, key, shop):
    shop.stop()
    os.unlink(tmp_path / "audit.log")
    with start(tmp_path, key, max_bytes=65536) as daemon:
        for _ in range(30):
            daemon.verify(*[shop.unsigned] * 10)
    files = sorted(tmp_path.glob("audit.log*"))
    assert len(files) > 1
    notar("audit", "verify", *files).ok()
