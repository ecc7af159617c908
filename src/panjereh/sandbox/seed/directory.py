"""Fill the sandbox's directory: members of every kind, their standing, contacts, and what still
goes past the exchange. Runs at every start; what stands is left alone."""

from datetime import date
from typing import Any

from panjereh.common import clock
from panjereh.exchange import actions as policy
from panjereh.exchange.directory import actions
from panjereh.exchange.directory.models import Connection, Contact, Inquiry, Sheet, SideConnection
from panjereh.exchange.models import Member, Operator, Service
from panjereh.sandbox.appointments import directory_description, officials
from panjereh.sandbox.nation.rows import PersonRow

POSTS = {
    Contact.Role.TECHNICAL: "مدیر فناوری اطلاعات",
    Contact.Role.LEGAL: "مدیر حقوقی",
    Contact.Role.DATA_PROTECTION: "بالاترین مقام دستگاه",
    Contact.Role.SECURITY_ADVISER: "مشاور امنیت",
    Contact.Role.WINDOW_SPECIALIST: "کارشناس پنجره واحد",
}


def enter_members(operator: Operator, instance: str) -> None:
    """Before representatives are appointed; exchanges before those that call through them."""
    for wanted in directory_description()["members"]:
        if not Member.objects.filter(code=wanted["code"]).exists():
            _enter_member(operator, instance, wanted)


def _enter_member(operator: Operator, instance: str, wanted: dict[str, Any]) -> None:
    approval = wanted.get("approval", {})
    member = policy.register_member(
        actor=operator,
        instance=instance,
        member_class=wanted["class"],
        code=wanted["code"],
        name=wanted["name"],
        kind=wanted["kind"],
        approval_number=approval.get("number", ""),
        approval_date=approval.get("date"),
    )
    if "through" in wanted:
        through = Member.objects.get(code=wanted["through"])
        actions.join_through(actor=operator, member=member, through=through)
    actions.enter_connection(
        actor=operator,
        member=member,
        state=wanted["state"],
        since=wanted["since"],
        reason=wanted["reason"],
    )


def fill_directory(operator: Operator) -> None:
    """When members, systems and services stand."""
    described = directory_description()
    for member in Member.objects.filter(systems__isnull=False).distinct():
        _connect(operator, member, described["connected"])
        _name_contacts(operator, member)
    for system, told in described["services"].items():
        _tell_of_services(operator, system, told)
    for inquiry in described["inquiries"]:
        _enter_inquiry(operator, inquiry)
    for connection in described["side_connections"]:
        _report(operator, connection)


def _connect(operator: Operator, member: Member, told: dict[str, Any]) -> None:
    if not Connection.objects.filter(member=member).exists():
        actions.enter_connection(
            actor=operator,
            member=member,
            state=Connection.State.CONNECTED,
            since=told["since"],
            reason=told["reason"],
        )


def _name_contacts(operator: Operator, member: Member) -> None:
    if Contact.objects.filter(member=member).exists():
        return
    today = clock.now().date()
    for (role, post), person in zip(POSTS.items(), officials(member.code, today), strict=True):
        actions.name_contact(
            actor=operator,
            member=member,
            role=role,
            name=_name(person),
            post=post,
            email=f"{role}@{member.code}.example",
            **_certificate(role),
        )


def _certificate(role: str) -> dict[str, Any]:
    if role != Contact.Role.SECURITY_ADVISER:
        return {}
    return {"certificate": "SANDBOX-77", "certificate_until": date(2028, 3, 19)}


def _name(person: PersonRow) -> str:
    return f"{person.given_name} {person.family_name}"


def _tell_of_services(operator: Operator, system: str, told: dict[str, Any]) -> None:
    described = Sheet.objects.exclude(legal_basis="").values("service")
    for service in Service.objects.filter(system__code=system).exclude(pk__in=described):
        sheet = getattr(service, "sheet", None)
        actions.edit_sheet(
            actor=operator,
            service=service,
            description=sheet.description if sheet else {"fa": "", "en": ""},
            legal_basis=told["legal_basis"],
            promise_ms=told["promise_ms"],
            contact_email="",
        )


def _enter_inquiry(operator: Operator, told: dict[str, Any]) -> None:
    member = Member.objects.get(code=told["member"])
    if not Inquiry.objects.filter(member=member, name_en=told["name"]["en"]).exists():
        actions.enter_inquiry(
            actor=operator,
            member=member,
            card=told["card"],
            card_title=told["card_title"],
            name=told["name"],
        )


def _report(operator: Operator, told: dict[str, Any]) -> None:
    member = Member.objects.get(code=told["member"])
    if not SideConnection.objects.filter(member=member).exists():
        actions.report_side_connection(
            actor=operator,
            member=member,
            other_party=told["other_party"],
            data=told["data"],
            remove_by=told["remove_by"],
        )
