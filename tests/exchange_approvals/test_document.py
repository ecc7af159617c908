"""docs/approvals.md is true: its commands run as they stand there, and find what is wrong."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from country import Country
from django.conf import settings
from django.test import Client
from django.urls import reverse
from nacl.signing import SigningKey
from test_looks import signed_session

from panjereh.exchange.approvals import sign
from panjereh.exchange.approvals.actions import signing
from panjereh.exchange.approvals.keys import secretariat_public_keys

DOCUMENT = Path(__file__).parents[2] / "docs" / "approvals.md"
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
HASH, SIGNATURES, MINUTES = range(3)
VERIFIED = "Signature Verified Successfully"


@pytest.fixture
def files(country: Country, tmp_path: Path) -> Path:
    """What anyone downloads, and the secretariat's key from elsewhere."""
    grant = country.granted_at_once()
    session = signed_session(country)
    contract = Client().get(reverse("contract", args=[grant.series, grant.version]))
    minutes = Client().get(reverse("minutes-json", args=[session.number]))
    (tmp_path / "grant.json").write_bytes(contract.content)
    (tmp_path / "minutes.json").write_bytes(minutes.content)
    (key,) = secretariat_public_keys(settings.KEYS).values()
    (tmp_path / "secretariat.hex").write_text(f"{key}\n")
    return tmp_path


def run(folder: Path, block: int) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", BLOCKS[block]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.req("GOV-26", "NIX-05")
@pytest.mark.parametrize(("block", "times"), [(SIGNATURES, 3), (MINUTES, 1)])
def test_signatures_verify_with_openssl(files: Path, block: int, times: int) -> None:
    done = run(files, block)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count(VERIFIED) == times


def test_the_hash_is_computed_without_our_software(files: Path) -> None:
    assert "the hash is that of the contract" in run(files, HASH).stdout


def more_items(grant: dict[str, Any]) -> None:
    grant["contract"]["grants"][0]["data"]["properties"]["fields"].append("/secret")


def another_hash(grant: dict[str, Any]) -> None:
    grant["content_hash"] = "$1$1$" + "A" * 86


def swapped_signatures(grant: dict[str, Any]) -> None:
    grant["signatures"]["secretariat"] = grant["signatures"]["consumer"]


@pytest.mark.req("GOV-26")
@pytest.mark.parametrize(
    ("block", "change"),
    [(HASH, more_items), (SIGNATURES, another_hash), (SIGNATURES, swapped_signatures)],
    ids=["items", "hash", "signatures"],
)
def test_a_changed_contract_is_found_out(
    files: Path, block: int, change: Callable[[dict[str, Any]], None]
) -> None:
    grant = json.loads((files / "grant.json").read_text())
    change(grant)
    (files / "grant.json").write_text(json.dumps(grant))

    assert run(files, block).returncode != 0


@pytest.mark.req("GOV-26")
def test_changed_minutes_are_found_out(files: Path) -> None:
    minutes = json.loads((files / "minutes.json").read_text())
    minutes["content"]["items"][0]["decision"] = "refused"
    (files / "minutes.json").write_text(json.dumps(minutes))

    assert run(files, MINUTES).returncode != 0


@pytest.mark.parametrize("block", [SIGNATURES, MINUTES])
def test_another_secretariat_is_found_out(files: Path, block: int) -> None:
    other = SigningKey.generate().verify_key.encode().hex()
    (files / "secretariat.hex").write_text(f"{other}\n")

    assert run(files, block).returncode != 0


@pytest.mark.req("NIX-05")
def test_a_member_signs_with_the_command_and_the_page_takes_it(
    country: Country, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = country.approved()
    contract, key = tmp_path / "contract.json", tmp_path / "key"
    contract.write_text(json.dumps(request.contract, ensure_ascii=False, indent=1))
    key.write_text(country.world.keys[request.consumer.x_road_id].encode().hex())

    assert sign.main([str(contract), str(key)]) == 0

    printed = capsys.readouterr().out.strip()
    signing.sign_contract(actor=country.asker, request=request, party="consumer", signature=printed)
    assert "consumer" in request.signatures
    key.write_text(SigningKey.generate().encode().hex())
    assert sign.main([str(contract), str(key)]) == 1
    assert "does not name this key" in capsys.readouterr().err
    assert sign.main([]) == 2


def test_the_secretariat_s_key_is_made_by_the_command_and_kept(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "panjereh.exchange.approvals.keys", str(tmp_path)]
    subprocess.run(command, check=True)
    made = (tmp_path / "secretariat.ed25519").read_text()
    subprocess.run(command, check=True)

    assert (tmp_path / "secretariat.ed25519").read_text() == made
    assert len(secretariat_public_keys(tmp_path)) == 1
