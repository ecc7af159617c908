"""The deeds on holds: begin one, prove who somebody is, ask anew, lift it, set the rule."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from panjereh.agency.holds import pausing
from panjereh.agency.holds.models import Hold, Proof, Rule
from panjereh.agency.holds.queries import agencies_of, named, open_cases, proven, standing
from panjereh.agency.holds.telling import defer_notice
from panjereh.agency.models import Agency, Draft, StaffMember
from panjereh.common import clock
from panjereh.sdk import civil_registry
from panjereh.sdk.exchange import calls_noted
from panjereh.sdk.feeds.following.actions import Match

INQUIRED = ("given_name", "family_name", "father_name", "birth_date")


class NotProven(Exception):
    """Something is still missing before the hold can be lifted: `missing` says which kind."""

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
        self.missing = missing


def hold_person(match: Match, cause: str) -> list[Hold]:
    """At every agency of this installation that serves the person, by its own rules (000 A4.1)."""
    with transaction.atomic():
        return [_hold(agency, match, cause) for agency in agencies_of(match.national_id)]


def _hold(agency_slug: str, match: Match, cause: str) -> Hold:
    if known := _told_by(agency_slug, match, cause):
        return known
    now = clock.now()
    news = {
        "change_date": match.change_date,
        "feed": match.feed,
        "sequence": match.sequence,
        "request_id": match.request_id,
        "told_at": now,
    }
    hold, _ = Hold.objects.update_or_create(
        person=match.national_id,
        agency_id=agency_slug,
        cause=cause,
        lifted_at=None,
        defaults=news,
        create_defaults=news | {"began_at": now},
    )
    pausing.pause_cases(hold)
    if cause == Hold.Cause.IDENTITY:
        defer_notice(hold)
    return hold


def _told_by(agency_slug: str, match: Match, cause: str) -> Hold | None:
    """The hold of the same file. It may come twice, by the feed and by the sign-on, and what was
    proved after the first time stays proved."""
    same = Hold.objects.filter(person=match.national_id, agency=agency_slug, cause=cause)
    return same.filter(feed=match.feed, sequence=match.sequence).first()


def authenticate(*, hold: Hold, card_serial: str, by: str | StaffMember) -> Proof:
    """By the method of the civil registry, over the exchange (000 A4.3); the outcome is kept.

    `by` is the national id of the held person, or who does it at the counter. Raises
    `exchange.ExchangeError`; `Rejected` `too-many-tries` when the serial was wrong too often.
    """
    actor = _actor(hold, by)
    with calls_noted() as calls:
        done = civil_registry.authenticate(
            hold.person, card_serial=card_serial, user=by if isinstance(by, str) else ""
        )
    return Proof.objects.create(
        hold=hold,
        kind=Proof.Kind.AUTHENTICATION,
        succeeded=done.authenticated,
        method=done.method,
        reference=done.reference,
        request_id=calls[-1].request_id if calls else "",
        by=actor,
        at=clock.now(),
    )


def ask_anew(*, hold: Hold, by: str | StaffMember) -> tuple[Proof, civil_registry.Person]:
    """The new inquiry; what it answers takes the place of the old data in what is not sent yet.

    Raises `exchange.ExchangeError`.
    """
    actor = _actor(hold, by)
    with calls_noted() as calls:
        found = civil_registry.person(hold.person, user=by if isinstance(by, str) else "")
    with transaction.atomic():
        proof = Proof.objects.create(
            hold=hold,
            kind=Proof.Kind.INQUIRY,
            succeeded=found.vital_status != "deceased",
            request_id=calls[-1].request_id if calls else "",
            by=actor,
            at=clock.now(),
        )
        if proof.succeeded:
            _renew(hold, found)
    return proof, found


def _renew(hold: Hold, found: civil_registry.Person) -> None:
    """Answers stay; the applicant's data are those of today, and records are fetched again."""
    born = found.birth_date
    facts = {name: getattr(found, name) for name in INQUIRED} | {
        "birth_date": born.isoformat() if born else None
    }
    known = {name: value for name, value in facts.items() if value is not None}
    drafts = Draft.objects.select_for_update(of=("self",)).filter(
        person=hold.person, version__agency=hold.agency_id, case=None
    )
    for draft in drafts:
        draft.applicant, draft.records = draft.applicant | known, {}
        draft.save(update_fields=["applicant", "records", "updated_at"])
    for case in open_cases(hold.person, hold.agency_id):
        case.applicant = case.applicant | known
        case.save(update_fields=["applicant"])


def lift(*, hold: Hold, by: str | StaffMember) -> Hold:
    """Services resume: only after a new inquiry and an authentication, both newer than the news.

    Raises `NotProven`. The registry withdraws the news of a death, not we (see `death_withdrawn`).
    """
    actor = _actor(hold, by)
    with transaction.atomic():
        locked = Hold.objects.select_for_update().get(pk=hold.pk)
        if locked.lifted_at:
            return locked
        if locked.cause == Hold.Cause.DEATH:
            raise PermissionDenied("a death is withdrawn by the registry")
        for kind in Proof.Kind.values:
            if proven(locked, kind) is None:
                raise NotProven(kind)
        _end(locked, actor)
    return locked


def _end(hold: Hold, actor: str) -> None:
    hold.lifted_at, hold.lifted_by = clock.now(), actor
    hold.save(update_fields=["lifted_at", "lifted_by"])
    pausing.resume_cases(hold)


def death_withdrawn(match: Match) -> list[Hold]:
    """The registry has undone a wrong entry: what was held for it goes on at once."""
    actor = f"feed:{match.feed}/{match.sequence}"
    ended = []
    with transaction.atomic():
        for agency in agencies_of(match.national_id):
            dead = standing(match.national_id, agency).filter(cause=Hold.Cause.DEATH)
            for hold in dead.select_for_update():
                _end(hold, actor)
                ended.append(hold)
    return ended


def set_rule(*, actor: StaffMember, agency: Agency, service_id: str, effect: str) -> Rule:
    """The agency decides by itself what a service does on the news; it holds from now on."""
    if actor.agency_id != agency.pk:
        raise PermissionDenied
    with transaction.atomic():
        rule, _ = Rule.objects.update_or_create(
            agency=agency,
            service_id=service_id,
            defaults={"effect": Rule.Effect(effect), "set_by": actor, "set_at": clock.now()},
        )
        for hold in Hold.objects.filter(agency=agency, lifted_at=None):
            pausing.pause_cases(hold)
            pausing.resume_cases(hold)
    return rule


def _actor(hold: Hold, by: str | StaffMember) -> str:
    """The held person, or staff of the agency that holds; nobody else."""
    if isinstance(by, StaffMember):
        if by.agency_id != hold.agency_id:
            raise PermissionDenied
        return named(by)
    if by != hold.person:
        raise PermissionDenied
    return named(None)
