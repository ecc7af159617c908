"""Let something happen to a person of the sandbox, in a process of the civil registry."""

import json
import subprocess
import sys
from typing import Any

from panjereh.runtime.environment import Environment
from panjereh.runtime.home import HomeRefused
from panjereh.runtime.services import child_environment, python


def happen(env: Environment, deed: str, *arguments: str) -> dict[str, Any]:
    """What came of it. Raises `HomeRefused` with the registry's reason."""
    if env.production:
        raise HomeRefused("Production has no sandbox people.")
    done = subprocess.run(
        python("panjereh.runtime.life", deed),
        env=child_environment(env),
        input=json.dumps(arguments),  # an identifier has no business in a list of processes
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise HomeRefused(lines[-1] if lines else "The civil registry refused.")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def main(deed: str) -> None:
    from panjereh.runtime.prepare import setup  # noqa: PLC0415  # settings come first

    setup("registries")
    from panjereh.registries.civil.amendments import Refused  # noqa: PLC0415
    from panjereh.sandbox.life import DEEDS  # noqa: PLC0415

    try:
        sys.stdout.write(json.dumps(DEEDS[deed](*json.load(sys.stdin)), ensure_ascii=False))
    except Refused as refusal:
        raise SystemExit(str(refusal)) from None


if __name__ == "__main__":
    main(sys.argv[1])
