"""How long the page of numbers reads its figures. Prints milliseconds, the median of each.

`read_numbers.py TIMES` with the environment of the sign-on under measurement.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta

os.environ["DJANGO_SETTINGS_MODULE"] = "panjereh.runtime.settings.sso"

import django

django.setup()

from panjereh.sso.numbers.actions import count_day  # noqa: E402 - needs the setup
from panjereh.sso.numbers.days import today  # noqa: E402
from panjereh.sso.numbers.queries import entries, registered  # noqa: E402
from panjereh.sso.numbers.tables import history  # noqa: E402


def main(times: int) -> None:
    now, month = today(), timedelta(days=30)
    asked: dict[str, Callable[[], object]] = {
        "registered now, ms": lambda: registered(now),
        "registered 30 days ago, ms": lambda: registered(now - month),
        "sites of 30 days, ms": lambda: entries(now - month, now),
        "the whole page, ms": lambda: whole_page(now, month),
    }
    found = {name: spent(deed, times) for name, deed in asked.items()}
    found["counting a day, ms"] = counted_anew()
    sys.stdout.write(json.dumps(found))


def whole_page(now: date, month: timedelta) -> None:
    found = registered(now)
    history(found)
    entries(now - month, now)


def spent(deed: Callable[[], object], times: int) -> float:
    deed()
    return statistics.median(timed(deed) for _ in range(times))


def timed(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return 1000 * (time.perf_counter() - began)


def counted_anew() -> float:
    """The job finds what is there already, or the figures above say nothing."""
    days = [today() - timedelta(days=n) for n in (1, 20)]
    before = [registered(day).by_place for day in days]
    cost = statistics.median(timed(lambda day=day: count_day(day)) for day in days)  # type: ignore[misc]
    assert [registered(day).by_place for day in days] == before
    return cost


if __name__ == "__main__":
    main(int(sys.argv[1]))
