# SPDX-License-Identifier: Apache-2.0
"""/v1/images, /v1/keys and a key's impact: what today's policy and keys make of what was found."""

import pytest

from lib import daemon_files, images, keys, signer
from lib.notard import notard
from lib.push import Client

READ = {"anonymous": ["ask", "read"]}


@pytest.fixture
def shop(tmp_path, api_registry, repo, key, stranger):
    """Four images: signed by release, by both, by qa, by nobody."""
    client, made = Client(api_registry.host), {}
    for name, signers in (("release", [key]), ("both", [key, stranger]), ("qa", [stranger]),
                          ("none", [])):
        image = images.tiny(tmp_path / name, tag=name, text=name)
        reference = client.push(image, repo)
        for pair in signers:
            signer.sign(reference, pair.private).ok()
        made[name] = reference
    state = tmp_path / "state"
    state.mkdir()
    daemon_files.trust(state, "add", key.public, "--signer", "release").ok()
    daemon_files.trust(state, "add", stranger.public, "--signer", "qa").ok()
    policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule("*", "release", "qa"))
    config = daemon_files.config(policy, callers=READ)
    with notard(tmp_path / "n", config, state=state) as daemon:
        daemon.images, daemon.state = made, state
        daemon.verify(*made.values())
        yield daemon


def get(daemon, path: str):
    answer = daemon.ask("GET", path)
    assert answer.status == 200, answer
    return answer.json()


def digest_of(reference: str) -> str:
    return reference.split("@")[1]


def test_images_are_listed_with_todays_verdict(shop, key, stranger):
    def verdicts():
        return {row["digest"]: (row["verdict"], row["reason"]) for row in get(shop, "/v1/images")["images"]}
    want = {digest_of(ref): ("deny", "unsigned") if name == "none" else ("allow", "trusted")
            for name, ref in shop.images.items()}
    assert verdicts() == want
    daemon_files.trust(shop.state, "revoke", keys.spki_id(key.public)).ok()
    # Perhaps undetermined: looking ended with the signature that sufficed then.
    assert verdicts()[digest_of(shop.images["release"])][0] != "allow"
    assert shop.verify(shop.images["release"])[0]["reason"] == "revoked_key"
    assert verdicts()[digest_of(shop.images["release"])] == ("deny", "revoked_key")
    assert verdicts()[digest_of(shop.images["qa"])] == ("allow", "trusted")


def test_images_come_in_pages(shop):
    everything, after, seen = get(shop, "/v1/images")["images"], "", []
    while True:
        page = get(shop, f"/v1/images?limit=1&after={after}")
        assert len(page["images"]) == 1
        seen += page["images"]
        if page["next"] is None:
            break
        after = page["next"]
    assert [row["digest"] for row in seen] == [row["digest"] for row in everything]


def test_images_of_one_repository(shop):
    name = next(iter(shop.images.values())).split("@")[0]
    assert len(get(shop, f"/v1/images?repository={name}")["images"]) == 4
    assert get(shop, "/v1/images?repository=other.example/x")["images"] == []


def test_one_image(shop):
    reference = shop.images["both"]
    got = get(shop, "/v1/images/" + digest_of(reference))
    place = got["repositories"][0]
    assert place["repository"] == reference.split("@")[0] and place["fresh"] is True
    assert place["report"]["verdict"] == "allow" and place["report"]["digest"] == digest_of(reference)


@pytest.mark.parametrize("path, status", [
    ("/v1/images/sha256:" + "0" * 64, 404), ("/v1/images/sha256:12", 400), ("/v1/images/", 404),
    ("/v1/images?limit=0", 400), ("/v1/images?limit=1001", 400), ("/v1/images?limit=x", 400),
    ("/v1/images?after=xyz", 400), ("/v1/images?after=" + "0" * 1000, 400),
    ("/v1/keys/" + "0" * 64, 404), ("/v1/keys/12", 400), ("/v1/keys/" + "A" * 64, 400),
    ("/v1/keys/impact", 400), ("/v1/keys/" + "0" * 64 + "/other", 400)])
def test_questions_that_make_no_sense(shop, path, status):
    assert shop.ask("GET", path).status == status


def test_keys_are_listed_with_their_status(shop, key, stranger):
    def statuses():
        return {row["id"]: (row["status"], row["signer"]) for row in get(shop, "/v1/keys")["keys"]}
    assert statuses() == {keys.spki_id(key.public): ("active", "release"),
                          keys.spki_id(stranger.public): ("active", "qa")}
    daemon_files.trust(shop.state, "revoke", keys.spki_id(key.public)).ok()
    assert statuses()[keys.spki_id(key.public)] == ("revoked", "release")
    one = get(shop, "/v1/keys/" + keys.spki_id(key.public))
    assert one["status"] == "revoked" and one["origin"] == "local"


def test_the_impact_of_a_key_is_what_stands_on_it_alone(shop, key, stranger):
    def alone(pair):
        got = get(shop, f"/v1/keys/{keys.spki_id(pair.public)}/impact")
        return {row["digest"] for row in got["alone"]}, got["examined"]
    # The daemon stops looking once a policy is satisfied: "both" may stand on the one it saw.
    lone, examined = alone(key)
    assert digest_of(shop.images["release"]) in lone
    assert digest_of(shop.images["qa"]) not in lone and examined in (1, 2)
    lone, examined = alone(stranger)
    assert digest_of(shop.images["qa"]) in lone
    assert digest_of(shop.images["release"]) not in lone
    daemon_files.trust(shop.state, "revoke", keys.spki_id(key.public)).ok()
    assert alone(key)[0] == set()


def test_the_policys_own_keys_are_listed(tmp_path, key):
    policy = daemon_files.policy(tmp_path / "p.json", daemon_files.rule("*", "release"),
                                 signers={"release": [key.public]})
    with notard(tmp_path / "n", daemon_files.config(policy, callers=READ)) as daemon:
        row, = get(daemon, "/v1/keys")["keys"]
        assert row["id"] == keys.spki_id(key.public) and row["origin"] == "policy"
        assert get(daemon, "/v1/keys/" + row["id"]) == row
