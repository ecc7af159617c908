"""Fill the sign-on's database with people of two kinds: {"registered": ids, "closed": ids}."""

import json
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "panjereh.runtime.settings.sso"

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - needs the setup

from panjereh.common import clock  # noqa: E402
from panjereh.sandbox.keys import make_keys  # noqa: E402
from panjereh.sandbox.seed.sso import make_signing_keys  # noqa: E402
from panjereh.sso.models import Person  # noqa: E402


def main(people: dict[str, list[str]]) -> None:
    call_command("migrate", verbosity=0)
    make_signing_keys()
    now = clock.now()
    Person.objects.bulk_create(
        Person(
            national_id=national_id,
            given_name="بیتا",
            family_name="بزرگی",
            birth_date="1988-03-04",
            mobile=f"+989{national_id[:9]}",
            mobile_confirmed_at=now,
            registered_at=now,
            closed_at=now if kind == "closed" else None,
        )
        for kind, ids in people.items()
        for national_id in ids
    )


if __name__ == "__main__":
    from pathlib import Path

    make_keys(Path(os.environ["PANJEREH_HOME"]))
    main(json.load(sys.stdin))
