"""For the operator, with the installation's settings:

python -m panjereh.exchange.monitoring reconcile [--days N]   where counts and records differ
python -m panjereh.exchange.monitoring rebuild [--days N]     count again from the records
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

import django
from django.apps import apps


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m panjereh.exchange.monitoring")
    parser.add_argument("deed", choices=["reconcile", "rebuild"])
    parser.add_argument("--days", type=int, default=0, help="look back so far; all that is kept")
    given = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")
    if not apps.ready:
        django.setup()
    from panjereh.common import clock  # noqa: PLC0415  # models want Django ready
    from panjereh.exchange.evidence.config import config  # noqa: PLC0415

    until = clock.now()
    since = until - timedelta(days=given.days or config().retention_days)
    return _reconcile(since, until) if given.deed == "reconcile" else _rebuild(since, until)


def _reconcile(since: datetime, until: datetime) -> int:
    from panjereh.exchange.monitoring.rebuild import differences  # noqa: PLC0415

    found = list(differences(since, until))
    for one in found:
        sys.stdout.write(
            f"{one.grain} {one.at.isoformat()} {one.consumer} {one.service}: only {one.side}\n"
        )
    sys.stdout.write(f"{len(found)} differences.\n" if found else "Counts and records agree.\n")
    return 1 if found else 0


def _rebuild(since: datetime, until: datetime) -> int:
    from panjereh.exchange.jobs import database_dsn  # noqa: PLC0415
    from panjereh.exchange.monitoring.rebuild import rebuild  # noqa: PLC0415

    counted = asyncio.run(rebuild(database_dsn(), since, until))
    sys.stdout.write(f"{counted} records counted again.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
