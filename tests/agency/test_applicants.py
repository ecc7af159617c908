"""Whom a service is for: the age that a law asks for, and those whom no registry of it knows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.utils import timezone
from people import MOTHER
from walking import APPLY

from panjereh.agency.forms.definition import Applicants
from panjereh.agency.models import ServiceVersion
from panjereh.agency.packages import form_check, load
from panjereh.agency.packages.queries import package_of
from panjereh.common import clock
from panjereh.sdk.signin import Person
from panjereh.sdk.signin.person import Acting, acr_of, person_from_claims

pytestmark = [pytest.mark.django_db, pytest.mark.req("WIN-16")]

LAW = {"fa": "مادهٔ ۱۰۷ آیین‌نامه", "en": "Article 107 of the bylaw"}
ADULTS = Applicants(minimum_age=18, law=LAW)


def today() -> date:
    return timezone.localdate(clock.now())


@pytest.fixture
def for_adults(newborn: ServiceVersion, monkeypatch: pytest.MonkeyPatch) -> ServiceVersion:
    """The newborn's certificate, as if a law limited it."""
    package = package_of(newborn)
    limited = replace(package, form=replace(package.form, applicants=ADULTS))
    monkeypatch.setattr("panjereh.agency.pages.apply.package_of", lambda version: limited)
    return newborn


def page_of(client: Client) -> tuple[int, str]:
    response = client.get(APPLY)
    return response.status_code, response.content.decode()


def test_a_grown_up_is_served(
    for_adults: ServiceVersion, browser_of: Callable[..., Client]
) -> None:
    assert page_of(browser_of(MOTHER))[0] == 302


def test_a_minor_is_refused_with_the_reason_and_the_law(
    for_adults: ServiceVersion, browser_of: Callable[..., Client]
) -> None:
    child = replace(MOTHER, birth_date=today() - timedelta(days=17 * 365))
    status, page = page_of(browser_of(child))
    assert status == 403
    for told in ("۱۸ سال", "مادهٔ ۱۰۷", "ثبت احوال"):
        assert told in page


def test_a_guardian_does_not_make_the_child_older(
    for_adults: ServiceVersion, browser_of: Callable[..., Client]
) -> None:
    acting = Acting(sub="a", kind="guardian", services=["*"], national_id="0012345679")
    child = replace(MOTHER, birth_date=today() - timedelta(days=100), acting=acting)
    status, page = page_of(browser_of(child))
    assert status == 403
    assert "به جای او" in page


@pytest.mark.parametrize(("told", "status"), [(True, 302), (False, 403), (None, 403)])
def test_a_site_that_does_not_know_the_birth_date_judges_by_the_claim(
    for_adults: ServiceVersion, browser_of: Callable[..., Client], told: bool | None, status: int
) -> None:
    person = replace(MOTHER, birth_date=None, age_over_18=told)
    answered, page = page_of(browser_of(person))
    assert answered == status
    assert ("به دستگاه خبر دهید" in page) == (told is None)


def test_a_company_has_no_age(
    for_adults: ServiceVersion, browser_of: Callable[..., Client]
) -> None:
    """It is not turned away for it; what it may do is another question."""
    company = Person(sub="c", acr=acr_of(1), legal_id="14900000001", legal_name="نمونه")
    assert "۱۸ سال" not in page_of(browser_of(company))[1]


def test_a_service_without_a_limit_serves_minors(
    newborn: ServiceVersion, browser_of: Callable[..., Client]
) -> None:
    young = replace(MOTHER, birth_date=today() - timedelta(days=16 * 365))
    assert page_of(browser_of(young))[0] == 302


@pytest.mark.req("SSO-21")
def test_a_foreign_national_is_told_what_to_do_instead(
    newborn: ServiceVersion, browser_of: Callable[..., Client]
) -> None:
    worker = replace(MOTHER, national_id="", fida_code="900000000017")
    status, page = page_of(browser_of(worker))
    assert status == 403
    assert "دفتر امور اتباع" in page


def test_a_limit_without_its_law_is_a_finding(newborn: ServiceVersion) -> None:
    package = load.from_files(newborn.files)
    for law, found in ((LAW, 0), ({"fa": LAW["fa"]}, 1), ({}, 1)):
        form = replace(package.form, applicants=Applicants(minimum_age=18, law=law))
        findings = [f for f in form_check.check(replace(package, form=form)) if "law" in str(f)]
        assert len(findings) == found


def test_a_form_names_its_limit() -> None:
    text = b'{"minimum_age": 18, "law": {"fa": "x", "en": "y"}}'
    assert msgspec.json.decode(text, type=Applicants).minimum_age == 18


@pytest.mark.parametrize("told", [True, False, None])
def test_the_claim_arrives_as_it_was_told(told: bool | None) -> None:
    claims: dict[str, Any] = {"sub": "s"} | ({} if told is None else {"age_over_18": told})
    assert person_from_claims(claims, acr=acr_of(1)).age_over_18 is told


def test_years_are_solar() -> None:
    turned = clock.now()
    person = replace(MOTHER, birth_date=turned.date() - timedelta(days=18 * 366 + 5))
    assert person.is_at_least(18) is True
    assert person.is_at_least(60) is False
    assert replace(person, birth_date=None).is_at_least(15) is None
