"""What a system offers, out of its OpenAPI description: read, shown, then taken.

A change that would break consumers is not taken: it comes as a new major version, beside the old
one (NIX-36). A place of a national id that was once marked stays marked until the description
says `x-data-subject: false`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.common.text import fold
from panjereh.exchange.actions import (
    Actor,
    Names,
    name_subjects,
    new_version,
    register_service,
    require_rights_over,
    signature,
)
from panjereh.exchange.directory.actions.inquiries import match_waiting
from panjereh.exchange.directory.models import Draft, Example, Item, Sheet
from panjereh.exchange.directory.openapi.changes import Change, Shape, changes
from panjereh.exchange.directory.openapi.flaws import Flaw, Flawed
from panjereh.exchange.directory.openapi.items import ItemFacts
from panjereh.exchange.directory.openapi.reading import Document, below, read, read_json
from panjereh.exchange.directory.openapi.services import Described, family_of, services_of
from panjereh.exchange.models import Service, System

State = Literal["new", "same", "compatible", "breaking"]


@dataclass(frozen=True)
class Plan:
    """What taking a description would do to one service."""

    described: Described
    service: Service | None
    changes: Sequence[Change]
    version: str

    @property
    def state(self) -> State:
        if self.service is None:
            return "new"
        if any(change.rule.breaking for change in self.changes):
            return "breaking"
        return "compatible" if self.changes else "same"

    @property
    def next_code(self) -> str:
        """Of the major version beside the one that stands."""
        major = max(1, _numbers(self.service.version)[0]) if self.service else 0
        return f"{self.described.family}.v{major + 1}"


def describe(*, actor: Actor, system: System, octets: bytes) -> Draft:
    """Read a description and keep it until it is taken. Raises `Flawed`."""
    require_rights_over(actor, system.member)
    document = _read(system, octets)
    _refuse_untitled(document, plan_of(system, document))
    with transaction.atomic():
        Draft.objects.filter(system=system).delete()
        draft = Draft.objects.create(
            system=system, document=document.tree, given_by=signature(actor)
        )
        new_version(actor, "description.given", system.x_road_id)
    return draft


def _read(system: System, octets: bytes) -> Document:
    return below(read(octets), urlsplit(system.base_url).path.rstrip("/"))


def plan_of(system: System, document: Document) -> list[Plan]:
    """Raises `Flawed` when the document is no description that can be taken."""
    standing = {service.code: service for service in system.services.all()}
    return [_plan(found, standing.get(found.code)) for found in services_of(document)]


def take_draft(*, actor: Actor, draft: Draft) -> list[Service]:
    """Let the description hold from now on. Raises `Flawed` when something would break."""
    require_rights_over(actor, draft.system.member)
    document = read_json(draft.document)
    with transaction.atomic():
        new_version(actor, "description.taken", draft.system.x_road_id)  # locks: plan what stands
        plans = plan_of(draft.system, document)
        _refuse_breaking(document, plans)
        services = [_take(actor, draft, plan) for plan in plans]
        draft.delete()
    return services


def take_first_description(*, actor: Actor, system: System, octets: bytes) -> list[Service]:
    """What the system tells of its services that nobody has described yet; the others stay as they
    are. Raises `Flawed`."""
    require_rights_over(actor, system.member)
    document = _read(system, octets)
    with transaction.atomic():
        new_version(actor, "description.fetched", system.x_road_id)
        plans = [plan for plan in plan_of(system, document) if _waits(plan)]
        draft = Draft(system=system, document=document.tree, given_by=signature(actor))
        return [_take(actor, draft, plan) for plan in plans]


def _waits(plan: Plan) -> bool:
    described = Sheet.objects.filter(service=plan.service, described_at__isnull=False)
    return plan.service is not None and not described.exists()


def discard_draft(*, actor: Actor, draft: Draft) -> None:
    require_rights_over(actor, draft.system.member)
    with transaction.atomic():
        new_version(actor, "description.discarded", draft.system.x_road_id)
        draft.delete()


def edit_sheet(
    *,
    actor: Actor,
    service: Service,
    description: Names,
    legal_basis: str,
    promise_ms: int | None,
    contact_email: str,
) -> Sheet:
    require_rights_over(actor, service.system.member)
    with transaction.atomic():
        new_version(actor, "sheet.edited", service.x_road_id)
        sheet = _sheet(service)
        sheet.description_fa, sheet.description_en = description["fa"], description["en"]
        sheet.legal_basis, sheet.promise_ms = legal_basis, promise_ms
        sheet.contact_email = contact_email
        sheet.search = words_of(service, sheet)
        sheet.save()
    return sheet


def add_example(
    *, actor: Actor, service: Service, name: Names, question: Any, answer: Any, status: int = 200
) -> Example:
    """The same question again gets the new answer."""
    require_rights_over(actor, service.system.member)
    with transaction.atomic():
        new_version(actor, "example.added", service.x_road_id)
        example, _fresh = Example.objects.update_or_create(
            service=service,
            question=question,
            defaults={
                "name_fa": name["fa"],
                "name_en": name["en"],
                "answer": answer,
                "status": status,
            },
        )
    return example


def remove_example(*, actor: Actor, example: Example) -> None:
    require_rights_over(actor, example.service.system.member)
    with transaction.atomic():
        new_version(actor, "example.removed", example.service.x_road_id)
        example.delete()


def words_of(service: Service, sheet: Sheet) -> str:
    """By which the catalogue finds it, folded."""
    system = service.system
    items = [word for item in service.items.all() for word in (item.name_fa, item.name_en)]
    texts = (service.title_fa, service.title_en, service.code, system.name_fa, system.name_en)
    bodies = (system.member.name_fa, system.member.name_en, sheet.legal_basis)
    told = (sheet.description_fa, sheet.description_en)
    return fold(" ".join([*texts, *bodies, *told, *dict.fromkeys(items)]))


def _plan(found: Described, service: Service | None) -> Plan:
    if service is None:
        return Plan(found, None, (), found.version)
    old = _shape(service)
    made = changes(old, Shape(found.endpoints, found.items)) if old.items else []
    return Plan(found, service, made, _next_version(service.version, found.version, bool(made)))


def _shape(service: Service) -> Shape:
    endpoints = tuple((e["method"], e["path"]) for e in service.endpoints)
    return Shape(endpoints, [_facts(item) for item in service.items.all()])


def _facts(item: Item) -> ItemFacts:
    return ItemFacts(
        direction=item.direction,
        place=item.place,
        name_fa=item.name_fa,
        name_en=item.name_en,
        type=item.type,
        required=item.required,
        subject=item.subject,
    )


def _next_version(standing: str, said: str, changed: bool) -> str:
    """A compatible change raises the minor number, when the description did not do so itself."""
    now, wanted = _numbers(standing), _numbers(said)
    if wanted > now:
        return said
    return f"{now[0]}.{now[1] + 1}.0" if changed else standing


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _refuse_untitled(document: Document, plans: Sequence[Plan]) -> None:
    untitled = [p.described for p in plans if p.state == "new" and not p.described.title_fa]
    if untitled:
        raise Flawed(
            document.flaw(
                ("paths", f"/{found.code}"),
                _("“%(code)s” has no Persian title.") % {"code": found.code},
                _("Add “x-title-fa” to its operation."),
            )
            for found in untitled
        )


def _refuse_breaking(document: Document, plans: Sequence[Plan]) -> None:
    flaws = [
        Flaw(
            f"{plan.described.code}: {change.rule.text} ({change.place})",
            _("Offer it as “%(code)s” beside the old one, then withdraw the old one with notice.")
            % {"code": plan.next_code},
        )
        for plan in plans
        for change in plan.changes
        if change.rule.breaking
    ]
    if flaws:
        raise Flawed(flaws)


def _take(actor: Actor, draft: Draft, plan: Plan) -> Service:
    service = plan.service or _register(actor, draft.system, plan.described)
    _bring_in_line(actor, service, plan)
    _keep_items(service, plan.described.items)
    _keep_sheet(draft, service, plan.described)
    _keep_example(service, plan.described)
    match_waiting(service)
    emit(
        "exchange.service.described",
        subject=service.x_road_id,
        data={"service": service.x_road_id, "version": plan.version, "state": plan.state},
    )
    return service


def _register(actor: Actor, system: System, found: Described) -> Service:
    return register_service(
        actor=actor,
        system=system,
        code=found.code,
        title={"fa": found.title_fa, "en": found.title_en or found.code},
        endpoints=[{"method": method, "path": path} for method, path in found.endpoints],
        subjects=found.subjects,
    )


def _bring_in_line(actor: Actor, service: Service, plan: Plan) -> None:
    found = plan.described
    endpoints = [{"method": method, "path": path} for method, path in found.endpoints]
    told = {"title_fa": found.title_fa, "title_en": found.title_en if found.title_fa else ""}
    titles = {name: text for name, text in told.items() if text}
    Service.objects.filter(pk=service.pk).update(
        version=plan.version, endpoints=endpoints, **titles
    )
    service.refresh_from_db()
    inputs = {item.place for item in found.items if item.direction == "in"}
    kept = [place for place in service.subjects if place not in inputs]
    if (subjects := [*found.subjects, *kept]) != service.subjects:
        name_subjects(actor=actor, service=service, subjects=subjects)


def _keep_items(service: Service, items: Sequence[ItemFacts]) -> None:
    Item.objects.filter(service=service).delete()
    Item.objects.bulk_create(
        Item(service=service, order=order, **item.__dict__) for order, item in enumerate(items)
    )


def _sheet(service: Service) -> Sheet:
    found = Sheet.objects.filter(service=service).first()
    return found or Sheet(service=service, family=family_of(service.code))


def _keep_sheet(draft: Draft, service: Service, found: Described) -> None:
    """What the description does not say stays as it was said by hand."""
    sheet = _sheet(service)
    for name in ("description_fa", "description_en", "legal_basis", "promise_ms"):
        setattr(sheet, name, getattr(found, name) or getattr(sheet, name))
    sheet.openapi, sheet.described_at = draft.document, clock.now()
    sheet.described_by = draft.given_by
    sheet.search = words_of(service, sheet)
    sheet.save()


def _keep_example(service: Service, found: Described) -> None:
    if found.question is not None:
        Example.objects.get_or_create(
            service=service,
            question=found.question,
            defaults={"name_fa": "نمونه", "name_en": "Sample", "answer": found.answer},
        )
