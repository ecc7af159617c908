"""Each page of acting for another, reached the way a person reaches it."""

from typing import Any

from acting_walks import (
    CERTIFICATE,
    act,
    ask,
    browser_of,
    child_citizen,
    child_of,
    company_of,
    helper,
    mandate,
    name,
    other,
)
from django.test import Client
from exchange_side import ExchangeSide
from people import HOST, citizen, register_client, registered, sign_in

from panjereh.sso.acting.actions import end_mandate
from panjereh.sso.acting.counters import register_clerk
from panjereh.sso.models import Session
from panjereh.sso.staff.actions import appoint_officer, the_installation

GIVE = "account/acting/give/"
CLAIMS = ["national_id", "given_name", "family_name", "legal_id", "legal_name"]


class Tour:
    """Each method ends on the page of its name."""

    def __init__(self, exchange: ExchangeSide, language: str) -> None:
        self.exchange, self.language = exchange, language
        self.client = Client()
        self.mother = registered(exchange.add(citizen()))
        self.aunt = other(9)
        sign_in(self.client, self.mother)
        register_client(representee_scopes=["representee.*"], granted_claims=CLAIMS, agency="ito")

    def for_whom(self) -> Any:
        child_of(self.mother, self.exchange)
        lonely = self.exchange.add(child_citizen(51))
        self.exchange.let_act(self.mother.national_id, lonely.national_id)
        company_of(self.mother, self.exchange)
        helper(self.aunt, self.mother)
        self._counter()
        return self._ask()

    def for_whom_away(self) -> Any:
        self.exchange.away.add("civil-registry")
        return self._ask()

    def for_whom_gone(self) -> Any:
        page = self._ask()
        return self.client.post(page.request["PATH_INFO"], {"for": "x" * 43}, **HOST)

    def citizen(self) -> Any:
        return self.client.get(self._to_citizen(), **HOST)

    def citizen_error(self) -> Any:
        return self.client.post(self._to_citizen(), {"national_id": "12"}, **HOST)

    def citizen_code(self) -> Any:
        return self.client.get(self._asked(), **HOST)

    def citizen_code_wrong(self) -> Any:
        path = self._asked()
        for _ in range(3):
            answer = self.client.post(path, {"code": "000000"}, **HOST)
        return answer

    def overview_empty(self) -> Any:
        return self._get("account/acting/")

    def overview(self) -> Any:
        self._history()
        return self._get("account/acting/")

    def account(self) -> Any:
        self._history()
        return self._get("account/")

    def give(self) -> Any:
        return self._get(GIVE)

    def give_error(self) -> Any:
        return self.client.post(f"/{self.language}/{GIVE}", {"scope": "some"}, **HOST)

    def give_company(self) -> Any:
        return self._get(f"{GIVE}{company_of(self.mother, self.exchange).id}/")

    def give_code(self) -> Any:
        typed = {
            "national_id": self.aunt.national_id,
            "scope": "some",
            "services": CERTIFICATE,
            "days": "30",
        }
        page = self.client.post(f"/{self.language}/{GIVE}", typed, **HOST)
        return self.client.get(page["Location"], **HOST)

    def clerks(self) -> Any:
        self._counter()
        self._officer()
        return self._get("staff/clerks/")

    def clerks_error(self) -> Any:
        self._officer()
        return self.client.post(f"/{self.language}/staff/clerks/", {"office": ""}, **HOST)

    def _officer(self) -> None:
        appoint_officer(
            actor=the_installation(),
            national_id=self.mother.national_id,
            name="Registrar",
            roles=["registrar"],
        )
        Session.objects.filter(person=self.mother).update(level=2)

    def _get(self, path: str) -> Any:
        return self.client.get(f"/{self.language}/{path}", **HOST)

    def _ask(self) -> Any:
        return ask(self.client, service=CERTIFICATE, ui_locales=self.language)

    def _counter(self) -> None:
        register_clerk(
            national_id=self.mother.national_id,
            agency="ito",
            office="72",
            services=["*"],
            actor=the_installation(),
        )

    def _to_citizen(self) -> str:
        self._counter()
        page = self._ask()
        chosen = self.client.post(page.request["PATH_INFO"], {"for": "citizen"}, **HOST)
        return str(chosen["Location"])

    def _asked(self) -> str:
        path = self._to_citizen()
        asked = self.client.post(path, {"national_id": self.aunt.national_id}, **HOST)
        return str(asked["Location"])

    def _history(self) -> None:
        company = company_of(self.mother, self.exchange)
        act(self.client, name(child_of(self.mother, self.exchange)))
        helper(self.aunt, None, accepted_at=None, agent_national_id=self.mother.national_id)
        given = helper(self.mother, self.aunt, services=[CERTIFICATE])
        mandate("staff", self.aunt, organisation=company, given_by=self.mother)
        helper(self.mother, None, accepted_at=None, agent_national_id=citizen(8).national_id)
        act(browser_of(self.aunt), name(self.mother), service=CERTIFICATE)
        end_mandate(given.id, actor=self.mother)


PAGES = [found for found in vars(Tour) if not found.startswith("_")]
