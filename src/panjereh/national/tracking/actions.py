"""The deeds of tracking: open a case under a new id, involve an agency, report a step."""

from django.db import transaction

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.common.problems import Problem
from panjereh.national.catalogue.queries import approved_card
from panjereh.national.consumers import member_of
from panjereh.national.tracking import queries
from panjereh.national.tracking.models import FINAL_STATES, Case, InvolvedAgency, Step
from panjereh.national.tracking.numbers import new_tracking_id


def issue(*, consumer: str, key: str, service_id: str, person: str) -> Case:
    """A new id for a request; the same key gives the first one again (TRK-01).

    001 art 9: nothing is offered without an approved card, so there is no id without one either.
    """
    card = approved_card(service_id)
    if card is None:
        raise Problem(422, "service-unknown", f"{service_id} has no approved card")
    if card.member != member_of(consumer):
        raise Problem(403, "not-your-service", "only its agency opens requests of a service")
    with transaction.atomic():
        case, _ = Case.objects.get_or_create(
            consumer=consumer,
            key=key,
            defaults={
                "tracking_id": new_tracking_id(),
                "member": card.member,
                "agency": card.agency,
                "service_id": service_id,
                "person": person,
                "opened_at": clock.now(),
            },
        )
    if (case.service_id, case.person) != (service_id, person):
        raise _reused()
    return case


def involve_agency(
    *, consumer: str, tracking_id: str, member: str, name: dict[str, str]
) -> InvolvedAgency:
    """Let another agency report steps of the request; the main agency decides that (TRK-04)."""
    case = _known(queries.case(tracking_id))
    if case.member != member_of(consumer):
        raise _not_yours()
    with transaction.atomic():
        involved, _ = InvolvedAgency.objects.get_or_create(
            case=case, member=member, defaults={"agency": name, "since": clock.now()}
        )
    return involved


def report(
    *, consumer: str, key: str, tracking_id: str, state: str, unit: str, text: dict[str, str]
) -> Step:
    """Add a step and tell it. The last one is final delivery or refusal; after it comes nothing.

    The case is locked, so that steps leave for the window in the order of the timeline.
    """
    with transaction.atomic():
        case = _known(queries.case(tracking_id, lock=True))
        agency = _reporting_agency(case, consumer)
        if before := Step.objects.filter(consumer=consumer, key=key).first():
            return _same(before, case, state, text)
        if case.state in FINAL_STATES:
            raise Problem(409, "case-closed", f"the request is {case.state}")
        step = case.steps.create(
            consumer=consumer, key=key, at=clock.now(), state=state, unit=unit, text=text
        )
        case.state = state
        case.save(update_fields=["state"])
        _tell(case, step, agency)
    return step


def _tell(case: Case, step: Step, agency: dict[str, str]) -> None:
    emit(
        "tracking.step.reported",
        subject=case.tracking_id,
        data={
            "tracking_id": case.tracking_id,
            "service_id": case.service_id,
            "person": case.person,
            "agency": agency,
            "state": step.state,
            "unit": step.unit,
            "text": step.text,
            "at": step.at.isoformat(),
        },
    )


def _reporting_agency(case: Case, consumer: str) -> dict[str, str]:
    """Only the agency that opened the request, or one that it involved, says what happens to it."""
    member = member_of(consumer)
    if member == case.member:
        return dict(case.agency)
    involved = case.involved.filter(member=member).first()
    if involved is None:
        raise _not_yours()
    return dict(involved.agency)


def _same(before: Step, case: Case, state: str, text: dict[str, str]) -> Step:
    if (before.case_id, before.state, before.text) != (case.tracking_id, state, text):
        raise _reused()
    return before


def _known(case: Case | None) -> Case:
    if case is None:
        raise Problem(404, "tracking-id-unknown", "no request has this tracking id")
    return case


def _not_yours() -> Problem:
    return Problem(403, "not-your-case", "this agency does not work on the request")


def _reused() -> Problem:
    return Problem(409, "idempotency-key-reused", "this key was used for another body")
