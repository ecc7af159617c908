"""An agency, a bank, the national window and two registries; a mother, a father, a clerk."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.test import Client

from panjereh.common import clock
from panjereh.exchange.actions import hash_national_id
from panjereh.exchange.models import Grant, Member, Operator, Representative, Service, System
from panjereh.sdk.signin.person import SESSION_KEY, Person, as_kept

MOTHER, FATHER, CLERK = "0084575948", "0012345679", "0023456782"
OPERATOR, AUDITOR, AGENT, BANKER = "0034567893", "0045678904", "0056789015", "0067890126"
WINDOW = "IR-TEST/GOV/14002763106/national-window"
CASE = "14050901-7K3M-2QX9"


@dataclass(frozen=True)
class Nation:
    window: System
    agency: System
    bank: System
    police: System
    own_family: Grant  # of the window
    person: Grant  # of the agency
    birth: Grant
    tracking: Grant
    credit: Grant  # of the bank: yes or no
    crime: Grant  # of the police: confidential
    agent: Representative  # of the agency
    banker: Representative
    auditor: Operator


def nation_of() -> Nation:
    window = _system("14002763106", "national-window", "سازمان فناوری اطلاعات ایران", "ITO")
    agency = _system("14003778990", "civil-window", "سازمان ثبت احوال کشور", "Civil Registration")
    bank = _system("14000000019", "credit", "بانک نمونه", "Sample Bank")
    police = _system("14000000027", "crime", "پلیس نمونه", "Sample Police")
    civil = _system("14003778990", "civil-registry", "سازمان ثبت احوال کشور", "Civil Registration")
    health = _system("14000280017", "health-registry", "وزارت بهداشت", "Ministry of Health")
    person, family = _service(civil, "person"), _service(civil, "family")
    children = ["/national_id", "/given_name", "/children/given_name", "/children/birth_date"]
    alive = [{"name": "alive", "pointer": "/vital_status", "equals": "alive"}]
    return Nation(
        window=window,
        agency=agency,
        bank=bank,
        police=police,
        own_family=_grant(window, family, ["/children/given_name"], purpose="own-data"),
        person=_grant(agency, person, children),
        birth=_grant(agency, _service(health, "birth-notices"), ["/notices/born_at"]),
        tracking=_grant(agency, _service(health, "issue"), ["/tracking_id"], purpose="tracking"),
        credit=_grant(bank, person, [], purpose="credit", attestation=alive),
        crime=_grant(police, person, ["/national_id"], purpose="crime", confidential=True),
        agent=_representative(agency.member, AGENT, "مینا شریف"),
        banker=_representative(bank.member, BANKER, "کاوه درستکار"),
        auditor=_operators(),
    )


def signed_in(client: Client, national_id: str) -> Client:
    person = Person(
        sub=national_id,
        acr="urn:panjereh:level:2",
        national_id=national_id,
        given_name="آزاده",
        family_name="نمونه",
    )
    session = client.session
    session[SESSION_KEY] = {"person": as_kept(person)}
    session.save()
    return client


def _operators() -> Operator:
    Operator.objects.create(national_id_hash=hash_national_id(OPERATOR), name="نرگس راستین")
    return Operator.objects.create(
        national_id_hash=hash_national_id(AUDITOR), name="بازرس نمونه", roles=["auditor"]
    )


def _system(code: str, system: str, fa: str, en: str) -> System:
    names = {"name_fa": fa, "name_en": en}
    member, _ = Member.objects.get_or_create(
        instance="IR-TEST", member_class="GOV", code=code, defaults=names
    )
    return System.objects.create(
        member=member, code=system, name_fa="سامانهٔ نمونه", name_en=f"System {system}"
    )


def _service(system: System, code: str) -> Service:
    return Service.objects.create(
        system=system,
        code=code,
        title_fa="استعلام نمونه",
        title_en=f"Service {code}",
        endpoints=[{"method": "POST", "path": "/"}],
    )


def _grant(consumer: System, service: Service, items: list[str], **facts: Any) -> Grant:
    told = {
        "data_items": items,
        "purpose": "newborn",
        "purpose_fa": "صدور شناسنامهٔ نوزاد",
        "purpose_en": "Birth certificate of a newborn",
        "legal_basis": "002 art 10(2)",
        "approval_number": "94763",
        "approval_date": date(2026, 9, 1),
        "approval_body_fa": "کارگروه تعامل‌پذیری",
        "approval_body_en": "Interoperability working group",
        "quota_per_minute": 100,
        "not_before": clock.now() - timedelta(days=400),
        "content_hash": f"$1$1${consumer.pk}-{service.pk}",
    }
    return Grant.objects.create(consumer=consumer, service=service, **(told | facts))


def _representative(member: Member, national_id: str, name: str) -> Representative:
    return Representative.objects.create(
        member=member, national_id_hash=hash_national_id(national_id), name=name
    )
