"""Send a code by SMS, over the exchange, and remember when that does not work."""

import logging
import random
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from panjereh.common import clock
from panjereh.sdk import messaging
from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.models import Counter
from panjereh.sso.one_time import limits
from panjereh.sso.one_time.limits import Limit, LimitReached
from panjereh.sso.policy import policy

log = logging.getLogger("panjereh.sso.one_time")

TROUBLE = "sms-trouble"
TROUBLE_LASTS = timedelta(seconds=60)

# A message is begun when the page is long answered: not even the work that it makes can be felt.
_LATER_SECONDS = (0.05, 0.25)
_pool = ThreadPoolExecutor(64, "one-time-sms")


def sms_text(code: str) -> str:
    """The last line binds the code to our host (WebOTP), so a browser offers it nowhere else.

    Persian letters leave 70 to one SMS; this stays within it.
    """
    host = urlsplit(settings.ISSUER).hostname
    words = _("Sign-in code: %(code)s. Tell it to nobody.")
    return f"{words % {'code': code}}\n@{host} #{code}"


def send_text(*, mobile: str, text: str) -> None:
    """Another room's words around a code. Raises `ExchangeError` and `LimitReached`."""
    _send(mobile, text, stranger=False)


def send_code(*, mobile: str, code: str) -> None:
    """Raises `ExchangeError` when the message was not accepted, `LimitReached` when the country's
    allowance of codes is used up."""
    _send(mobile, sms_text(code), stranger=True)


@dataclass(frozen=True)
class Errand:
    """A code for whoever may get it. With an empty `mobile` it goes to nobody, in the same steps.

    `allowed` may ask a registry: it runs aside, too. `stranger`: on a browser that is not known.
    `text` is another room's words around the code.
    """

    mobile: str
    code: str
    stranger: bool
    allowed: Callable[[], bool]
    text: str = ""


def send_code_aside(errand: Errand) -> None:
    """Send without making the page wait: its speed must not tell whether the person is known."""
    text, dead_at = errand.text or sms_text(errand.code), clock.now() + policy().one_time
    aside(partial(_run_quietly, errand, text, dead_at))


def aside(work: Callable[[], None]) -> None:
    _pool.submit(_later, work)


def _later(work: Callable[[], None]) -> None:
    time.sleep(random.uniform(*_LATER_SECONDS))  # noqa: S311 - no secret hangs on it
    try:
        work()
    finally:
        connection.close()


def _run_quietly(errand: Errand, text: str, dead_at: datetime) -> None:
    """A code that has waited in line until it is dead would only confuse."""
    try:
        if errand.mobile and clock.now() < dead_at and errand.allowed():
            _send(errand.mobile, text, stranger=errand.stranger)
    except (ExchangeError, LimitReached):
        pass  # noted by _send; the page of everybody says so


def _send(mobile: str, text: str, *, stranger: bool) -> None:
    _stay_within_budget(mobile, stranger=stranger)
    try:
        messaging.send_sms(
            mobile=mobile,
            text=text,
            lane="one-time",
            idempotency_key=str(uuid.uuid4()),
            expires_in=int(policy().one_time.total_seconds()),
        )
    except ExchangeError as error:
        log.warning("sso.code.unsent code=%s cause=%s", error.code, error.cause)
        _note_trouble()
        raise


def _stay_within_budget(mobile: str, *, stranger: bool) -> None:
    """A breaker against SMS pumping. Strangers use up their own share first, so known browsers go
    on; only numbers of the country, and not one number again and again."""
    if not mobile.startswith("+98"):
        raise ValueError("codes go to numbers of the country only")
    numbers = policy()
    share = [Limit("codes", "strangers", limits.MINUTE, numbers.codes_to_strangers_per_minute)]
    limits.spend(Limit("codes-to", mobile, limits.DAY, numbers.codes_per_number_and_day))
    try:
        limits.spend(
            *(share if stranger else []),
            Limit("codes", "all", limits.MINUTE, numbers.codes_per_minute),
        )
    except LimitReached:
        log.error("sso.code.withheld stranger=%s", stranger)
        _note_trouble()
        raise


def _note_trouble() -> None:
    """Told to everybody alike: who sees it learns nothing about one person."""
    until = clock.now() + TROUBLE_LASTS
    Counter.objects.update_or_create(name=TROUBLE, defaults={"count": 1, "expires_at": until})


def sms_in_trouble() -> bool:
    return Counter.objects.filter(name=TROUBLE, expires_at__gt=clock.now()).exists()
