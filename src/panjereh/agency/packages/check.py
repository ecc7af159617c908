"""`check(folder)`: everything that keeps a service package from the air, before anybody sees it.

Publishing runs the same checks; the sample journeys come after them, on the real engine.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from panjereh.agency.engine import coverage
from panjereh.agency.packages import card_check, form_check, load, process_check, text_check
from panjereh.agency.packages.findings import Finding, PackageRefused
from panjereh.agency.packages.journeys import run
from panjereh.agency.packages.model import Package

Check = Callable[[Package], Iterator[Finding]]


def check(folder: Path) -> list[Finding]:
    """Nothing to mend is an empty list."""
    try:
        package = load.from_folder(folder)
    except PackageRefused as error:
        return error.findings
    return check_package(package)


def check_package(package: Package) -> list[Finding]:
    found = [finding for part in CHECKS for finding in part(package)]
    # A journey on a broken process would only say the same thing less clearly.
    return found or list(journeys(package))


def decisions(package: Package) -> Iterator[Finding]:
    for name, table in package.tables.items():
        for line, message in coverage.flaws(table):
            yield Finding(f"decisions/{name}.dmn", line, name, message)


def journeys(package: Package) -> Iterator[Finding]:
    if not package.journeys:
        yield Finding("journeys", 0, "", "a package brings at least one sample journey")
    for name, journey in package.journeys.items():
        for message in run(package, journey):
            yield Finding(name, 0, journey.name, message)


CHECKS: tuple[Check, ...] = (
    card_check.check,
    form_check.check,
    process_check.check,
    decisions,
    text_check.check,
)
