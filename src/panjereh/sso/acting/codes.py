"""The message with which a person consents: it says who will act, and for what."""

from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from panjereh.sso.acting.actions import code_for
from panjereh.sso.acting.models import Mandate
from panjereh.sso.acting.options import name_of
from panjereh.sso.models import Person
from panjereh.sso.one_time import limits
from panjereh.sso.one_time.actions import Holder, issue_code
from panjereh.sso.one_time.limits import Limit
from panjereh.sso.one_time.sending import Errand, send_code_aside, send_text
from panjereh.sso.policy import policy


def send_consent_code(mandate: Mandate, holder: Person) -> None:
    """To the phone of whoever gives the mandate. Raises `LimitReached` and `ExchangeError`."""
    _limit(holder.national_id)
    text = _text(_offer_words(mandate), code_for(mandate, holder))
    send_text(mobile=holder.mobile, text=text)


def send_counter_code(mandate: Mandate, citizen: Person, service: str) -> None:
    """To the citizen's own phone. The clerk's page neither waits nor learns whether it went."""
    code = code_for(mandate, citizen)
    text = _text(_counter_words(mandate, service), code)
    send_code_aside(Errand(citizen.mobile, code, False, lambda: True, text))


def send_to_nobody(national_id: str) -> UUID:
    """The same work for somebody who has no account; no guess is right."""
    nothing = uuid4()
    code = issue_code(journey=nothing, purpose="mandate", holder=Holder(national_id, ""))
    send_code_aside(Errand("", code, False, lambda: True))
    return nothing


def limit_counter_codes(national_id: str, clerk: Person, address: str) -> None:
    """Counted whether there is such a citizen or not. Raises `LimitReached`."""
    numbers = policy()
    limits.spend(
        Limit("send", address, limits.HOUR, numbers.sends_per_address_and_hour),
        Limit("clerk-asks", clerk.national_id, limits.HOUR, numbers.clerk_asks_per_hour),
    )
    _limit(national_id)


def _limit(national_id: str) -> None:
    most = policy().mandate_codes_per_hour
    limits.spend(Limit("mandate-code", national_id, limits.HOUR, most))


def _offer_words(mandate: Mandate) -> str:
    """Whom it names was typed by the reader of it; a name would tell who has an account."""
    words = {
        True: _("Consent code: %(code)s. Who has the national ID %(who)s may act for %(whom)s."),
        False: _("Consent code: %(code)s. Who has the national ID %(who)s may act for you."),
    }[mandate.organisation is not None]
    whom = mandate.organisation.name if mandate.organisation else ""
    masked = f"***{mandate.agent_national_id[-4:]}"
    return words.replace("%(who)s", masked).replace("%(whom)s", whom)


def _counter_words(mandate: Mandate, service: str) -> str:
    with translation.override("fa"):
        words = _(
            "Consent code: %(code)s. %(who)s (%(office)s) will ask for “%(service)s” in your name. "
            "Tell it only to them, and only if you want this."
        )
    agent = name_of(mandate.agent) if mandate.agent else ""
    filled = words.replace("%(who)s", agent).replace("%(office)s", mandate.office)
    return filled.replace("%(service)s", service)


def _text(words: str, code: str) -> str:
    host = urlsplit(settings.ISSUER).hostname
    return f"{words.replace('%(code)s', code)}\n@{host} #{code}"
