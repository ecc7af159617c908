"""What happened to an account reaches its owner: in the list, by SMS, as a letter."""

import pytest
from conftest import Clock
from django.db import transaction
from django.utils import translation
from exchange_side import ExchangeSide

from panjereh.sso.models import Person
from panjereh.sso.safety.delivery import deliver_due
from panjereh.sso.safety.kinds import KINDS
from panjereh.sso.safety.models import Delivery, Notice
from panjereh.sso.safety.notices import letter_text, notify, sms_text

pytestmark = pytest.mark.django_db


def tell(person: Person, kind: str = "passkey-added", **facts: str) -> None:
    with transaction.atomic():
        notify(person.id, kind, **facts)


def test_a_notice_is_a_row_an_sms_and_a_letter(person: Person, exchange: ExchangeSide) -> None:
    tell(person, name="کلید گوشی")
    assert deliver_due() == 2
    [sms], [letter] = exchange.messages, exchange.letters
    assert sms.mobile == person.mobile
    assert letter["person"] == person.national_id
    assert Notice.objects.get().facts == {"name": "کلید گوشی"}


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.sms])
def test_an_sms_names_its_origin_and_nothing_personal(person: Person, kind: str) -> None:
    text = sms_text(kind)
    assert text.startswith("دولت من: ")
    assert text.endswith("\nsso.localhost")
    assert len(text) <= 3 * 67, "three parts at most"
    assert "http" not in text
    assert "من نبودم" in letter_text(kind)[1]


def test_an_sms_is_in_persian_whatever_language_the_deed_spoke(person: Person) -> None:
    with translation.override("en"):
        assert sms_text("new-browser").startswith("دولت من")


def test_a_lost_number_is_told_by_letter_only(person: Person, exchange: ExchangeSide) -> None:
    """Whoever holds the number now would read it."""
    tell(person, "number-lost")
    deliver_due()
    assert exchange.messages == []
    assert len(exchange.letters) == 1


def test_messaging_away_is_asked_again_and_tells_once(
    person: Person, exchange: ExchangeSide, clock: Clock
) -> None:
    exchange.away.add("messaging")
    tell(person)
    deliver_due()
    assert set(Delivery.objects.values_list("delivered_at", flat=True)) == {None}
    exchange.away.clear()
    assert deliver_due() == 0, "not before its time"
    clock.forward(seconds=6)
    assert deliver_due() == 2
    clock.forward(hours=1)
    assert deliver_due() == 0
    assert len(exchange.messages) == len(exchange.letters) == 1


def test_the_number_is_forgotten_when_the_message_is_gone(
    person: Person, exchange: ExchangeSide
) -> None:
    tell(person)
    deliver_due()
    assert set(Delivery.objects.values_list("mobile", flat=True)) == {""}


def test_it_is_given_up_in_the_end(person: Person, exchange: ExchangeSide, clock: Clock) -> None:
    exchange.away.add("messaging")
    tell(person)
    clock.forward(days=3)
    deliver_due()
    assert None not in Delivery.objects.values_list("given_up_at", flat=True)


@pytest.mark.parametrize(("kind", "facts"), [("gift", {}), ("new-browser", {"shoe_size": "42"})])
def test_what_has_no_words_is_not_told(person: Person, kind: str, facts: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="no"):
        tell(person, kind, **facts)
    assert not Notice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_outside_the_transaction_of_its_deed_nothing_is_told(person: Person) -> None:
    with pytest.raises(RuntimeError):
        notify(person.id, "new-browser")
