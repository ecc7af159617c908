"""For the operator, with the installation's settings:

python -m panjereh.exchange.evidence audit [--days N]   what was deleted, altered or moved
python -m panjereh.exchange.evidence rebuild            make again what is missing of the log
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import timedelta

import django
from django.apps import apps


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m panjereh.exchange.evidence")
    parser.add_argument("deed", choices=["audit", "rebuild"])
    parser.add_argument("--days", type=int, default=0, help="look back so far; all that is kept")
    given = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.operator")
    if not apps.ready:
        django.setup()
    return _audit(given.days) if given.deed == "audit" else _rebuild()


def _audit(days: int) -> int:
    from panjereh.common import clock  # noqa: PLC0415  # models want Django ready
    from panjereh.exchange.evidence.audit import SETTLED, audit  # noqa: PLC0415
    from panjereh.exchange.evidence.config import config  # noqa: PLC0415

    conf, until = config(), clock.now() - SETTLED
    since = until - timedelta(days=days or conf.retention_days)
    found = audit(conf, since, until)
    for finding in found:
        sys.stdout.write(f"{finding}\n")
    sys.stdout.write(f"{len(found)} found.\n" if found else "Nothing found.\n")
    return 1 if found else 0


def _rebuild() -> int:
    from panjereh.exchange.evidence.books import leaves_of_books  # noqa: PLC0415
    from panjereh.exchange.evidence.config import config  # noqa: PLC0415
    from panjereh.exchange.evidence.keys import log_keys  # noqa: PLC0415
    from panjereh.exchange.evidence.leaf import LeafMaker  # noqa: PLC0415
    from panjereh.exchange.evidence.rebuild import RebuildFailed, rebuild  # noqa: PLC0415

    conf = config()
    keys = log_keys(conf.keys, origin=conf.origin, production=conf.production)
    try:
        made = rebuild(conf.folder, leaves_of_books(LeafMaker(keys.nonce_key)))
    except RebuildFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"made {name}\n" for name in made) or "Nothing was missing.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
