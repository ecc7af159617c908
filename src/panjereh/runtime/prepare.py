"""`python -m panjereh.runtime.prepare <floor> [people]`: migrate one floor, seed it if sandbox."""

import importlib
import importlib.util
import os
import sys

from panjereh.runtime.environment import FLOORS, environment
from panjereh.runtime.production import SANDBOX_DATABASE_NOTE

# The floors whose settings module has another name.
SETTINGS_OF = {"exchange": "operator", "sandbox": "phone"}


def main(arguments: list[str]) -> None:
    floor = arguments[0] if arguments else ""
    setup(floor)
    migrate()
    if len(arguments) > 1:
        seed(floor, people=int(arguments[1]))


def setup(floor: str) -> None:
    """Make this process one of `floor`."""
    import django  # noqa: PLC0415  # settings come first

    if floor not in FLOORS:
        raise SystemExit(f"unknown floor {floor!r}; floors are {', '.join(FLOORS)}")
    settings = SETTINGS_OF.get(floor, floor)
    os.environ["DJANGO_SETTINGS_MODULE"] = f"panjereh.runtime.settings.{settings}"
    django.setup()


def migrate() -> None:
    from django.core.management import call_command  # noqa: PLC0415  # after setup

    call_command("migrate", interactive=False, verbosity=1)


def seed(floor: str, *, people: int) -> None:
    """Fill the floor with invented people; production refuses a database that bears our note."""
    if environment().production:
        raise SystemExit("production has no sandbox people")
    module = f"panjereh.sandbox.seed.{floor}"
    if not importlib.util.find_spec(module):
        return
    _note_sandbox()
    importlib.import_module(module).seed(people)


def _note_sandbox() -> None:
    from django.db import connection  # noqa: PLC0415  # after setup

    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"COMMENT ON DATABASE {name} IS '{SANDBOX_DATABASE_NOTE}'")


if __name__ == "__main__":
    main(sys.argv[1:])
