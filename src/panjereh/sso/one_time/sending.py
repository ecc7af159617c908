"""Send a code by SMS, over the exchange, and remember when that does not work."""

import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from panjereh.common import clock
from panjereh.sdk import messaging
from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.models import Counter
from panjereh.sso.policy import policy

log = logging.getLogger("panjereh.sso.one_time")

TROUBLE = "sms-trouble"
TROUBLE_LASTS = timedelta(seconds=60)

_aside = ThreadPoolExecutor(4, "one-time-sms")


def sms_text(code: str) -> str:
    """The last line binds the code to our host (WebOTP), so a browser offers it nowhere else.

    Persian letters leave 70 to one SMS; this stays within it.
    """
    host = urlsplit(settings.ISSUER).hostname
    words = _("Sign-in code: %(code)s. Tell it to nobody.")
    return f"{words % {'code': code}}\n@{host} #{code}"


def send_code(*, mobile: str, code: str) -> None:
    """Raises `ExchangeError` when the message was not accepted."""
    _send(mobile, sms_text(code))


def send_code_aside(*, mobile: str, code: str) -> None:
    """Send without making the page wait: its speed must not tell whether the person is known."""
    _aside.submit(_send_quietly, mobile, sms_text(code), clock.now() + policy().one_time)


def _send_quietly(mobile: str, text: str, dead_at: datetime) -> None:
    """A code that has waited in line until it is dead would only confuse."""
    try:
        if clock.now() < dead_at:
            _send(mobile, text)
    except ExchangeError:
        pass  # noted by _send; the page of everybody says so
    finally:
        connection.close()


def _send(mobile: str, text: str) -> None:
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


def _note_trouble() -> None:
    """Told to everybody alike: who sees it learns nothing about one person."""
    until = clock.now() + TROUBLE_LASTS
    Counter.objects.update_or_create(name=TROUBLE, defaults={"count": 1, "expires_at": until})


def sms_in_trouble() -> bool:
    return Counter.objects.filter(name=TROUBLE, expires_at__gt=clock.now()).exists()
