"""A person of the sandbox to try, asked of the sandbox in a process of its own."""

import json
import subprocess
import sys
from typing import Any

from panjereh.runtime.environment import Environment
from panjereh.runtime.services import child_environment, python


def person_to_try(env: Environment) -> dict[str, Any]:
    """Empty when there is nobody (any more) to try."""
    done = subprocess.run(
        python("panjereh.runtime.person"),
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


def main() -> None:
    from dataclasses import asdict, is_dataclass  # noqa: PLC0415

    from panjereh.sandbox.people import next_mother  # noqa: PLC0415

    mother = next_mother()
    found = asdict(mother) if is_dataclass(mother) and not isinstance(mother, type) else mother
    sys.stdout.write(json.dumps(found, ensure_ascii=False, default=str))


if __name__ == "__main__":
    main()
