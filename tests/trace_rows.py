"""Write docs/requirements.md: every row of what the law texts ask, with the tests that prove it.

`make trace`. The tests are collected, not run; `make test` runs them.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from run import ROOT, TESTS, suite_names

ROWS = ROOT / "src/panjereh/sandbox/data/requirements.json"
TARGET = ROOT / "docs/requirements.md"
HEADING = "| row | what is asked | where | weight | proved by |\n|---|---|---|---|---|"


def main() -> int:
    proofs: dict[str, list[str]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="panjereh-trace-") as home:
        for suite in suite_names():
            for row, test in collected(suite, Path(home)):
                proofs[row].append(test)
    rows = json.loads(ROWS.read_text())["items"]
    TARGET.write_text(page(rows, proofs))
    proved = sum(1 for row in rows if proofs.get(row["id"]))
    sys.stdout.write(f"{TARGET.relative_to(ROOT)}: {proved} of {len(rows)} rows have a test\n")
    return 0


def collected(suite: str, home: Path) -> list[tuple[str, str]]:
    """(row, test) of one suite, told by the conftest in a process with the suite's settings."""
    told = home / f"{suite}.json"
    environment = {
        **os.environ,
        "PANJEREH_HOME": str(home / suite),
        "PANJEREH_TRACE": str(told),
        "PANJEREH_TEST_POSTGRES": str(home),  # collecting connects to nothing
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", str(TESTS / suite)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in {0, 5}:
        raise SystemExit(f"the tests of {suite} cannot be collected:\n{done.stdout}{done.stderr}")
    return [(row, test) for row, test in json.loads(told.read_text())] if told.exists() else []


def page(rows: list[dict[str, str]], proofs: dict[str, list[str]]) -> str:
    lines = [
        "# What the law texts ask, and the tests that prove it",
        "",
        "Written by `make trace` out of the test markers: change the tests, not this page.",
        f"{sum(row['id'] in proofs for row in rows)} of {len(rows)} rows have a test.",
    ]
    area = ""
    for row in rows:
        if row["area"] != area:
            area = row["area"]
            lines += ["", f"## {area}", "", HEADING]
        tests = "<br>".join(f"`{test}`" for test in sorted(set(proofs.get(row["id"], []))))
        cells = (row["id"], cell(row["text"]), cell(row["source"]), row["weight"], tests)
        lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
