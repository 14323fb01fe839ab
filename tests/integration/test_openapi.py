# SPDX-License-Identifier: Apache-2.0
"""docs/openapi.json says what the daemon really does: its routes, its answers, its refusals."""

import hashlib
import json
import re

import jsonschema
import pytest

from lib import admission, daemon_files, images, keys, paths, signer
from lib.notard import notard
from lib.process import wait_until
from lib.push import Client

DOCUMENT = json.loads((paths.ROOT / "docs" / "openapi.json").read_text())
TOKEN = "everything"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory, api_registry, key_pairs):
    folder, key = tmp_path_factory.mktemp("openapi"), key_pairs()
    client = Client(api_registry.host)
    index = images.index_of(folder / "index")
    signed = client.push(index, "openapi/app")
    signer.sign(signed, key.private).ok()
    unsigned = client.push(images.tiny(folder / "u", text="unsigned\n"), "openapi/app")
    state = folder / "state"
    state.mkdir()
    daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
    policy = daemon_files.policy(folder / "p.json", daemon_files.rule("*", "release"))
    named = [{"name": "all", "rights": ["ask", "read"],
              "token_sha256": hashlib.sha256(TOKEN.encode()).hexdigest()}]
    config = daemon_files.config(policy, callers={"anonymous": [], "named": named},
                                 gate={"registry": api_registry.host},
                                 audit={"file": str(folder / "audit.log")})
    with notard(folder / "n", config, state=state) as daemon:
        daemon.signed, daemon.unsigned = signed, unsigned
        daemon.key = keys.spki_id(key.public)
        daemon.ask("POST", "/v1/verify", {"images": [signed, unsigned, "127.0.0.1:1/x:y", "?"]},
                   headers=HEADERS)
        daemon.ask("GET", "/v1/gate", headers={
            **HEADERS, "X-Original-Method": "GET",
            "X-Original-URI": f"/v2/openapi/app/manifests/{index.tag}"})
        wait_until(lambda: len(daemon.ask("GET", "/v1/audit", headers=HEADERS)
                               .json()["records"]) > 4, "audit records")
        yield daemon


def template_of(path: str) -> str:
    for template in DOCUMENT["paths"]:
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path):
            return template
    raise AssertionError(f"{path}: not in the document")


def checked(daemon, method: str, target: str, body=None, headers=None):
    """Asks, and holds status and body against the document."""
    answer = daemon.ask(method, target, body, headers={**HEADERS, **(headers or {})})
    operation = DOCUMENT["paths"][template_of(target.split("?")[0])][method.lower()]
    assert str(answer.status) in operation["responses"], (target, answer.status)
    described = operation["responses"][str(answer.status)]
    if "content" in described:
        schema = {**described["content"]["application/json"]["schema"],
                  "components": DOCUMENT["components"]}
        jsonschema.validate(answer.json(), schema, jsonschema.Draft202012Validator,
                            format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    told = {name for name in answer.headers if name.startswith("x-notar-")}
    assert told <= {name.lower() for name in described.get("headers", {})} or answer.status != 200
    return answer


def provider(*names) -> dict:
    return {"apiVersion": "externaldata.gatekeeper.sh/v1beta1", "kind": "ProviderRequest",
            "request": {"keys": list(names)}}


def test_the_schemas_are_schemas():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema), name
    assert DOCUMENT["openapi"].startswith("3.1")


def test_every_reference_has_its_schema():
    for reference in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DOCUMENT)):
        assert reference in DOCUMENT["components"]["schemas"]


def test_the_document_names_just_the_daemons_routes():
    source = (paths.ROOT / "verifier" / "daemon.c").read_text()
    table = re.search(r"routes\[\] = \{(.*?)\n\};", source, re.S)[1]
    routes = set(re.findall(r'\{ "(\w+)", "([^"]+)"', table))
    documented = {(method.upper(), path.split("{")[0]) for path, item in DOCUMENT["paths"].items()
                  for method in item}
    assert routes == documented


def test_questions(shop):
    bad = shop.unsigned
    answer = checked(shop, "POST", "/v1/verify",
                     {"images": [shop.signed, bad, "127.0.0.1:1/x:y", "?"]})
    assert answer.status == 200
    assert checked(shop, "POST", "/v1/verify", {"images": []}).status == 400
    for path in ("/k8s/validate", "/k8s/mutate"):
        name = shop.signed.split("@")[0]
        for image in (shop.signed, bad, name + ":multi", "127.0.0.1:1/x:y", "?"):
            assert checked(shop, "POST", path, admission.pod_review(image)).status == 200
        assert checked(shop, "POST", path, {}).status == 400
    for path in ("/gatekeeper/v1/verify", "/gatekeeper/v1/mutate"):
        assert checked(shop, "POST", path, provider(shop.signed, bad, "?")).status == 200
        assert checked(shop, "POST", path, {}).status == 400


def test_inventory(shop):
    listed = checked(shop, "GET", "/v1/images").json()["images"]
    assert len(listed) >= 2
    for row in listed:
        checked(shop, "GET", "/v1/images/" + row["digest"])
    checked(shop, "GET", "/v1/images?limit=1")
    assert checked(shop, "GET", "/v1/images?limit=0").status == 400
    assert checked(shop, "GET", "/v1/images/sha256:" + "0" * 64).status == 404
    assert checked(shop, "GET", "/v1/keys").json()["keys"]
    assert checked(shop, "GET", f"/v1/keys/{shop.key}").status == 200
    assert checked(shop, "GET", "/v1/keys/" + "0" * 64).status == 404
    assert checked(shop, "GET", f"/v1/keys/{shop.key}/impact").json()["alone"]
    assert checked(shop, "GET", "/v1/audit").json()["records"]
    assert checked(shop, "GET", "/v1/audit?limit=x").status == 400


def test_events_and_gate(shop):
    assert checked(shop, "POST", "/v1/events", {"events": []}).status == 202
    assert checked(shop, "POST", "/v1/events", {}).status == 400
    for uri, status in (("/v2/", 200), ("/v2/openapi/app/manifests/v1", 403),
                        ("/v2/openapi/app/manifests/multi", 200)):
        got = checked(shop, "GET", "/v1/gate", headers={"X-Original-Method": "GET",
                                                        "X-Original-URI": uri})
        assert got.status == status


@pytest.mark.parametrize("template", DOCUMENT["paths"])
def test_nobody_gets_in_without_credentials(shop, template):
    path = template.replace("{digest}", "sha256:" + "0" * 64).replace("{id}", "0" * 64)
    for method in DOCUMENT["paths"][template]:
        answer = checked(shop, method.upper(), path, {} if method == "post" else None,
                         headers={"Authorization": "Bearer wrong"})
        assert answer.status == 401


@pytest.mark.parametrize("template", DOCUMENT["paths"])
def test_another_method_is_refused(shop, template):
    path = template.replace("{digest}", "sha256:" + "0" * 64).replace("{id}", "0" * 64)
    other = "DELETE"
    answer = shop.ask(other, path, headers=HEADERS)
    assert answer.status == 405 and answer.headers["allow"]
