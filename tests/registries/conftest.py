import json
import os
import secrets
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import django
import pytest
from callers import Gateway, Household
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panjereh.runtime.settings.registries")
django.setup()


@pytest.fixture(scope="session", autouse=True)
def provider_keys() -> None:
    """The secrets that the gateway shares with each provider."""
    from panjereh.registries.systems import SYSTEMS

    folder = Path(settings.KEYS) / "providers"
    folder.mkdir(parents=True, exist_ok=True)
    for system in SYSTEMS:
        if not (path := folder / f"{system}.hmac").exists():
            path.write_text(secrets.token_hex(32))


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def over_the_exchange(monkeypatch: pytest.MonkeyPatch, gateway: Gateway) -> Callable[..., Any]:
    """The clients of the SDK, with this process in the place of the network.

    What they send and what they read back is their own code; errors are told apart by it too.
    """
    from panjereh.sdk import (
        civil_registry,
        exchange,
        health_registry,
        legal_persons,
        postal,
        residence,
        shahkar,
    )

    def call(
        system: str,
        service: str,
        body: dict[str, Any],
        *,
        case: str = "",
        user: str = "",
        idempotency_key: str = "",
        timeout: float = 3,
    ) -> dict[str, Any]:
        answer = gateway.call(
            system, service, body, key=idempotency_key, case=case, user=user and f"IR{user}"
        )
        content: dict[str, Any] = json.loads(answer.content)
        if answer.status_code < 300:
            return content
        raise exchange._error(answer.status_code, {}, content)

    for module in (civil_registry, health_registry, legal_persons, postal, residence, shahkar):
        monkeypatch.setattr(module, "call", call)
    return call


@pytest.fixture
def new_person(db: None) -> Iterator[Callable[..., Any]]:
    """Makes persons with valid ids of an office that gives no others."""
    from panjereh.registries.civil.models import Person
    from panjereh.registries.civil.numbers import national_id

    count = iter(range(1_000))

    def make(**facts: Any) -> Any:
        defaults = {
            "national_id": national_id("990", next(count)),
            "given_name": "سپیده",
            "family_name": "مهرجو",
            "father_name": "کاوه",
            "birth_date": date(1995, 4, 3),
            "birth_place": "تهران",
            "sex": "female",
        }
        return Person.objects.create(**(defaults | facts))

    yield make


@pytest.fixture
def household(new_person: Callable[..., Any]) -> Household:
    """A married couple, and the office of their town."""
    from panjereh.registries.civil.models import Marriage, RegistrationOffice

    RegistrationOffice.objects.create(place="تهران", prefix="991", next_order=900_000)
    mother = new_person()
    father = new_person(
        sex="male", given_name="آرش", family_name="سپهری", birth_date=date(1990, 8, 9)
    )
    marriage = Marriage.objects.create(wife=mother, husband=father, married_on=date(2018, 5, 1))
    return Household(mother, father, marriage)
