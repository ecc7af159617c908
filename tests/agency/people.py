"""A family with a newborn, a stranger, a clerk; and how a person signs in."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.test import Client
from playing_exchange import PlayingExchange

from panjereh.sdk.signin import Person
from panjereh.sdk.signin.person import SESSION_KEY, acr_of, as_kept

HOST = "civil-registration.agency.localhost:8102"
SERVICE = "civil-registration.newborn-certificate"
HOME_CODE, OTHER_CODE = "1966733315", "1966733316"


def person(national_id: str, given: str, family: str, mobile: str) -> Person:
    return Person(
        sub=f"agency-{national_id}",
        acr=acr_of(1),
        national_id=national_id,
        given_name=given,
        family_name=family,
        father_name="علی",
        birth_date=date(1995, 3, 21),
        mobile=mobile,
    )


MOTHER = person("0084575948", "زهرا", "محمدی‌نژاد", "+989121234567")
FATHER = person("0012345679", "رضا", "کریمی", "+989127654321")
STRANGER = person("0000000026", "مینا", "نمونه", "+989121112233")
CLERK = person("0000000034", "کیان", "کارمند", "+989124445566")


def sign_in(client: Client, who: Person) -> Client:
    session = client.session
    session[SESSION_KEY] = {"person": as_kept(who)}
    session.save()
    return client


def civil(who: Person, sex: str) -> dict[str, Any]:
    return {
        "national_id": who.national_id,
        "given_name": who.given_name,
        "family_name": who.family_name,
        "birth_date": "1995-03-21",
        "sex": sex,
        "vital_status": "alive",
    }


def notice(number: str = "N1", *, sex: str = "female", days: int = 3) -> dict[str, Any]:
    return {
        "notice_id": number,
        "hospital": "بیمارستان مهر",
        "city": "تهران",
        "born_at": (datetime.now(UTC) - timedelta(days=days)).isoformat(),
        "sex": sex,
        "weight_grams": 3200,
        "mother_national_id": MOTHER.national_id,
        "father_national_id": FATHER.national_id,
    }


def settle_family(exchange: PlayingExchange) -> None:
    exchange.people = {
        MOTHER.national_id: civil(MOTHER, "female"),
        FATHER.national_id: civil(FATHER, "male"),
    }
    exchange.notices = [notice()]
    exchange.addresses = {
        HOME_CODE: "تهران، خیابان نمونه، کوچه یکم، پلاک ۵",
        OTHER_CODE: "تهران، خیابان نمونه، کوچه دوم، پلاک ۱۲",
    }
    exchange.residences = {MOTHER.national_id: HOME_CODE}
