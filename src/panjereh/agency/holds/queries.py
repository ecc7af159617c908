"""Who is held, for which services, and what is still missing to lift it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import QuerySet

from panjereh.agency.holds.models import Hold, Proof, Rule
from panjereh.agency.models import Agency, Case, Draft, StaffMember


class ServiceHeld(Exception):
    """The service is not given to this person now."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(f"hold {hold.pk}")
        self.hold = hold


def standing(person: str, agency_slug: str) -> QuerySet[Hold]:
    return Hold.objects.filter(person=person, agency=agency_slug, lifted_at=None).order_by("pk")


def effect_of(agency_slug: str, service_id: str) -> str:
    """The agency's rule for a service; without one it is held."""
    rule = Rule.objects.filter(agency=agency_slug, service_id=service_id).first()
    return rule.effect if rule else Rule.Effect.HOLD


def holding(person: str, agency_slug: str, service_id: str) -> Hold | None:
    """The hold because of which this service is not given now. Death holds whatever the rule."""
    holds = list(standing(person, agency_slug))
    dead = next((h for h in holds if h.cause == Hold.Cause.DEATH), None)
    if dead or not holds:
        return dead
    held = effect_of(agency_slug, service_id) == Rule.Effect.HOLD
    return holds[0] if held else None


def refuse_if_held(person: str, agency_slug: str, service_id: str) -> None:
    """Raises `ServiceHeld`."""
    if hold := holding(person, agency_slug, service_id):
        raise ServiceHeld(hold)


def holding_case(case: Case) -> Hold | None:
    return holding(case.person, case.agency_id, case.version.service_id)


def agencies_of(person: str) -> list[str]:
    """Agencies of this installation that serve the person or are about to."""
    cases = Case.objects.filter(person=person).values_list("agency", flat=True)
    drafts = Draft.objects.filter(person=person).values_list("version__agency", flat=True)
    return sorted(set(cases) | set(drafts))


@dataclass(frozen=True)
class Service:
    """A service of the person that the news concerns: what of it there is, and what happens."""

    service_id: str
    case: Case | None
    draft: Draft | None
    effect: str


def services_of(hold: Hold) -> list[Service]:
    """Running cases and begun requests, each with what the agency's rule does to it."""
    return [*_cases(hold), *_drafts(hold)]


def _cases(hold: Hold) -> Iterator[Service]:
    for case in open_cases(hold.person, hold.agency_id):
        yield Service(case.version.service_id, case, None, _effect(hold, case.version.service_id))


def _drafts(hold: Hold) -> Iterator[Service]:
    drafts = Draft.objects.filter(
        person=hold.person, version__agency=hold.agency_id, case=None, answering=None
    )
    for draft in drafts.select_related("version").defer("version__files"):
        service_id = draft.version.service_id
        yield Service(service_id, None, draft, _effect(hold, service_id))


def _effect(hold: Hold, service_id: str) -> str:
    return "hold" if hold.cause == Hold.Cause.DEATH else effect_of(hold.agency_id, service_id)


def open_cases(person: str, agency_slug: str) -> QuerySet[Case]:
    mine = Case.objects.filter(person=person, agency=agency_slug, closed_at=None)
    return mine.select_related("version").defer("version__files").order_by("pk")


def proven(hold: Hold, kind: str) -> Proof | None:
    """The newest success since the newest news; an older one proves nothing any more."""
    since = hold.proofs.filter(kind=kind, succeeded=True, at__gte=hold.told_at)
    return since.order_by("-at").first()


def hold_of_agency(agency: Agency, hold_id: int) -> Hold | None:
    return Hold.objects.filter(pk=hold_id, agency=agency).first()


def holds_of(agency: Agency) -> QuerySet[Hold]:
    """What stands, newest news first."""
    return Hold.objects.filter(agency=agency, lifted_at=None).order_by("-told_at")


def rules_of(agency: Agency) -> dict[str, Rule]:
    return {rule.service_id: rule for rule in Rule.objects.filter(agency=agency)}


def named(actor: StaffMember | None) -> str:
    """How a deed is signed: by the applicant, or by a member of staff."""
    return f"staff:{actor.pk}" if actor else "applicant"
