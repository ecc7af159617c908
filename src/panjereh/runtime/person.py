"""People of the sandbox to try, asked of the sandbox in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from panjereh.runtime.environment import Environment
from panjereh.runtime.services import child_environment, python

MOTHER, CAMERA = "mother", "camera:"


def person_to_try(env: Environment) -> dict[str, Any]:
    """A mother of a newborn; empty when nothing runs or nobody (any more) is to be tried."""
    return cast_member(env, MOTHER)


def cast_member(env: Environment, role: str) -> dict[str, Any]:
    """Facts of a person by role: mother (a new one each time), operator, staff, widow, …,
    foreigner, guardian (with a child), chief-executive (with a company), secretariat,
    working-group, auditor, representative:<system> (who acts for its member), and of the sign-on
    registrar, support, sso-auditor. `camera:<national id>` gives instead, as `photo`, a JPEG of
    that person's face in base64."""
    done = subprocess.run(
        python("panjereh.runtime.person", role),
        env=child_environment(env),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        return {}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(role: str) -> None:
    from panjereh.runtime.prepare import setup  # noqa: PLC0415

    setup("registries")
    from panjereh.sandbox import people, registrants  # noqa: PLC0415

    ways: dict[str, Callable[[], Any]] = {MOTHER: people.next_mother, **registrants.ROLES}
    if role.startswith(CAMERA):
        found: Any = people.camera_picture_of(role.removeprefix(CAMERA))
    else:
        found = ways[role]() if role in ways else people.in_role(role)
    sys.stdout.write(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
