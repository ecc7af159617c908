"""From test to everybody: the developer asks, the registrar decides.

What the live client is told is what was asked for *and* approved by the working group (SSO-08).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from panjereh.common import clock
from panjereh.sso.models import RelyingParty
from panjereh.sso.portal.actions.agencies import require_rights_over
from panjereh.sso.portal.actions.sites import CodeTaken, check_facts, write_deed
from panjereh.sso.portal.facts import Facts
from panjereh.sso.portal.models import Application, Approval, Developer, Site
from panjereh.sso.portal.registering import LIVE, registration_of
from panjereh.sso.provider.claims import releasable
from panjereh.sso.relying_parties.actions import (
    Registration,
    RegistrationRefused,
    change_relying_party,
    check_registration,
    cut_claims,
)
from panjereh.sso.staff.actions import record_act, require_role
from panjereh.sso.staff.models import Officer

State = Application.State


class NotOpen(PermissionDenied):
    """The application was decided or withdrawn already."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Of the working group, as the exchange's register names it."""

    number: str
    date: date
    data_items: Sequence[str]


def apply_for_live(*, actor: Developer, site: Site, facts: Facts) -> Application:
    """Raises `RegistrationRefused` for what could never be approved, and `IntegrityError` when an
    application waits already."""
    require_rights_over(actor, site.agency)
    check_facts(facts)
    check_registration(_registration(site, facts, list(facts.claims)))
    _refuse_closed(site)
    with transaction.atomic():
        application = Application.objects.create(
            site=site, facts=facts.kept(), asked_at=clock.now(), asked_by=actor
        )
        write_deed(site, "live.asked", actor)
    return application


def withdraw_application(*, actor: Developer, application: Application) -> None:
    require_rights_over(actor, application.site.agency)
    with transaction.atomic():
        _close(application, State.WITHDRAWN)
        write_deed(application.site, "live.withdrawn", actor)


def approve(*, actor: Officer, application: Application, decision: Decision) -> None:
    """The live client has what was asked for from now on, and of the claims what was approved."""
    require_role(actor, Officer.Role.REGISTRAR)
    site, facts = application.site, application.told
    granted = releasable(decision.data_items, facts.claims)
    _refuse_foreign(site)
    with transaction.atomic():
        _close(application, State.APPROVED, actor=actor)
        _keep(site, decision, actor)
        site.live = change_relying_party(_registration(site, facts, granted), actor=actor.name)
        site.save(update_fields=["live"])
        write_deed(site, "live.approved", actor)
        _record(actor, "claims.approved", site, decision, granted)


def send_back(*, actor: Officer, application: Application, reason: str) -> None:
    """To be mended and asked for again."""
    _turn_down(actor, application, State.RETURNED, reason)


def refuse(*, actor: Officer, application: Application, reason: str) -> None:
    _turn_down(actor, application, State.REFUSED, reason)


def cut_to(*, actor: Officer, site: Site, decision: Decision) -> list[str]:
    """A new decision of the working group leaves the live client less, at once and also by the
    tokens that it holds. More is only given by an application."""
    require_role(actor, Officer.Role.REGISTRAR)
    if site.live is None or site.live.closed_at:
        raise NotOpen("the site has no live client")
    with transaction.atomic():
        _keep(site, decision, actor)
        left = cut_claims(site.live.client_id, decision.data_items, actor=actor.name)
        write_deed(site, "live.claims-cut", actor)
        _record(actor, "claims.cut", site, decision, left)
    return left


def _turn_down(actor: Officer, application: Application, state: State, reason: str) -> None:
    require_role(actor, Officer.Role.REGISTRAR)
    if not reason.strip():
        raise RegistrationRefused("say why")
    with transaction.atomic():
        _close(application, state, actor=actor, reason=reason)
        write_deed(application.site, f"live.{state.value}", actor)


def _close(
    application: Application, state: State, *, actor: Officer | None = None, reason: str = ""
) -> None:
    """One statement decides who of two was first."""
    done = Application.objects.filter(pk=application.pk, state=State.ASKED).update(
        state=state, decided_at=clock.now(), decided_by=actor, reason=reason
    )
    if not done:
        raise NotOpen("the application was decided already")


def _keep(site: Site, decision: Decision, officer: Officer) -> None:
    Approval.objects.create(
        site=site,
        number=decision.number,
        date=decision.date,
        data_items=list(decision.data_items),
        entered_by=officer,
        entered_at=clock.now(),
    )


def _record(officer: Officer, deed: str, site: Site, decision: Decision, claims: list[str]) -> None:
    record_act(
        officer,
        deed,
        site.code,
        decision=decision.number,
        date=decision.date.isoformat(),
        claims=claims,
    )


def _registration(site: Site, facts: Facts, granted: list[str]) -> Registration:
    return registration_of(site.agency, site.code, facts, stage=LIVE, granted=granted)


def _refuse_closed(site: Site) -> None:
    if site.live and site.live.closed_at:
        raise RegistrationRefused("the live client was closed; enter the site anew")


def _refuse_foreign(site: Site) -> None:
    """Whoever installs the sign-on may have entered a client of this name since."""
    if site.live is None and RelyingParty.objects.filter(client_id=site.code).exists():
        raise CodeTaken(site.code)
