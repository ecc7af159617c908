"""The sign-on before and after its database died, in a process of its own; speaks JSON."""

import json
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import django_ready  # noqa: F401 - models are imported below

# isort: split
from django.core.management import call_command
from django.db import connection
from people import citizen, registered

from panjereh.sso.models import AccessToken, Session
from panjereh.sso.one_time.actions import Holder, issue_code, redeem_code
from panjereh.sso.one_time.limits import LimitReached
from panjereh.sso.one_time.locks import check_lock, count_failure
from panjereh.sso.policy import policy
from panjereh.sso.provider.seen import first_use
from panjereh.sso.sessions.actions import Arrival, begin_session

JOURNEY = UUID(int=7)
HOLDER = Holder("1010000012", "+989120000001")
FAR = datetime(2099, 1, 1, tzinfo=UTC)


def before() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    made_at = datetime.now(UTC)
    registered_person = registered(citizen())
    arrival = Arrival(way="sms", browser_sha256="b" * 64, browser="Firefox, Linux")
    begin_session(registered_person, arrival)
    for _ in range(policy().lock_free_failures + 8):
        count_failure("somebody")
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    return {
        "made_at": made_at.timestamp(),
        "first": first_use("client", "jti-1", made_at=made_at, until=FAR),
        "again": first_use("client", "jti-1", made_at=made_at, until=FAR),
        "code": issue_code(journey=JOURNEY, purpose="login", holder=HOLDER),
        "empty": empty_tables(),
    }


def after(made_at: float, code: str) -> dict[str, Any]:
    old = datetime.fromtimestamp(made_at, UTC)
    return {
        "empty": empty_tables(),
        "replayed": first_use("client", "jti-1", made_at=old, until=FAR),
        "fresh": first_use("client", "jti-2", made_at=datetime.now(UTC), until=FAR),
        "code": redeem_code(journey=JOURNEY, purpose="login", holder=HOLDER, guess=code),
        "locked": is_locked(),
        "sessions": Session.objects.filter(ended_at=None).count(),
        "tokens": AccessToken.objects.count(),
    }


def empty_tables() -> list[str]:
    """Those of the unlogged ones that hold nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'")
        names = [row[0] for row in cursor.fetchall()]
        empty = []
        for name in names:
            cursor.execute(f"SELECT NOT EXISTS (SELECT FROM {name})")
            if cursor.fetchone()[0]:
                empty.append(name)
    return sorted(empty)


def is_locked() -> bool:
    try:
        check_lock("somebody")
    except LimitReached:
        return True
    return False


if __name__ == "__main__":
    known = json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}
    told = before() if sys.argv[1] == "before" else after(known["made_at"], known["code"])
    sys.stdout.write(json.dumps(told))
