"""Custodians are different agencies: their rooms share a house and nothing else."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils.timezone import localdate

import panjereh
from panjereh.common import clock
from panjereh.registries.custody.models import BulkLoad
from panjereh.registries.custody.queries import SANDBOX_NATION
from panjereh.registries.systems import SYSTEMS

ROOT = Path(panjereh.__file__).parent
ROOMS = {system.room for system in SYSTEMS.values()}


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_no_room_imports_another(room: str) -> None:
    others = tuple(f"panjereh.registries.{other}." for other in ROOMS - {room})
    for file in (ROOT / "registries" / room).rglob("*.py"):
        assert not [name for name in imports_of(file) if f"{name}.".startswith(others)], file


def test_no_foreign_key_crosses_a_room() -> None:
    for room in ROOMS | {"custody"}:
        for model in apps.get_app_config(room).get_models():
            for field in model._meta.concrete_fields:
                if field.related_model:
                    assert field.related_model._meta.app_label == room, field


@pytest.mark.req("REG-03")
def test_each_registry_has_the_custodian_that_the_law_names() -> None:
    rows = json.loads((ROOT / "sandbox/data/base_registries.json").read_text())["items"]
    custodians = {row["slug"]: row["custodians"] for row in rows}

    for system in (system for system in SYSTEMS.values() if system.registry):
        assert custodians[system.registry] == [system.custodian]


@pytest.mark.django_db
def test_the_floor_says_that_it_is_well() -> None:
    answer = Client().get("/health")

    assert (answer.status_code, answer.json()["floor"]) == (200, "registries")


@pytest.mark.django_db
def test_production_with_sandbox_people_is_not_well() -> None:
    BulkLoad.objects.create(name=SANDBOX_NATION, seed=1, generation_day=localdate(clock.now()))

    with override_settings(PROFILE="production"):
        answer = Client().get("/health")

    assert answer.status_code == 503
    assert "sandbox" in answer.json()["reason"]
    assert Client().get("/health").status_code == 200


@pytest.mark.django_db
def test_the_migrations_are_complete() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
