"""ISO 8601 durations as a promise to a person: P1D, PT15M, P1M."""

import re
from datetime import datetime, timedelta

_DURATION = re.compile(
    r"^P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?$"
)


def after(moment: datetime, duration: str) -> datetime:
    """Months and years count as 30 and 365 days here: a promise is kept rather early than late."""
    found = _DURATION.match(duration)
    if found is None:
        raise ValueError(f"not a duration: {duration!r}")
    number = {name: int(value or 0) for name, value in found.groupdict().items()}
    days = number["years"] * 365 + number["months"] * 30 + number["weeks"] * 7 + number["days"]
    return moment + timedelta(
        days=days,
        hours=number["hours"],
        minutes=number["minutes"],
        seconds=number["seconds"],
    )
