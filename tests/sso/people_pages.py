"""Leads a browser to the pages of those who register in another way than everybody."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from exchange_side import Citizen, Company, Foreigner
from people import HOST, Walk, citizen, registered, sign_in
from test_every_page import Tour

from panjereh.common import clock
from panjereh.common.identifiers import legal_id_check_digit
from panjereh.sso.models import Person

LEGAL_ID = "1490000000" + legal_id_check_digit("1490000000")
GREGORIAN = {"birth_date_0": "9", "birth_date_1": "10", "birth_date_2": "1991"}


def foreigner(number: int = 1, **facts: str) -> Foreigner:
    return Foreigner(f"9{number:011}", "1991-10-09", f"+98919{number:07}", **facts)


def newborn(number: int = 50, **facts: str) -> Citizen:
    child = citizen(number, **({"given_name": "کیان"} | facts))
    child.birth_date = (timezone.localdate(clock.now()) - timedelta(days=10)).isoformat()
    return child


class PeopleTour(Tour):
    """Each method ends on the page of its name."""

    def _foreign_walk(self, of: Foreigner, **born: str) -> Walk:
        walk = self.walk("register")
        walk.post("register/national-id", national_id=of.fida_code)
        walk.post("register/birth-date", **(GREGORIAN | born))
        walk.post("register/mobile", mobile=of.mobile)
        return walk

    def foreign_birth_date(self) -> Any:
        walk = self.walk("register")
        walk.post("register/national-id", national_id=foreigner().fida_code)
        return walk.get("register/birth-date")

    def foreign_birth_date_wrong(self) -> Any:
        walk = self.walk("register")
        walk.post("register/national-id", national_id=foreigner().fida_code)
        return walk.post("register/birth-date", **(GREGORIAN | {"birth_date_2": "1370"}))

    def foreigner_unknown(self) -> Any:
        return self._foreign_walk(foreigner()).get("register/national-id")

    def foreign_confirm(self) -> Any:
        worker = self.exchange.add_foreigner(foreigner())
        walk = self._foreign_walk(worker)
        walk.post("register/code", code=walk.code_sent_to(worker.mobile))
        return walk.get("register/confirm")

    def permit_ended(self) -> Any:
        worker = self.exchange.add_foreigner(foreigner(permit_until="2020-01-01"))
        return self._foreign_walk(worker).get("register/check")

    def foreigner_deceased(self) -> Any:
        worker = self.exchange.add_foreigner(foreigner(vital_status="deceased"))
        return self._foreign_walk(worker).get("register/check")

    def foreigners_registry_away(self) -> Any:
        self.exchange.away.add("foreigners-registry")
        walk = self._foreign_walk(foreigner())
        self.exchange.away.clear()
        return walk.get("register/check")

    def foreign_child(self) -> Any:
        child = self.exchange.add_foreigner(foreigner())
        child.birth_date = "2020-10-09"
        return self._foreign_walk(child, birth_date_2="2020").get("register/check")

    def foreign_account(self) -> Any:
        sign_in(self.client, self._foreign_person())
        return self.client.get(f"/{self.language}/account/", **HOST)

    def _foreign_person(self) -> Person:
        worker = foreigner()
        facts = citizen(3)
        facts.national_id, facts.mobile = worker.fida_code, worker.mobile
        return registered(facts, kind="fida")

    def child_alone(self) -> Any:
        child = self.exchange.add(newborn())
        child.birth_date = "2020-10-09"
        walk = self.walk("register")
        walk.post("register/national-id", national_id=child.national_id)
        walk.post("register/birth-date", birth_date_0="18", birth_date_1="7", birth_date_2="1399")
        walk.post("register/mobile", mobile=child.mobile)
        return walk.get("register/check")

    # Children

    def _father(self, *children: Citizen) -> Person:
        father = registered(self.mother)
        sign_in(self.client, father)
        for child in children:
            self.exchange.add(child)
            self.exchange.let_act(father.national_id, child.national_id)
        return father

    def _own(self, page: str, **typed: str) -> Any:
        address = f"/{self.language}/{page}/"
        if typed:
            return self.client.post(address, typed, **HOST)
        return self.client.get(address, **HOST)

    def children(self) -> Any:
        self._father(newborn(50), newborn(51, given_name="نورا"))
        return self._own("children")

    def children_none(self) -> Any:
        self._father()
        return self._own("children")

    def children_not_chosen(self) -> Any:
        self._father(newborn())
        return self._own("children", child="")

    def children_of_foreigner(self) -> Any:
        sign_in(self.client, self._foreign_person())
        return self._own("children")

    def children_registered(self) -> Any:
        child = newborn()
        self._father(child)
        self._own("children/register", child=child.national_id)
        return self._own("children")

    def confirm_child(self) -> Any:
        child = newborn()
        self._father(child)
        return self._own("children", child=child.national_id)

    def child_registered(self) -> Any:
        child = newborn()
        self._father(child)
        response = self._own("children/register", child=child.national_id)
        return self.client.get(response["Location"], **HOST)

    def child_refused(self) -> Any:
        self._father()
        return self._own("children/register", child=newborn().national_id)

    def child_closed(self) -> Any:
        child = newborn()
        self._father(child)
        registered(child, closed_at=clock.now())
        return self._own("children/register", child=child.national_id)

    def registry_away(self) -> Any:
        self._father(newborn())
        self.exchange.away.add("civil-registry")
        answer = self._own("children")
        self.exchange.away.clear()
        return answer

    def account_with_all(self) -> Any:
        child = newborn()
        self._company(self._father(child))
        self._own("children/register", child=child.national_id)
        self._own("companies/register", legal_id=LEGAL_ID)
        return self._own("account")

    # Companies

    def _company(self, chief: Person, **facts: Any) -> Company:
        found = Company(LEGAL_ID, chief.national_id, **facts)
        found.signatories = [chief.national_id, citizen(2).national_id]
        return self.exchange.add_company(found)

    def company(self) -> Any:
        self._father()
        return self._own("companies")

    def company_unknown(self) -> Any:
        self._father()
        return self._own("companies", legal_id=LEGAL_ID)

    def company_not_led(self) -> Any:
        self._father()
        self._company(registered(citizen(8)))
        return self._own("companies", legal_id=LEGAL_ID)

    def company_dissolved(self) -> Any:
        self._company(self._father(), status="dissolved")
        return self._own("companies", legal_id=LEGAL_ID)

    def company_confirm(self) -> Any:
        self._company(self._father(), status="in-liquidation", signing_rule="two")
        return self._own("companies", legal_id=LEGAL_ID)

    def company_taking_over(self) -> Any:
        found = self._company(self._father())
        self._own("companies/register", legal_id=LEGAL_ID)
        successor = registered(citizen(8))
        found.chief_executive_national_id = successor.national_id
        sign_in(self.client, successor)
        return self._own("companies", legal_id=LEGAL_ID)

    def company_registered(self) -> Any:
        self._company(self._father())
        response = self._own("companies/register", legal_id=LEGAL_ID)
        return self.client.get(response["Location"], **HOST)

    def company_registered_already(self) -> Any:
        self._company(self._father())
        self._own("companies/register", legal_id=LEGAL_ID)
        return self._own("companies", legal_id=LEGAL_ID)


PAGES = [name for name in vars(PeopleTour) if not name.startswith("_")]
