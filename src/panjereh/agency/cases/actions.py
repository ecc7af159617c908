"""The deeds on cases: submit, answer a waiting step, retry, look, and tell others."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from panjereh.agency.cases import wakeups
from panjereh.agency.cases.queries import unreported
from panjereh.agency.cases.signatures import keep_with, signed_request
from panjereh.agency.cases.timeline import record, said, unit_of
from panjereh.agency.drafts.actions import may_do
from panjereh.agency.drafts.queries import known_of
from panjereh.agency.engine import spiff
from panjereh.agency.engine.durations import after
from panjereh.agency.forms.view import view
from panjereh.agency.holds.queries import refuse_if_held
from panjereh.agency.job_queue import defer_advance, defer_message
from panjereh.agency.models import Case, CaseLook, Draft, ServiceVersion, StaffMember
from panjereh.agency.operations import registry
from panjereh.agency.operations.registry import Call
from panjereh.agency.packages.queries import package_of
from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.sdk import exchange, tracking
from panjereh.sdk.signin import Person

RECEIVED = _("Your request has arrived.")
APPLICANT, REPRESENTATIVE, STAFF = "applicant", "representative", "staff"


class NotComplete(Exception):
    """A page is still without an answer; nothing was submitted."""


def submit_request(*, draft: Draft, actor: Person) -> Case:
    """Turn a complete draft into a case with a tracking id. A second submit gives the same case.

    001 art 13: every request has one unique id. It is asked for first, under the draft's key, so
    a lost answer or a doubled click never makes a second one. Raises `exchange.ExchangeError`, and
    `ServiceHeld` while the service is held (SSO-24), `NotSigned` where a signature over this very
    request is missing (SSO-13); the draft stays as it is.
    """
    if not may_do(actor, draft):
        raise PermissionDenied
    if draft.case is not None:
        return draft.case
    package = package_of(draft.version)
    refuse_if_held(draft.person, draft.version.agency_id, draft.version.service_id)
    looked = view(package.form, known_of(draft))
    if not looked.complete:
        raise NotComplete
    signed_request(draft, actor, looked.scope["chosen"])
    tracking_id = tracking.issue(
        service_id=package.service_id,
        person=actor.national_id,
        idempotency_key=f"draft-{draft.pk}",
        user=actor.user,
    )
    with transaction.atomic():
        locked = Draft.objects.select_for_update().get(pk=draft.pk)
        if locked.case is not None:
            return locked.case
        seen = view(package.form, known_of(locked))
        if not seen.complete:
            raise NotComplete
        signature = signed_request(locked, actor, seen.scope["chosen"])
        case = _new_case(locked, tracking_id, seen.scope["chosen"])
        if signature:
            keep_with(case, signature, actor)
        locked.case = case
        locked.save(update_fields=["case"])
        _receive(case, draft.version)
    return case


def _new_case(draft: Draft, tracking_id: str, chosen: dict[str, Any]) -> Case:
    now = clock.now()
    package = package_of(draft.version)
    return Case.objects.create(
        tracking_id=tracking_id,
        agency_id=draft.version.agency_id,
        version=draft.version,
        person=draft.person,
        applicant=draft.applicant,
        representative=draft.representative,
        language=draft.language,
        answers=draft.answers,
        chosen=chosen,
        status=Case.Status.RECEIVED,
        submitted_at=now,
        promised_at=after(now, package.card["duration"]["iso"]),
    )


def _receive(case: Case, version: ServiceVersion) -> None:
    """Accepted means committed: with its history, its process, its SMS and its news."""
    record(
        case,
        kind="submitted",
        state=Case.Status.RECEIVED,
        actor=applicant_or_representative(case.representative),
        text=said(RECEIVED),
    )
    emit(
        "agency.case.submitted",
        subject=case.tracking_id,
        data={"tracking_id": case.tracking_id, "service_id": version.service_id},
    )
    wakeups.begin(case, package_of(version))
    defer_message(case.pk, "held" if case.hold else "received")


def applicant_or_representative(representative: dict[str, str] | None) -> str:
    """The history says that somebody acted, and on what ground; the case says who (PIS-01)."""
    return f"{REPRESENTATIVE}:{representative['kind']}" if representative else APPLICANT


def answer_step(*, draft: Draft, actor: Person) -> Case:
    """The person has given what the case waited for; it resumes where it stopped (AGW-07)."""
    case = draft.answering
    if case is None or not may_do(actor, draft):
        raise PermissionDenied
    refuse_if_held(case.person, case.agency_id, draft.version.service_id)
    package = package_of(draft.version)
    known = known_of(draft)
    seen = view(package.form, known)
    if not seen.complete or seen.hold:
        raise NotComplete
    with transaction.atomic():
        awake = wakeups.lock(case.pk)
        step = next((s for s in awake.waiting.people if s.key == draft.step_key), None)
        if step is not None:  # else answered before, by a doubled click or in another window
            awake.case.answers, awake.case.chosen = known.answers, seen.scope["chosen"]
            awake.instance.environment.scope.update(wakeups.facts_of(awake.case))
            _resume(awake, step, applicant_or_representative(draft.representative))
    return awake.case


def _resume(awake: wakeups.Awake, step: spiff.Step, by: str) -> None:
    # While the person was awaited, the promise of the agency did not run.
    awake.case.promised_at = after(clock.now(), awake.package.card["duration"]["iso"])
    text = awake.package.in_all_languages(f"resumed.{step.id}")
    record(
        awake.case,
        kind="resumed",
        state=Case.Status.IN_PROGRESS,
        actor=by,
        step=step.id,
        text=text,
    )
    spiff.finish(awake.instance, step.key)
    wakeups.write(awake)
    defer_advance(awake.case.pk)


def retry_case(*, case: Case, actor: StaffMember) -> None:
    """An operator has seen to the cause: try again now, and fast at first."""
    if actor.agency_id != case.agency_id:
        raise PermissionDenied
    with transaction.atomic():
        row = wakeups.lock_row(case.pk)
        if row.case.closed_at:
            return
        row.attempts, row.stalled_since, row.stalled_reason = 0, None, ""
        row.next_due = clock.now() + wakeups.LEASE
        row.save()
        record(row.case, kind="retry", state=row.case.status, actor=f"{STAFF}:{actor.pk}")
        defer_advance(case.pk)


def record_look(*, case: Case, actor: StaffMember) -> CaseLook:
    """Whoever looks at a person's case is written down where the person can see it."""
    if actor.agency_id != case.agency_id:
        raise PermissionDenied
    return CaseLook.objects.create(case=case, staff=actor)


