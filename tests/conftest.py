"""What every suite shares: a home folder, a PostgreSQL, the requirement markers.

`tests/run.py` starts one PostgreSQL and one NATS for all suites and names them in
PANJEREH_TEST_POSTGRES (a socket folder) and PANJEREH_NATS_URL; a suite run by hand without them
starts its own PostgreSQL.
"""

import atexit
import json
import os
import tempfile
from pathlib import Path

import pytest

ROWS_FILE = Path(__file__).parent.parent / "src/panjereh/sandbox/data/requirements.json"

if "PANJEREH_HOME" not in os.environ:
    _home = tempfile.TemporaryDirectory(prefix="panjereh-test-")
    atexit.register(_home.cleanup)
    os.environ["PANJEREH_HOME"] = _home.name
if "PANJEREH_TEST_POSTGRES" not in os.environ:
    from panjereh.runtime.embedded import Postgres

    _postgres = Postgres(Path(os.environ["PANJEREH_HOME"]), durable=False)
    _postgres.start()
    atexit.register(_postgres.stop)
    os.environ["PANJEREH_TEST_POSTGRES"] = str(_postgres.socket_folder)
for _floor in ("window", "sso", "agency", "exchange", "registries", "national", "sandbox"):
    os.environ.setdefault(
        f"PANJEREH_{_floor.upper()}_DATABASE_URL",
        f"postgresql:///panjereh_{_floor}?host={os.environ['PANJEREH_TEST_POSTGRES']}&user=postgres",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """An unknown requirement row is an error, not a typo that proves nothing."""
    known = {row["id"] for row in json.loads(ROWS_FILE.read_text())["items"]}
    for item in items:
        for marker in item.iter_markers("req"):
            if unknown := set(marker.args) - known:
                raise pytest.UsageError(f"{item.nodeid}: unknown requirement {sorted(unknown)}")
