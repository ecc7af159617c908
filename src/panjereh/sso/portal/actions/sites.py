"""Sites: enter one and get its test client, change it, say what registration it keeps, close it."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from panjereh.common import clock
from panjereh.sso.digests import new_secret
from panjereh.sso.models import RelyingParty
from panjereh.sso.portal.actions.agencies import Actor, require_rights_over
from panjereh.sso.portal.facts import Facts
from panjereh.sso.portal.models import Developer, Site, SiteDeed
from panjereh.sso.portal.registering import LIVE, TEST, client_id_of, for_testing
from panjereh.sso.relying_parties.actions import (
    RegistrationRefused,
    change_relying_party,
    close_relying_party,
    register_relying_party,
)
from panjereh.sso.staff.actions import record_act, require_role
from panjereh.sso.staff.models import Officer


class CodeTaken(RegistrationRefused):
    """Another client has this code."""


class NoLogoutAddress(RegistrationRefused):
    """Without one a sign-out would not end everywhere (SSO-14)."""


def enter_site(*, actor: Developer, code: str, facts: Facts) -> tuple[Site, str]:
    """The site with its test client, and the client's secret: shown now and never again. Empty
    when the client signs with keys. Raises `RegistrationRefused`."""
    check_facts(facts)
    secret = "" if facts.jwks else new_secret()
    with transaction.atomic():
        require_rights_over(actor, actor.agency)
        _keep_code(code)
        site = Site(code=code, agency=actor.agency, facts=facts.kept(), entered_at=clock.now())
        site.test = register_relying_party(for_testing(site), secret=secret, actor=actor.name)
        site.save(force_insert=True)
        write_deed(site, "site.entered", actor)
    return site, secret


def adopt_client(*, actor: Officer, party: RelyingParty, facts: Facts) -> Site:
    """A live client that was entered without the desk: its agency changes it here from now on."""
    require_role(actor, Officer.Role.REGISTRAR)
    with transaction.atomic():
        site = Site.objects.create(
            code=party.client_id,
            agency_id=party.agency,
            facts=facts.kept(),
            live=party,
            local_registration=False,
            local_registration_told_at=clock.now(),
            entered_at=clock.now(),
        )
        write_deed(site, "site.adopted", actor)
    return site


def change_site(*, actor: Developer, site: Site, facts: Facts) -> None:
    """The test client follows at once; the live one only by an application."""
    require_rights_over(actor, site.agency)
    standing_client(site, TEST)
    check_facts(facts)
    with transaction.atomic():
        site.facts = facts.kept()
        site.test = change_relying_party(for_testing(site), actor=actor.name)
        site.save(update_fields=["facts", "test"])
        write_deed(site, "site.changed", actor)


def tell_local_registration(*, actor: Developer, site: Site, kept: bool) -> None:
    """SSO-16: whether people can still register at the site itself."""
    require_rights_over(actor, site.agency)
    with transaction.atomic():
        Site.objects.filter(pk=site.pk).update(
            local_registration=kept, local_registration_told_at=clock.now()
        )
        write_deed(site, "local-registration.kept" if kept else "local-registration.ended", actor)


def close_client(*, actor: Actor, site: Site, stage: str) -> None:
    """Its tokens die and its people are signed out there; they still see it in their history."""
    require_rights_over(actor, site.agency)
    party = standing_client(site, stage)
    with transaction.atomic():
        close_relying_party(party.client_id, actor=actor.name)
        _withdraw_open_application(site)
        write_deed(site, f"{stage}.closed", actor)


def standing_client(site: Site, stage: str) -> RelyingParty:
    """Raises `PermissionDenied` when the site has none, or it was closed."""
    party: RelyingParty | None = {TEST: site.test, LIVE: site.live}.get(stage)
    if party is None or party.closed_at:
        raise PermissionDenied("there is no such client, or it was closed")
    return party


def check_facts(facts: Facts) -> None:
    if not facts.backchannel_logout_uri:
        raise NoLogoutAddress("a site says where it is told of a sign-out")


def write_deed(site: Site, deed: str, actor: Actor) -> None:
    """Into the site's history, and into the book of acts when an officer does it."""
    SiteDeed.objects.create(site=site, deed=deed, name=actor.name, at=clock.now())
    if isinstance(actor, Officer):
        record_act(actor, deed, site.code)


def _keep_code(code: str) -> None:
    """`shop` and `shop-test` would be one client."""
    wanted = [client_id_of(code, stage) for stage in (TEST, LIVE)]
    taken = RelyingParty.objects.filter(client_id__in=wanted).exists()
    if taken or code.endswith(f"-{TEST}") or Site.objects.filter(code=code).exists():
        raise CodeTaken(code)


def _withdraw_open_application(site: Site) -> None:
    site.applications.filter(state="asked").update(state="withdrawn", decided_at=clock.now())
