# SPDX-License-Identifier: Apache-2.0
"""Registries that ask who we are: Basic, token services, TLS, credential helpers, login."""

import json

import pytest

from lib import docker_config, images, servers, signer
from lib.push import Client
from lib.run import environment, notar
from lib.tokens import TokenServer

STARTS = pytest.mark.parametrize("start", [servers.go_registry, servers.debian_registry])


def _push(registry, tiny) -> str:
    headers = {"Authorization": "Basic " + docker_config.packed()}
    return Client(registry.host, headers).push(tiny, "app")


@STARTS
def test_basic_credentials_come_from_docker_config(start, tiny, key, tmp_path):
    with start(tmp_path / "registry", basic=True) as registry:
        reference = _push(registry, tiny)
        env = docker_config.environment(tmp_path / "docker", registry.host)
        signer.sign(reference, key.private, env=env).ok()
        signer.allows(reference, key.public, env=env)
        signer.cannot_tell(reference, key.public, reason="registry_denied")
        wrong = docker_config.environment(tmp_path / "wrong", registry.host, password="no")
        signer.cannot_tell(reference, key.public, reason="registry_denied", env=wrong)
        signer.sign(reference, key.private).exits(3)


@STARTS
def test_basic_credentials_come_from_the_environment(start, tiny, key, tmp_path):
    with start(tmp_path / "registry", basic=True) as registry:
        reference = _push(registry, tiny)
        env = environment(NOTAR_REGISTRY_USERNAME=servers.USER,
                          NOTAR_REGISTRY_PASSWORD=servers.SECRET)
        signer.sign(reference, key.private, env=env).ok()
        signer.allows(reference, key.public, env=env)


def test_credentials_of_another_host_are_not_sent(tiny, key, tmp_path, hostile):
    hostile.store.load(tiny.layout, "app")
    env = docker_config.environment(tmp_path / "docker", "127.0.0.1:1")
    signer.judge(f"{hostile.host}/app@{tiny.digest}", key.public, env=env)
    assert hostile.secrets_seen() == [] and hostile.seen() != []


def test_a_token_service_is_asked_once_a_scope(tiny, key, tmp_path):
    with TokenServer(tmp_path / "tokens", servers.USER, servers.SECRET) as tokens, \
            servers.debian_registry(tmp_path / "registry", token=tokens) as registry:
        bearer = {"Authorization": "Bearer " + tokens.token(["repository:app:pull,push"])}
        reference = Client(registry.host, bearer).push(tiny, "app")
        env = docker_config.environment(tmp_path / "docker", registry.host)
        signer.sign(reference, key.private, env=env).ok()
        assert any("push" in query["scope"][0] for query, _ in tokens.asked)
        tokens.asked.clear()
        signer.allows(reference, key.public, env=env)
        assert len(tokens.asked) == 1, tokens.asked
        assert "push" not in tokens.asked[0][0]["scope"][0]
        signer.cannot_tell(reference, key.public, reason="registry_denied")


@STARTS
def test_a_private_authority_is_given_by_ca_file(start, authority, tiny, key, tmp_path):
    ca, certificate = authority
    with start(tmp_path / "registry", cert=certificate, basic=True) as registry:
        env = docker_config.environment(tmp_path / "docker", registry.host)
        images.push(tiny, registry.ref("app"), env=env)
        reference = f"{registry.host}/app@{tiny.digest}"
        args = ("--ca-file", ca.cert)
        signer.sign(reference, key.private, "bundle", *args, env=env).ok()
        signer.allows(reference, key.public, args=args, env=env)
        signer.cannot_tell(reference, key.public, reason="registry_unreachable", env=env)


def _helper(folder, host: str, script: str) -> dict[str, str]:
    folder.mkdir()
    program = folder / "docker-credential-test"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(0o755)
    (folder / "config.json").write_text(json.dumps({"credHelpers": {host: "test"}}))
    return environment(DOCKER_CONFIG=str(folder), PATH=f"{folder}:/usr/bin:/bin")


def test_a_credential_helper_is_asked(tiny, key, tmp_path):
    with servers.go_registry(tmp_path / "registry", basic=True) as registry:
        reference = _push(registry, tiny)
        answer = json.dumps({"ServerURL": registry.host, "Username": servers.USER,
                             "Secret": servers.SECRET})
        env = _helper(tmp_path / "helper", registry.host,
                      f'[ "$1" = get ] || exit 9\ncat > "{tmp_path}/asked"\necho \'{answer}\'\n')
        signer.sign(reference, key.private, env=env).ok()
        assert (tmp_path / "asked").read_text().strip() == registry.host


@pytest.mark.parametrize("script", [
    "exit 3", "echo not json", "yes", "echo '{}'", "kill -9 $$", "exec sleep 300",
    "echo 'credentials not found in native keychain'; exit 1"])
def test_a_credential_helper_that_fails_ends_in_denied(tiny, key, tmp_path, script):
    with servers.go_registry(tmp_path / "registry", basic=True) as registry:
        reference = _push(registry, tiny)
        env = _helper(tmp_path / "helper", registry.host, script + "\n")
        verdict = signer.judge(reference, key.public, env=env, timeout=50)
        assert verdict.verdict == signer.UNDETERMINED and verdict.reason != "unsigned"


def test_login_stores_what_later_commands_use_and_logout_removes_it(tiny, key, tmp_path):
    with servers.debian_registry(tmp_path / "registry", basic=True) as registry:
        reference = _push(registry, tiny)
        env = environment(DOCKER_CONFIG=str(tmp_path / "docker"))
        login = ("login", registry.host, "--username", servers.USER, "--password-stdin")
        wrong = notar(*login, env=env, stdin="wrong\n")
        assert wrong.code in (1, 3), wrong
        signer.sign(reference, key.private, env=env).exits(3)
        done = notar(*login, env=env, stdin=servers.SECRET + "\n").ok()
        assert servers.SECRET not in done.out + done.err
        assert (tmp_path / "docker" / "config.json").stat().st_mode & 0o077 == 0
        signer.sign(reference, key.private, env=env).ok()
        signer.allows(reference, key.public, env=env)
        notar("logout", registry.host, env=env).ok()
        signer.cannot_tell(reference, key.public, reason="registry_denied", env=env)


def test_login_keeps_what_else_docker_config_holds(tmp_path):
    with servers.debian_registry(tmp_path / "registry", basic=True) as registry:
        env = docker_config.environment(tmp_path / "docker", "other.example", "bob", "x")
        path = tmp_path / "docker" / "config.json"
        document = json.loads(path.read_text())
        document["psFormat"] = {"kept": [1]}
        path.write_text(json.dumps(document))
        notar("login", registry.host, "--username", servers.USER, "--password-stdin", env=env,
              stdin=servers.SECRET).ok()
        after = json.loads(path.read_text())
        assert after["psFormat"] == {"kept": [1]} and "other.example" in after["auths"]
        assert registry.host in after["auths"]
