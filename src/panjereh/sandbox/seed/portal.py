"""The sandbox's sites on the developers' desk, and a developer who works there."""

from panjereh.common import clock
from panjereh.sandbox.appointments import sign_on_developer, sign_on_officers
from panjereh.sso.models import RelyingParty
from panjereh.sso.portal.actions.agencies import appoint_developer, digest_of, register_agency
from panjereh.sso.portal.actions.sites import adopt_client
from panjereh.sso.portal.facts import Facts
from panjereh.sso.portal.models import Agency, Developer, Site
from panjereh.sso.relying_parties.actions import Registration
from panjereh.sso.staff.actions import digest_of as officer_digest
from panjereh.sso.staff.models import Officer

PROTECTOR = ("مسئول نمونه", "معاون فناوری و حفاظت داده")


def enter_portal(registrations: list[Registration], developed: str) -> None:
    """Sites that were entered when the sandbox was made stand on the desk like any other."""
    registrar = _registrar()
    for registration in registrations:
        _agency(registration, registrar)
        if not Site.objects.filter(code=registration.client_id).exists():
            party = RelyingParty.objects.get(client_id=registration.client_id)
            adopt_client(actor=registrar, party=party, facts=_facts(registration))
    _developer(Agency.objects.get(code=developed), registrar)


def _registrar() -> Officer:
    person = sign_on_officers(clock.now().date())["registrar"]
    return Officer.objects.get(national_id_digest=officer_digest(person.national_id))


def _agency(registration: Registration, registrar: Officer) -> None:
    if not Agency.objects.filter(code=registration.agency).exists():
        register_agency(actor=registrar, code=registration.agency, name=registration.agency_name)


def _developer(agency: Agency, registrar: Officer) -> None:
    """Who was withdrawn stays so."""
    person = sign_on_developer(clock.now().date())
    known = Developer.objects.filter(national_id_digest=digest_of(person.national_id))
    if not known.exists():
        appoint_developer(
            actor=registrar,
            agency=agency,
            national_id=person.national_id,
            name=f"{person.given_name} {person.family_name}",
        )


def _facts(told: Registration) -> Facts:
    return Facts(
        name=told.name,
        entry_point=told.redirect_uris[0].removesuffix("signin/callback"),
        purpose=told.purpose,
        claims=told.legal_basis,
        protector_name=PROTECTOR[0],
        protector_post=PROTECTOR[1],
        redirect_uris=told.redirect_uris,
        post_logout_redirect_uris=told.post_logout_redirect_uris,
        backchannel_logout_uri=told.backchannel_logout_uri,
        minimum_level=told.minimum_level,
        userinfo_alg=told.userinfo_alg,
        acts_for_others=bool(told.representee_scopes),
    )
