"""Tell a person what happened to their account: in their list, by SMS, in their e-box."""

from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from panjereh.common import clock
from panjereh.sso.models import Person
from panjereh.sso.safety.kinds import FACTS, KINDS, Kind
from panjereh.sso.safety.models import Channel, Delivery, Notice


def notify(person_id: UUID, kind: str, **facts: str) -> None:
    """Write it down in the transaction of the deed; the worker delivers it.

    `facts` are names of `kinds.FACTS`; they stand on the person's page and leave it on no way.
    Raises `ValueError` for a kind or a fact that has no words, `RuntimeError` outside a
    transaction.
    """
    mobile = Person.objects.values_list("mobile", flat=True).get(id=person_id)
    notify_at(person_id, kind, mobiles=[mobile], facts=facts)


def notify_at(person_id: UUID, kind: str, *, mobiles: list[str], facts: dict[str, str]) -> None:
    """To these numbers: a change of number is told to the old one and to the new one."""
    _check(kind, facts)
    told = KINDS[kind]
    now = clock.now()
    notice = Notice.objects.create(person_id=person_id, kind=kind, facts=facts, at=now)
    Delivery.objects.bulk_create(
        Delivery(notice=notice, channel=channel, mobile=mobile, created_at=now, next_try_at=now)
        for channel, mobile in _channels(told, mobiles)
    )


def _check(kind: str, facts: dict[str, str]) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError(f"{kind} was told outside the transaction of its deed")
    if kind not in KINDS:
        raise ValueError(f"there is no notice of the kind {kind}")
    if strange := set(facts) - set(FACTS):
        raise ValueError(f"a notice has no words for {sorted(strange)}")


def _channels(told: Kind, mobiles: list[str]) -> list[tuple[Channel, str]]:
    """Somebody who cannot be reached by SMS (a child has no number here) gets a letter always."""
    numbers = [(Channel.SMS, mobile) for mobile in mobiles if mobile] if told.sms else []
    letter = [(Channel.LETTER, "")] if told.letter or not numbers else []
    return numbers + letter


def sms_text(kind: str) -> str:
    """In Persian, whatever language the browser of the deed spoke: a thief chooses his own.

    It names us and nothing of the person. No link: that is what forgers imitate.
    """
    with translation.override("fa"):
        words = _("My Government: %(news)s If it was not you, sign in and say so.")
        return f"{words % {'news': KINDS[kind].text}}\n{urlsplit(settings.ISSUER).hostname}"


def letter_text(kind: str) -> tuple[str, str]:
    with translation.override("fa"):
        body = _(
            "%(news)s\n\nIf it was not you, open your account at %(address)s and press "
            "“This was not me”. All sessions end then, and nobody gets in as you did before."
        ) % {"news": KINDS[kind].text, "address": f"{settings.ISSUER}/fa/account/"}
        return _("News of your account"), body
