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
from panjereh.sso.staff.actions import record_act, require_role
from panjereh.sso.staff.models import Officer

SUPPORT = Officer.Role.SUPPORT.value


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


def settle_report(officer: Officer, report_id: UUID, *, settled_with: str) -> bool:
    """Support has looked after it. False when it was settled before."""
    require_role(officer, SUPPORT)
    with transaction.atomic():
        settled = MisuseReport.objects.filter(id=report_id, settled_at=None).update(
            settled_at=clock.now(), settled_by=officer.name[:120], settled_with=settled_with[:200]
        )
        if settled:
            record_act(officer, "misuse.settled", str(report_id))
    return bool(settled)
