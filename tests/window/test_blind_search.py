"""Under LC_CTYPE=C every Persian search is silently empty, so such a database is refused."""

import importlib
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from django.test import Client

from panjereh.common.outbox.worker import dsn
from panjereh.window import queries

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def blind_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    name = f"blind_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(dsn(), autocommit=True) as wire:
        wire.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'")
        connection.close()
        with monkeypatch.context() as changed:
            changed.setitem(connection.settings_dict, "NAME", name)
            with connection.cursor() as cursor:
                cursor.execute("CREATE EXTENSION pg_trgm")
            yield
            connection.close()
        wire.execute(f"DROP DATABASE {name}")


@pytest.mark.usefixtures("blind_database")
def test_health_is_red_and_says_what_to_do(client: Client) -> None:
    answer = client.get("/health")
    assert answer.status_code == 503
    assert "C.UTF-8" in answer.json()["reason"]


@pytest.mark.usefixtures("blind_database")
def test_the_migration_refuses_to_go_on() -> None:
    first = importlib.import_module("panjereh.window.migrations.0001_initial")
    with connection.schema_editor() as editor, pytest.raises(SystemExit, match=r"C\.UTF-8"):
        first.refuse_blind_search(None, editor)


def test_a_database_that_sees_persian_letters_is_fine(client: Client) -> None:
    assert queries.search_is_blind() == ""
    assert client.get("/health").status_code == 200
