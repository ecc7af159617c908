"""A tour of the developers' desk, the registrar's desk, the guide and the book of acts."""

import json
from typing import Any

from desk import DESK, REGISTRAR, Desk, at_desk, filled, officer, post
from django.test import Client
from keyed import new_key
from people import CALLBACK, HOST, authorize, citizen, registered

from panjereh.sso.portal.actions.sites import tell_local_registration
from panjereh.sso.portal.models import Application, Site
from panjereh.sso.staff.actions import record_act

SITE = f"{DESK}site/bakery/"
WRONG = {"redirect_uris": "http://bakery.example/", "profile": "high", "runs_on": "browser"}


class DeskTour:
    """Each method ends on the page of its name."""

    def __init__(self, language: str) -> None:
        self.language, self.desk = language, Desk()

    def guide(self) -> Any:
        return Client().get(f"/{self.language}/developers/", **HOST)

    def desk_empty(self) -> Any:
        return self._own(DESK)

    def desk_with_sites(self) -> Any:
        self.desk.live()
        self.desk.enter("archive")
        site = Site.objects.get(code="archive")
        tell_local_registration(actor=self.desk.developer, site=site, kept=True)
        return self._own(DESK)

    def developers(self) -> Any:
        return self._own(f"{DESK}people/")

    def developers_wrong(self) -> Any:
        return self._press(f"{DESK}people/", national_id="123")

    def new_site(self) -> Any:
        return self._own(f"{DESK}new/")

    def new_site_wrong(self) -> Any:
        return self._press(f"{DESK}new/", **filled(**WRONG))

    def secret(self) -> Any:
        return self._press(f"{DESK}new/", **filled())

    def site(self) -> Any:
        self.desk.enter()
        return self._own(SITE)

    def site_live(self) -> Any:
        self.desk.live()
        self._press(f"{SITE}test/close/")
        self._press(f"{SITE}local-registration/", kept="yes")
        self.desk.ask()
        return self._own(SITE)

    def change_site(self) -> Any:
        self.desk.enter()
        return self._own(f"{SITE}change/")

    def ask(self) -> Any:
        self.desk.enter()
        return self._own(f"{SITE}ask/")

    def ask_twice(self) -> Any:
        self.desk.enter()
        self.desk.ask()
        return self._press(f"{SITE}ask/", **filled())

    def no_secret(self) -> Any:
        self.desk.enter()
        self._press(f"{SITE}test/secret/")
        return self._press(f"{SITE}test/secret/")

    def keys(self) -> Any:
        jwks = json.dumps({"keys": [new_key().as_dict(private=False)]})
        self.desk.enter(jwks=jwks)
        return self._own(f"{SITE}test/keys/")

    def close(self) -> Any:
        self.desk.enter()
        return self._own(f"{SITE}test/close/")

    def try_before(self) -> Any:
        self.desk.enter(backchannel_logout_uri="https://10.0.0.1/logout")
        return self._own(f"{SITE}test/try/")

    def try_after(self) -> Any:
        self.try_before()
        authorize(Client(), client_id="bakery-test", redirect_uri=CALLBACK, state=None)
        asked = {"client_id": "bakery-test", "redirect_uri": "https://bakery.example/callback"}
        authorize(Client(), **asked, state="short", nonce=None, prompt="none login")
        return self._press(f"{SITE}test/try/")

    def closed_door(self) -> Any:
        return at_desk(registered(citizen(5))).get(self._in(DESK), **HOST)

    def level_needed(self) -> Any:
        return at_desk(self.desk.person, level=1).get(self._in(DESK), **HOST)

    def registrar(self) -> Any:
        self.desk.live()
        self.desk.ask()
        return self._staff(REGISTRAR)

    def agencies(self) -> Any:
        return self._staff(f"{REGISTRAR}agencies/")

    def agency(self) -> Any:
        return self._staff(f"{REGISTRAR}agencies/ito/")

    def application(self) -> Any:
        self.desk.live()
        self.desk.ask(basis_phone_number="ماده ۶", redirect_uris="https://bakery.example/new")
        return self._staff(f"{REGISTRAR}applications/{Application.objects.first().pk}/")  # type: ignore[union-attr]

    def application_wrong(self) -> Any:
        self.desk.enter()
        self.desk.ask()
        page = self._in(f"{REGISTRAR}applications/{Application.objects.get().pk}/")
        return post(self.desk.staff, page, verdict="approve")

    def registrar_site(self) -> Any:
        self.desk.live()
        return self._staff(f"{REGISTRAR}sites/bakery/")

    def registrar_close(self) -> Any:
        self.desk.live()
        return self._staff(f"{REGISTRAR}sites/bakery/live/close/")

    def acts(self) -> Any:
        person = registered(citizen(6))
        record_act(officer(person, "auditor"), "client.approved", "bakery", decision="12/1405")
        return at_desk(person).get(self._in("/fa/staff/acts/"), **HOST)

    def not_an_officer(self) -> Any:
        return at_desk(registered(citizen(5))).get(self._in("/fa/staff/acts/"), **HOST)

    def account_of_a_developer(self) -> Any:
        return self._own("/fa/account/")

    def account_of_a_registrar(self) -> Any:
        return self._staff("/fa/account/")

    def _in(self, address: str) -> str:
        return address.replace("/fa/", f"/{self.language}/", 1)

    def _own(self, address: str) -> Any:
        return self.desk.browser.get(self._in(address), **HOST)

    def _staff(self, address: str) -> Any:
        return self.desk.staff.get(self._in(address), **HOST)

    def _press(self, address: str, **typed: Any) -> Any:
        return post(self.desk.browser, self._in(address), **typed)


PAGES = [name for name in vars(DeskTour) if not name.startswith("_")]
