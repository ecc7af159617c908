"""“This was not me”: whoever is in is out, and an SMS alone opens nothing until a new proof."""

from uuid import UUID

from django.db import transaction

from panjereh.common import clock
from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.factors.actions import drop_lately_added
from panjereh.sso.models import KnownBrowser, Person
from panjereh.sso.safety.changing import withdraw_waiting
from panjereh.sso.safety.ending import end_everything
from panjereh.sso.safety.models import MisuseReport, NumberStanding
from panjereh.sso.safety.notices import notify
from panjereh.sso.safety.numbers import suspend_number
from panjereh.sso.sessions.actions import LiveSession


def report_misuse(actor: LiveSession, *, browser: str) -> MisuseReport:
    """Ends the actor's own session, too, for nobody can say from here which one is the thief's.

    Known browsers are forgotten: the thief's is one of them by now.
    """
    person = Person.objects.get(id=actor.person_id)
    with transaction.atomic():
        ended = end_everything(person.id)
        KnownBrowser.objects.filter(person=person).delete()
        withdraw_waiting(person.id)
        drop_lately_added(person.id)
        suspend_number(person.id, mobile=person.mobile, reason=NumberStanding.Reason.REPORTED)
        report = MisuseReport.objects.create(
            person=person,
            session=actor.sid,
            browser=browser,
            sessions_ended=ended,
            at=clock.now(),
        )
        notify(person.id, "misuse-reported", browser=browser)
        tell_agencies(person.id, "credential-change")
    return report


def settle_report(report_id: UUID, *, actor: str, settled_with: str) -> bool:
    """Support has looked after it. False when it was settled before."""
    if not (actor and settled_with):
        raise ValueError("who settles a report, and with what, is written down")
    return bool(
        MisuseReport.objects.filter(id=report_id, settled_at=None).update(
            settled_at=clock.now(), settled_by=actor[:120], settled_with=settled_with[:200]
        )
    )
