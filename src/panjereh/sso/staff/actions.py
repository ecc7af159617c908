"""Appoint and dismiss officers, and write down what they do."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction

from panjereh.common import clock
from panjereh.sso.digests import keyed
from panjereh.sso.staff.models import Act, Officer

Fact = str | int | bool | Sequence[str]


def digest_of(national_id: str) -> str:
    """What is kept of an officer's national id: enough to recognise it, no more."""
    return keyed("officer", national_id)


def the_installation() -> Officer:
    """Who installs the sign-on. It has no row and cannot sign in."""
    return Officer(name="installation", roles=[])


def require_role(officer: Officer, role: str) -> None:
    if not officer.active or role not in officer.roles:
        raise PermissionDenied(f"this is for the office {role}")


def record_act(officer: Officer, deed: str, subject: str, **facts: Fact) -> Act:
    """Call it in the transaction of the deed: there is no deed of staff without its act.

    `subject` is a client id or the key of an account; no fact holds personal data.
    """
    return Act.objects.create(
        officer=officer if officer.pk else None,
        name=officer.name,
        deed=deed,
        subject=subject,
        facts=facts,
        at=clock.now(),
    )


def appoint_officer(
    *, actor: Officer, national_id: str, name: str, roles: Sequence[str]
) -> Officer:
    """Give the person these offices and no others. Only who installs the sign-on appoints, with
    `panjereh.sso.staff` at the terminal: no page can make somebody an officer."""
    _require_installation(actor)
    with transaction.atomic():
        officer, _ = Officer.objects.update_or_create(
            national_id_digest=digest_of(national_id),
            defaults={"name": name, "roles": _known(roles), "active": True},
            create_defaults={"name": name, "roles": _known(roles), "appointed_at": clock.now()},
        )
        record_act(actor, "officer.appointed", str(officer.pk), roles=officer.roles)
    return officer


def dismiss_officer(*, actor: Officer, officer: Officer) -> None:
    """From the next page on the person can do nothing more; what was done stays signed."""
    _require_installation(actor)
    with transaction.atomic():
        Officer.objects.filter(pk=officer.pk).update(active=False)
        record_act(actor, "officer.dismissed", str(officer.pk))


def _require_installation(actor: Officer) -> None:
    if actor.pk:
        raise PermissionDenied("officers are appointed by who installs the sign-on")


def _known(roles: Sequence[str]) -> list[str]:
    return [Officer.Role(role).value for role in roles]
