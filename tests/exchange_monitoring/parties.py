"""Two members who call one another and a third that has nothing to do with it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.test import Client

from panjereh.common import clock
from panjereh.exchange.actions import hash_national_id
from panjereh.exchange.models import Grant, Member, Operator, Representative, Service, System
from panjereh.sdk.signin.person import SESSION_KEY, Person, as_kept

OPERATOR, PROVIDER, CONSUMER, STRANGER = "0012345679", "0023456782", "0034567893", "0045678904"


@dataclass(frozen=True)
class Parties:
    operator: Operator
    registry: System  # of the providing member
    window: System  # of the consuming one
    foreign: System  # of a third
    person: Service
    family: Service
    secret: Service  # offered by the third
    grant: Grant
    provider_side: Representative
    consumer_side: Representative


def parties() -> Parties:
    operator = Operator.objects.create(
        national_id_hash=hash_national_id(OPERATOR), name="نرگس راستین"
    )
    provider = _member("14000000002", "سازمان ثبت احوال کشور", "Civil Registration")
    consumer = _member("14000000001", "سازمان فناوری اطلاعات", "ITO")
    third = _member("14000000003", "بانک نمونه", "Sample Bank")
    registry = _system(provider, "registry", "پایگاه هویت", "Identity registry", url="/registry")
    window = _system(consumer, "window", "پنجره ملی", "National window")
    foreign = _system(third, "bank", "سامانه بانک", "Banking system", url="/bank")
    person = _service(registry, "person", "استعلام شخص", "Inquiry of a person")
    return Parties(
        operator=operator,
        registry=registry,
        window=window,
        foreign=foreign,
        person=person,
        family=_service(registry, "family", "استعلام بستگان", "Inquiry of a family"),
        secret=_service(foreign, "balance", "مانده حساب", "Balance of an account"),
        grant=_grant(window, person),
        provider_side=_representative(provider, PROVIDER, "کاوه درستکار"),
        consumer_side=_representative(consumer, CONSUMER, "مینا شریف"),
    )


def signed_in(client: Client, national_id: str) -> Client:
    person = Person(
        sub=national_id,
        acr="urn:panjereh:level:1",
        national_id=national_id,
        given_name="آزاده",
        family_name="نمونه",
    )
    session = client.session
    session[SESSION_KEY] = {"person": as_kept(person)}
    session.save()
    return client


def _member(code: str, fa: str, en: str) -> Member:
    return Member.objects.create(
        instance="IR-TEST", member_class="GOV", code=code, name_fa=fa, name_en=en
    )


def _system(member: Member, code: str, fa: str, en: str, url: str = "") -> System:
    base_url = f"http://127.0.0.1:9{url}" if url else ""
    return System.objects.create(
        member=member, code=code, name_fa=fa, name_en=en, base_url=base_url
    )


def _service(system: System, code: str, fa: str, en: str) -> Service:
    return Service.objects.create(
        system=system,
        code=code,
        title_fa=fa,
        title_en=en,
        endpoints=[{"method": "POST", "path": "/"}],
        deadline_seconds=2,
    )


def _grant(consumer: System, service: Service, **facts: Any) -> Grant:
    told = {
        "data_items": ["/given_name"],
        "purpose": "newborn",
        "purpose_fa": "صدور شناسنامه",
        "purpose_en": "Birth certificate",
        "legal_basis": "002 art 10",
        "approval_number": "94763",
        "approval_date": date(2026, 9, 1),
        "approval_body_fa": "کارگروه",
        "approval_body_en": "Working group",
        "quota_per_minute": 100,
        "quota_per_day": 1000,
        "not_before": clock.now() - timedelta(days=40),
        "content_hash": f"$1$1${consumer.pk}-{service.pk}",
    }
    return Grant.objects.create(consumer=consumer, service=service, **(told | facts))


def _representative(member: Member, national_id: str, name: str) -> Representative:
    return Representative.objects.create(
        member=member, national_id_hash=hash_national_id(national_id), name=name
    )
