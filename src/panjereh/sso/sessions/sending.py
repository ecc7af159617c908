"""Send to sites what they are to be told, and say in a word what stood in the way."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection
from pyreqwest.exceptions import RequestError

from panjereh.sso.provider.keys import NoSigningKey
from panjereh.sso.sessions.addresses import AddressRefused

Due = TypeVar("Due")


def send_each(
    due: Sequence[Due], send: Callable[[Due], str], mark: Callable[[Due, str], None]
) -> int:
    """Side by side, so that one slow site does not hold up the others. `send` answers with nothing
    when the site has taken it; `mark` is told the outcome."""
    if due:
        with ThreadPoolExecutor(len(due), "telling") as pool:
            outcomes = pool.map(lambda one: _outcome(one, send), due)
            for one, outcome in zip(due, outcomes, strict=True):
                mark(one, outcome)
    return len(due)


def _outcome(one: Due, send: Callable[[Due], str]) -> str:
    try:
        return send(one)
    except AddressRefused:
        return "address-refused"
    except RequestError:
        return "unreachable"
    except NoSigningKey:
        return "no-signing-key"
    finally:
        connection.close()  # of this thread, which ends now
