"""Is a package that we pin known to be vulnerable? Asks the public advisories.

Exit codes: 0 none is, 1 at least one is (told), 77 nobody could be asked.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOBODY_ASKED = 77


def main() -> int:
    told = asked(ROOT / "requirements-dev.lock")
    known = [package for package in told if "vulns" in package]
    if not known:
        print("the public advisories cannot be reached from here")  # noqa: T201
        return NOBODY_ASKED
    found = [line for package in known for line in lines(package)]
    print("\n".join(found) or f"{len(known)} packages, no advisory")  # noqa: T201
    return 1 if found else 0


def asked(lock: Path) -> list[dict]:
    """One entry a package; without `vulns` where the advisories know nothing of it."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes"]
    options = ["--disable-pip", "--progress-spinner=off", "--format=json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    return json.loads(done.stdout or '{"dependencies": []}')["dependencies"]


def lines(package: dict) -> list[str]:
    return [
        f"{package['name']} {package['version']}: {known['id']}, mended in {known['fix_versions']}"
        for known in package["vulns"]
    ]


if __name__ == "__main__":
    sys.exit(main())
