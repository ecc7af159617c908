"""Developers, registrars and the forms that they fill in."""

from typing import Any

from django.test import Client
from people import HOST, citizen, registered, sign_in

from panjereh.sso.models import Person, Session
from panjereh.sso.portal.actions.agencies import appoint_developer, register_agency
from panjereh.sso.portal.models import Agency, Developer, Site
from panjereh.sso.staff.actions import appoint_officer, the_installation
from panjereh.sso.staff.models import Officer

DESK = "/fa/developers/desk/"
REGISTRAR = "/fa/staff/registrar/"


def officer(person: Person, *roles: str) -> Officer:
    return appoint_officer(
        actor=the_installation(), national_id=person.national_id, name="مینا راد", roles=roles
    )


def agency(code: str, by: Officer, **facts: Any) -> Agency:
    name = {"fa": "سازمان نمونه", "en": f"Agency {code}"}
    return register_agency(actor=by, code=code, name=name, **facts)


def developer(person: Person, of: Agency, by: Officer) -> Developer:
    return appoint_developer(actor=by, agency=of, national_id=person.national_id, name="نیما توسعه")


def at_desk(person: Person, level: int = 2) -> Client:
    """A browser of this person, signed in at the level that the desks ask for."""
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, person)
    Session.objects.filter(person=person).update(level=level)
    return browser


def post(browser: Client, address: str, **typed: Any) -> Any:
    """With the token of a page of ours, as a browser sends it."""
    browser.get("/fa/developers/desk/people/", **HOST)
    token = browser.cookies["csrftoken"].value if "csrftoken" in browser.cookies else ""
    return browser.post(address, typed | {"csrfmiddlewaretoken": token}, **HOST)


def filled(code: str = "bakery", **changed: Any) -> dict[str, Any]:
    """The form of a site, as a developer fills it in."""
    return {
        "code": code,
        "name_fa": "نانوایی",
        "name_en": "Bakery",
        "entry_point": "https://bakery.example/",
        "runs_on": "server",
        "redirect_uris": "https://bakery.example/callback\n",
        "post_logout_redirect_uris": "https://bakery.example/",
        "backchannel_logout_uri": "https://bakery.example/logout",
        "purpose_fa": "فروش نان",
        "purpose_en": "To sell bread",
        "basis_national_id": "ماده ۵",
        "basis_family_name": "ماده ۵",
        "protector_name": "رضا امین",
        "protector_post": "مدیر کل",
        "minimum_level": "1",
        "expected_minutes": "20",
        "profile": "standard",
        "jwks": "",
        "id_token_alg": "ES256",
        "national_registration_only": "on",
    } | changed


class Desk:
    """An agency with a developer and a registrar, each in a browser of their own."""

    def __init__(self) -> None:
        self.registrar_person = registered(citizen(41))
        self.registrar = officer(self.registrar_person, "registrar")
        self.agency = agency("ito", self.registrar)
        self.person = registered(citizen(42))
        self.developer = developer(self.person, self.agency, self.registrar)
        self.browser = at_desk(self.person)
        self.staff = at_desk(self.registrar_person)

    def enter(self, code: str = "bakery", **changed: Any) -> tuple[Site, str]:
        """The site and the secret that the page shows."""
        answer = post(self.browser, f"{DESK}new/", **filled(code, **changed))
        shown = answer.context or {}
        assert Site.objects.filter(code=code).exists(), answer.content.decode()
        return Site.objects.get(code=code), str(shown.get("secret", ""))

    def ask(self, code: str = "bakery", **changed: Any) -> Any:
        return post(self.browser, f"{DESK}site/{code}/ask/", **filled(code, **changed))

    def approve(self, code: str = "bakery", *claims: str) -> Any:
        waiting = Site.objects.get(code=code).applications.get(state="asked")
        return post(
            self.staff,
            f"{REGISTRAR}applications/{waiting.pk}/",
            verdict="approve",
            number="12/1405",
            date_0="1",
            date_1="2",
            date_2="1404",
            data_items=list(claims),
        )

    def live(self, *claims: str) -> tuple[Site, str]:
        """Through all steps to a live client with a secret."""
        self.enter()
        self.ask()
        self.approve("bakery", *(claims or ("national_id", "family_name")))
        answer = post(self.browser, f"{DESK}site/bakery/live/secret/")
        return Site.objects.get(code="bakery"), str(answer.context["secret"])


def other_developer(desk: Desk, code: str = "other") -> Client:
    """A developer of another agency."""
    person = registered(citizen(43))
    developer(person, agency(code, desk.registrar), desk.registrar)
    return at_desk(person)
