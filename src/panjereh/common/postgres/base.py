"""Django's PostgreSQL, whose pool finds dead connections without asking the server each time.

A connection at rest has nothing to say. When it can be read, the server has hung up, or says
something that psycopg will read: only then is it asked. Asking before every request cost a sixth of
the CPU of a login.
"""

import select
from contextlib import suppress
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        while self.pool and has_died(connection):
            self.pool.putconn(connection)  # which throws it away and opens another one
            connection = super().get_new_connection(conn_params)
        return connection


def has_died(connection: "psycopg.Connection[Any]") -> bool:
    if not speaks_unasked(connection):
        return False
    with suppress(psycopg.Error):
        ConnectionPool.check_connection(connection)
        return False
    return True


def speaks_unasked(connection: "psycopg.Connection[Any]") -> bool:
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
