"""The sandbox's exchange: keys made once, yaml that keeps the rules, a seed that can run again."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from world import World

from panjereh.common.identifiers import parse_legal_id
from panjereh.exchange import actions
from panjereh.exchange.approvals.actions.grants import revoke_grant
from panjereh.exchange.gateway.fields import compile_items
from panjereh.exchange.models import Grant, Operator, PolicyState, Service, System, SystemKey
from panjereh.sandbox import keys
from panjereh.sandbox.seed import exchange as seed

DESCRIBED = keys.exchange_description()


def test_keys_are_made_once_readable_by_their_owner_only(tmp_path: Path) -> None:
    keys.make_keys(tmp_path)
    made = contents(tmp_path)
    (tmp_path / "keys" / "systems" / "sso.ed25519").unlink()
    keys.make_keys(tmp_path)

    again = contents(tmp_path)
    changed = {path for path in made if made[path] != again[path]}
    assert changed == {tmp_path / "keys" / "systems" / "sso.ed25519"}
    for path in made:
        if path.is_relative_to(tmp_path / "keys"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (tmp_path / "keys" / "SANDBOX").exists()


def test_the_directory_names_every_system(tmp_path: Path) -> None:
    keys.make_keys(tmp_path)

    directory = json.loads((tmp_path / "directory.json").read_text())

    assert directory.keys() == DESCRIBED["systems"].keys()
    assert directory["civil-registry"] == "IR-TEST/GOV/14003778990/civil-registry"


def test_members_have_legal_ids_with_right_check_digits() -> None:
    codes = [member["code"] for member in DESCRIBED["members"]]

    assert [parse_legal_id(code) for code in codes] == codes
    assert len(set(codes)) == len(codes)


@pytest.mark.req("NIX-05", "PRV-15")
@pytest.mark.parametrize(
    "grant", DESCRIBED["grants"], ids=lambda g: f"{g['consumer']}-{g['service']}"
)
def test_each_grant_names_what_exists_and_what_made_it(grant: dict[str, Any]) -> None:
    system, _, service = grant["service"].partition("/")
    assert service in DESCRIBED["systems"][system]["services"]
    assert grant["consumer"] in DESCRIBED["systems"]
    assert DESCRIBED["purposes"][grant["purpose"]]["legal_basis"]
    assert DESCRIBED["approvals"][grant["approval"]]["number"]
    assert compile_items(grant["items"]) is not None  # nothing is granted as a whole


def test_the_seed_can_run_again_and_brings_changes_in_line(
    world: World, settings: Any, tmp_path: Path, fresh_operator: Operator
) -> None:
    settings.EXCHANGE_DIRECTORY = tmp_path / "directory.json"
    seed.seed(10)
    version = PolicyState.objects.get().version
    counts = [model.objects.count() for model in (System, Service, Grant, SystemKey)]

    seed.seed(10)
    assert PolicyState.objects.get().version == version
    assert [m.objects.count() for m in (System, Service, Grant, SystemKey)] == counts

    system = System.objects.get(code="shahkar")
    actions.move_system(actor=fresh_operator, system=system, base_url="http://127.0.0.1:1")
    (tmp_path / "keys" / "systems" / "shahkar.ed25519").unlink()
    revoked = Grant.objects.get(consumer__code="sso", service__code="ownership")
    revoke_grant(actor=fresh_operator, grant=revoked)
    seed.seed(10)

    system.refresh_from_db()
    assert system.base_url.endswith("/shahkar")
    accepted = SystemKey.objects.get(system=system, withdrawn_at=None, use="signature")
    assert accepted.public_key == keys.public_key(tmp_path, "shahkar")
    revoked.refresh_from_db()
    assert revoked.state == "revoked"
    assert not Grant.objects.filter(
        consumer__code="sso", service__code="ownership", state="active"
    ).exists()


@pytest.fixture
def fresh_operator(db: None) -> Operator:
    """An exchange that nobody opened yet; all of it is rolled back after the test."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE exchange_member, exchange_operator CASCADE")
    return actions.appoint_first_operator(
        national_id=seed.operator_national_id(), name=seed.OPERATOR_NAME
    )


def contents(folder: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in folder.rglob("*") if path.is_file()}
