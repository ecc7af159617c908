"""Lists that the exchange checks calls against: for their publishers (NIX-09, 10)."""

from collections.abc import Sequence
from datetime import date

from panjereh.sdk.exchange import call

SYSTEM = "exchange-feeds"


def publish_period(
    *,
    list_code: str,
    period: str,
    identifiers: Sequence[str],
    rows: int,
    digest: str,
    exceptions: int = 0,
    exceptions_due_on: date | None = None,
) -> int:
    """Enter or revise a period of our list; the exchange keeps tokens of the ids, not the ids.

    Returns its revision. Sent twice it is entered once.
    """
    body = {
        "list_code": list_code,
        "period": period,
        "identifiers": list(identifiers),
        "rows": rows,
        "digest": digest,
        "exceptions": exceptions,
        "exceptions_due_on": exceptions_due_on.isoformat() if exceptions_due_on else None,
    }
    return int(call(SYSTEM, "publish-period", body, timeout=10)["revision"])
