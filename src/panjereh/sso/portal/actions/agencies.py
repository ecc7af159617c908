"""Agencies, and who may connect their sites."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from panjereh.common import clock
from panjereh.sso.digests import keyed
from panjereh.sso.portal.facts import Texts
from panjereh.sso.portal.models import Agency, Developer
from panjereh.sso.staff.actions import record_act, require_role
from panjereh.sso.staff.models import Officer

Actor = Developer | Officer


def digest_of(national_id: str) -> str:
    return keyed("developer", national_id)


def require_rights_over(actor: Actor, agency: Agency) -> None:
    """The registrar acts for every agency, a developer for the own one."""
    if isinstance(actor, Officer):
        require_role(actor, Officer.Role.REGISTRAR)
    elif not actor.active or actor.agency_id != agency.pk:
        raise PermissionDenied("this is for developers of the agency")


def register_agency(
    *, actor: Officer, code: str, name: Texts, of_government: bool = True
) -> Agency:
    """Raises `IntegrityError` when the code is taken."""
    require_role(actor, Officer.Role.REGISTRAR)
    with transaction.atomic():
        agency = Agency.objects.create(
            code=code, name=name, of_government=of_government, registered_at=clock.now()
        )
        record_act(actor, "agency.registered", code)
    return agency


def appoint_developer(*, actor: Actor, agency: Agency, national_id: str, name: str) -> Developer:
    """Raises `IntegrityError` when the person acts for an agency already."""
    require_rights_over(actor, agency)
    with transaction.atomic():
        developer = Developer.objects.create(
            agency=agency,
            national_id_digest=digest_of(national_id),
            name=name,
            appointed_at=clock.now(),
            appointed_by=actor.name,
        )
        _act(actor, "developer.appointed", developer)
    return developer


def withdraw_developer(*, actor: Actor, developer: Developer) -> None:
    """From the next page on the person can do nothing more; what was done stays signed."""
    require_rights_over(actor, developer.agency)
    with transaction.atomic():
        standing = Developer.objects.filter(pk=developer.pk, active=True)
        standing.update(active=False, withdrawn_at=clock.now())
        _act(actor, "developer.withdrawn", developer)


def _act(actor: Actor, deed: str, developer: Developer) -> None:
    if isinstance(actor, Officer):
        record_act(actor, deed, developer.agency_id, developer=developer.pk)