def report_events(*, case_id: int) -> None:
    """Tell the national tracking what it does not know yet, in order (TRK-03).

    Raises `exchange.Unavailable`; the job comes back and goes on after the last one told.
    """
    case = Case.objects.select_related("version").defer("version__files").get(pk=case_id)
    unit = unit_of(package_of(case.version))
    for event in unreported(case):
        try:
            tracking.report(
                case.tracking_id,
                state=event.state,
                unit=unit,
                text=event.text,
                idempotency_key=f"event-{event.pk}",
            )
        except exchange.Rejected as error:
            if error.code != "case-closed":
                raise
        Case.objects.filter(pk=case_id).update(reported_event=event.pk)


def send_message(*, case_id: int, subject: str) -> None:
    """An SMS about the case, once per subject (TRK-07). Raises `exchange.ExchangeError`."""
    case = Case.objects.select_related("version").defer("version__files").get(pk=case_id)
    found = registry.find(f"msg:notify.{subject}")
    if found is None:
        raise LookupError("the operation of messages is missing")
    call = Call(
        service=package_of(case.version).service,
        case=case.tracking_id,
        user=case.user,
        key=f"case-{case.pk}-{subject}",
        subject=subject,
        language=case.language,
    )
    found[0].run({"mobile": case.applicant["mobile"]}, call)
