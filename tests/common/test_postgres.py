"""Connections that die at rest cost nobody a request, and living ones are not asked."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

SOCKETS = os.environ["PANJEREH_TEST_POSTGRES"]
DATABASE: dict[str, Any] = {
    "ENGINE": "panjereh.common.postgres",
    "NAME": "postgres",
    "USER": "postgres",
    "HOST": SOCKETS,
    "OPTIONS": {"pool": {"min_size": 1, "max_size": 1, "timeout": 5}},
}


@pytest.fixture
def wrapper(django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    made = ConnectionHandler({"default": DATABASE})["default"]
    with django_db_blocker.unblock():
        yield made
    made.close_pool()


def backend(wrapper: Any) -> int:
    """As a request does it: take a connection, use it, give it back."""
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
    wrapper.close()
    return pid


def test_a_connection_that_the_server_has_ended_is_replaced_unnoticed(wrapper: Any) -> None:
    first = backend(wrapper)
    assert backend(wrapper) == first

    with psycopg.connect(host=SOCKETS, user="postgres", dbname="postgres") as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [first])

    assert backend(wrapper) != first


def test_a_connection_with_something_to_say_is_asked_and_kept(wrapper: Any) -> None:
    with wrapper.cursor() as cursor:
        cursor.execute("LISTEN news")
    first = backend(wrapper)
    with psycopg.connect(
        host=SOCKETS, user="postgres", dbname="postgres", autocommit=True
    ) as other:
        other.execute("NOTIFY news")

    assert backend(wrapper) == first
