"""Production refuses to start on what belongs to the sandbox: one case per kind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from conftest import Panjereh, health_of, serving

from panjereh.exchange.gateway.attest import make_attestation_key
from panjereh.runtime.environment import SITES, Environment
from panjereh.runtime.production import (
    NEEDED_SECRETS,
    PRODUCTION_FLOORS,
    SANDBOX_DATABASE_NOTE,
    refusals,
)
from panjereh.sandbox.document_keys import make_keys as make_document_keys


@pytest.fixture
def fit(tmp_path: Path) -> dict[str, str]:
    """Surroundings that production accepts."""
    keys = tmp_path / "keys"
    for name in NEEDED_SECRETS:
        path = keys / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("a secret of this installation")
    make_attestation_key(keys)
    sites = ("window", "sso", "agency", "operator", "national")
    return {
        "PANJEREH_PROFILE": "production",
        "PANJEREH_HOME": str(tmp_path / "home"),
        "PANJEREH_KEYS": str(keys),
        "PANJEREH_SMSC": "smsc.example.ir:2775",
        "PANJEREH_NATS_URL": "nats://nats.example.ir:4222",
        "PANJEREH_ALLOWED_HOSTS": "window.example.ir,127.0.0.1",
        **{f"PANJEREH_{s.upper()}_URL": f"https://{s}.example.ir" for s in sites},
        **{
            f"PANJEREH_{f.upper()}_DATABASE_URL": f"postgresql:///nowhere?host=/nowhere/{f}"
            for f in PRODUCTION_FLOORS
        },
    }


def reasons(fit: dict[str, str], **changed: str) -> list[str]:
    return refusals(Environment(fit | changed))


def only(found: list[str]) -> str:
    assert len(found) == 1, found
    return found[0]


def test_fit_surroundings_are_accepted(fit: dict[str, str]) -> None:
    assert reasons(fit) == []


@pytest.mark.parametrize("folder", ["keys", "home/keys"])
def test_sandbox_keys_are_refused(fit: dict[str, str], tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / folder / "SANDBOX").touch()
    assert "holds sandbox keys" in only(reasons(fit))


def test_certificates_of_the_sandbox_are_refused(fit: dict[str, str], tmp_path: Path) -> None:
    make_document_keys(tmp_path)
    found = reasons(fit)
    assert found and all("is a certificate of the sandbox" in reason for reason in found)


@pytest.mark.parametrize("name", NEEDED_SECRETS)
def test_a_missing_secret_is_refused(fit: dict[str, str], tmp_path: Path, name: str) -> None:
    (tmp_path / "keys" / name).unlink()
    assert f"{name} is missing or empty" in only(reasons(fit))


def test_without_a_key_for_attestations_production_refuses(
    fit: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "keys" / "attestation" / "1.ed25519").unlink()
    assert "to sign attestations with" in only(reasons(fit))


def test_an_empty_secret_is_refused(fit: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "keys" / "django.secret").write_text("\n")
    assert "django.secret is missing or empty" in only(reasons(fit))


def test_a_secret_that_others_can_read_is_refused(fit: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "keys" / "django.secret").chmod(0o644)
    assert "can be read by other users" in only(reasons(fit))


@pytest.mark.parametrize("smsc", ["", "127.0.0.1:8108"])
def test_the_virtual_phone_is_refused(fit: dict[str, str], smsc: str) -> None:
    assert "virtual phone" in only(reasons(fit, PANJEREH_SMSC=smsc))


@pytest.mark.parametrize("floor", PRODUCTION_FLOORS)
def test_an_embedded_database_is_refused(fit: dict[str, str], floor: str) -> None:
    name = f"PANJEREH_{floor.upper()}_DATABASE_URL"
    assert f"{name} is not set" in only(reasons(fit, **{name: ""}))
    inside = f"postgresql:///x?host={fit['PANJEREH_HOME']}/postgres/run"
    assert f"{name} names the embedded database" in only(reasons(fit, **{name: inside}))


def test_an_embedded_nats_is_refused(fit: dict[str, str]) -> None:
    assert "PANJEREH_NATS_URL is not set" in only(reasons(fit, PANJEREH_NATS_URL=""))


def test_a_database_that_the_sandbox_filled_is_refused(fit: dict[str, str]) -> None:
    """Also when it was moved to another server: the note goes with it."""
    with database(note=SANDBOX_DATABASE_NOTE) as url:
        found = reasons(fit, PANJEREH_REGISTRIES_DATABASE_URL=url)
    assert "the database of registries was filled by the sandbox" in only(found)


def test_an_empty_database_is_accepted(fit: dict[str, str]) -> None:
    with database(note="") as url:
        assert reasons(fit, PANJEREH_REGISTRIES_DATABASE_URL=url) == []


@pytest.mark.parametrize(
    "url", ["", "http://window.example.ir", "https://window.localhost", "https://127.0.0.1:8100"]
)
def test_an_address_that_is_not_public_is_refused(fit: dict[str, str], url: str) -> None:
    assert "PANJEREH_WINDOW_URL must be" in only(reasons(fit, PANJEREH_WINDOW_URL=url))


@pytest.mark.parametrize("hosts", ["", "*", ".localhost", "127.0.0.1", "window.example.ir,*"])
def test_host_names_that_let_anybody_in_are_refused(fit: dict[str, str], hosts: str) -> None:
    assert "PANJEREH_ALLOWED_HOSTS" in only(reasons(fit, PANJEREH_ALLOWED_HOSTS=hosts))


def test_every_process_refuses_with_all_reasons_at_once(panjereh: Panjereh) -> None:
    for words in (["up"], ["serve", "window"], ["work", "national"]):
        done = panjereh(*words, PANJEREH_PROFILE="production")
        assert done.returncode == 1
        assert "Production refuses to start" in done.stderr
        assert done.stderr.count("  - ") > 10


def test_fit_surroundings_start_without_a_single_invented_person(
    fit: dict[str, str], surroundings: dict[str, str], base_port: int
) -> None:
    with database(note="") as url:
        environment = surroundings | fit | {"PANJEREH_REGISTRIES_DATABASE_URL": url}
        prepare = [sys.executable, "-m", "panjereh.runtime.prepare", "registries"]
        subprocess.run(prepare, env=environment, check=True, capture_output=True)
        refused = subprocess.run(
            [*prepare, "500"], env=environment, check=False, capture_output=True, text=True
        )
        assert "production has no sandbox people" in refused.stderr
        with serving("registries", environment) as process:
            told = health_of(base_port + SITES["registries"][1], process, wanted=200)
        with psycopg.connect(url) as wire:
            assert wire.execute("SELECT count(*) FROM civil_person").fetchone() == (0,)
    assert told["status"] == "ok"


def test_production_seeds_nobody(panjereh: Panjereh, fit: dict[str, str]) -> None:
    done = panjereh("sandbox", "--people", "100", **fit)
    assert done.returncode == 1 and "Production has no sandbox people" in done.stderr


@contextmanager
def database(*, note: str) -> Iterator[str]:
    socket = os.environ["PANJEREH_TEST_POSTGRES"]
    server = f"host={socket} user=postgres dbname="
    name = "moved_from_somewhere"
    with psycopg.connect(server + "postgres", autocommit=True) as wire:
        wire.execute(f"DROP DATABASE IF EXISTS {name}")
        wire.execute(f"CREATE DATABASE {name}")
        if note:
            wire.execute(f"COMMENT ON DATABASE {name} IS '{note}'")
        yield f"postgresql:///{name}?host={socket}&user=postgres"
        wire.execute(f"DROP DATABASE {name}")
