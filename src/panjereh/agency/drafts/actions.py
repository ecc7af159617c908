"""The deeds on a draft: begin it, keep what was fetched, answer a page, withdraw it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from panjereh.agency.drafts.queries import known_of, records_as_kept
from panjereh.agency.engine import spiff
from panjereh.agency.forms import scope as scopes
from panjereh.agency.forms.definition import Form
from panjereh.agency.forms.view import Known, dependents
from panjereh.agency.models import Case, Draft, ServiceVersion
from panjereh.agency.packages.queries import package_of
from panjereh.sdk.feeds.following.index import know_customer
from panjereh.sdk.signin import Person


def applicant_of(person: Person) -> dict[str, Any]:
    born = person.birth_date
    return {
        "national_id": person.national_id,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "father_name": person.father_name,
        "birth_date": born.isoformat() if born else None,
        # A child has none of its own: who acts for it is told.
        "mobile": person.mobile or (person.acting.mobile if person.acting else ""),
    }


def representative_of(person: Person) -> dict[str, str] | None:
    acting = person.acting
    if acting is None:
        return None
    return {
        "kind": acting.kind,
        "national_id": acting.national_id,
        "given_name": acting.given_name,
        "family_name": acting.family_name,
        "mobile": acting.mobile,
    }


def may_do(actor: Person, draft: Draft) -> bool:
    """One's own, or of the person one acts for, in a service that the mandate covers."""
    return draft.person == actor.national_id and actor.may_use(draft.version.service_id)


def begin_draft(*, version: ServiceVersion, actor: Person, language: str) -> Draft:
    """The person's open draft of this service, or a new one. It stays on the version it began."""
    if not actor.national_id or not actor.may_use(version.service_id):
        raise PermissionDenied
    with transaction.atomic():
        mine = Draft.objects.select_for_update().filter(
            person=actor.national_id,
            version__service_id=version.service_id,
            case=None,
            answering=None,
        )
        draft = mine.order_by("created_at").first()
        if draft is None:
            know_customer(actor.national_id)  # the registry's feeds are looked through for them
            draft, _ = Draft.objects.get_or_create(
                person=actor.national_id,
                version=version,
                case=None,
                answering=None,
                defaults={"applicant": applicant_of(actor), "language": language},
            )
        draft.applicant, draft.language = applicant_of(actor), language
        draft.representative = representative_of(actor)
        draft.save()
    return draft


def begin_later_answer(*, case: Case, actor: Person) -> Draft | None:
    """What a waiting case asks, with everything else as it was submitted (AGW-07).

    None when the case waits for nothing of the person.
    """
    if case.person != actor.national_id or not actor.may_use(case.version.service_id):
        raise PermissionDenied
    package = package_of(case.version)
    state = case.processinstance.state
    instance = spiff.load(package.diagram, state, {}, _no_decision)
    people = spiff.waiting(instance).people
    if not people:
        return None
    step = people[0]
    before = Draft.objects.get(case=case)
    fields = _fields_of(package.form, step.implementation.removeprefix("form:"))
    answers = before.answers
    for field in fields:
        answers = scopes.with_path(answers, field, None)
    with transaction.atomic():
        draft, _ = Draft.objects.update_or_create(
            answering=case,
            step_key=step.key,
            defaults={"representative": representative_of(actor)},
            create_defaults={
                "representative": representative_of(actor),
                "version": case.version,
                "person": case.person,
                "applicant": case.applicant,
                "language": case.language,
                "answers": answers,
                "records": before.records,
                "seen": before.seen,
            },
        )
    return draft


def _no_decision(table: str, scope: Any) -> dict[str, Any]:
    raise RuntimeError("nothing is decided while somebody only looks")


def _fields_of(form: Form, subject: str) -> list[str]:
    pages = form.pages_for(subject)
    return [field.id for page in form.pages if page.id in pages for field in page.fields]


def keep_records(*, draft: Draft, known: Known) -> None:
    """What registries answered, so that a reload asks them nothing."""
    kept = records_as_kept(known)
    if kept != draft.records:
        draft.records = kept
        draft.save(update_fields=["records", "updated_at"])


def answer_page(*, draft: Draft, page_id: str, answers: dict[str, Any], actor: Person) -> Draft:
    """Keep the answers of a page; what depended on a changed answer is dropped, and told."""
    form = package_of(draft.version).form
    with transaction.atomic():
        locked = Draft.objects.select_for_update().get(pk=draft.pk)
        if not may_do(actor, locked) or locked.case_id is not None:
            raise PermissionDenied
        kept, dropped = _changed(form, locked, answers)
        locked.answers = kept
        locked.records = draft.records
        locked.dropped = sorted(dropped)
        gone = {page.id for page in form.pages if {f.id for f in page.fields} & dropped}
        locked.seen = sorted((set(locked.seen) - gone) | {page_id})
        locked.save()
    return locked


def _changed(form: Form, draft: Draft, answers: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    kept, dropped = known_of(draft).answers, set()
    for field_id, value in answers.items():
        before = scopes.get_path(kept, field_id)
        kept = scopes.with_path(kept, field_id, value)
        if before is None or before == value:
            continue
        for other in dependents(form, field_id) - set(answers):
            if scopes.get_path(kept, other) is not None:
                dropped.add(other)
                kept = scopes.with_path(kept, other, None)
    return kept, dropped


def withdraw_draft(*, draft: Draft, actor: Person) -> None:
    if not may_do(actor, draft) or draft.case_id is not None:
        raise PermissionDenied
    draft.delete()
