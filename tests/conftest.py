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


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Load the settings that the conftest of the suite named, before models are imported."""
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        from django.conf import settings

        assert settings.FLOOR


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """An unknown requirement row is an error, not a typo that proves nothing."""
    known = {row["id"] for row in json.loads(ROWS_FILE.read_text())["items"]}
    for item in items:
        for marker in item.iter_markers("req"):
            if unknown := set(marker.args) - known:
                raise pytest.UsageError(f"{item.nodeid}: unknown requirement {sorted(unknown)}")
    if trace := os.environ.get("PANJEREH_TRACE"):
        Path(trace).write_text(json.dumps(_proofs(items)))


def _proofs(items: list[pytest.Item]) -> list[tuple[str, str]]:
    """(row, test): `make trace` writes docs/requirements.md out of these."""
    return [
        (row, item.nodeid.split("[")[0])
        for item in items
        for marker in item.iter_markers("req")
        for row in marker.args
    ]


@pytest.fixture(scope="session")
def platform_environment() -> dict[str, str]:
    """For a platform of its own: `panjereh up` must not see the databases of the suite."""
    kept = {k: v for k, v in os.environ.items() if not k.endswith(("_DATABASE_URL", "NATS_URL"))}
    return {k: v for k, v in kept.items() if k != "DJANGO_SETTINGS_MODULE"}
