"""The e-box: sealed at rest, opened for its owner, and a notice that gives nothing away."""

import json
import secrets
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from air import AGENCY, MASK, MOBILE, WINDOW_SYSTEM
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from panjereh.common.outbox.models import OutboxEvent
from panjereh.common.problems import Problem
from panjereh.national.messaging import actions, envelope, queries
from panjereh.national.messaging.models import Letter, LetterEvent, Mailbox, Message, Sender

MOTHER, FATHER = "0499370899", "0790419904"
CANARY = "قناری\u200cهای زرد"

pytestmark = pytest.mark.usefixtures("sender")


def deposit(**given: Any) -> Letter:
    usual = {
        "sender": AGENCY,
        "person": MOTHER,
        "title": "شناسنامه فرزند شما",
        "body": CANARY,
        "key": secrets.token_hex(8),
    }
    return actions.deposit_letter(**(usual | given))


def open_it(letter: Letter, *, person: str = MOTHER, acting: str = MOTHER) -> Any:
    return actions.open_letter(
        person=person,
        letter_id=letter.id,
        acting=acting,
        consumer=WINDOW_SYSTEM,
        request_id="r-1",
    )


def events() -> list[tuple[str, dict[str, Any]]]:
    rows = OutboxEvent.objects.order_by("id")
    return [(row.type, json.loads(bytes(row.body))["data"]) for row in rows]


@pytest.mark.req("MSG-07")
def test_the_owner_reads_what_was_deposited() -> None:
    letter = deposit(case="TRK-1", document_id="doc-1")

    opened = open_it(letter)

    assert (opened.title, opened.body) == ("شناسنامه فرزند شما", CANARY)
    assert opened.sender == "سازمان ثبت احوال کشور"
    assert (opened.tracking_id, opened.document_id) == ("TRK-1", "doc-1")


@pytest.mark.req("PRV-09", "PRV-11")
def test_neither_title_nor_body_is_readable_in_any_table() -> None:
    deposit(title=f"عنوان {CANARY}", notify=MOBILE)
    needles = [CANARY.encode(), CANARY.encode("utf-16-be"), CANARY[:5].encode()]

    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                for needle in needles:
                    assert needle.decode("utf-8", "ignore") not in row, table
                    assert needle.hex() not in row, table


@pytest.mark.req("PRV-11")
@pytest.mark.parametrize("field", ["sealed_title", "sealed_body", "wrapped_key"])
def test_a_changed_byte_is_noticed(field: str) -> None:
    letter = deposit()
    sealed = bytearray(getattr(letter, field))
    sealed[-1] ^= 1
    setattr(letter, field, bytes(sealed))
    letter.save()

    with pytest.raises(envelope.SealBroken):
        open_it(letter)


def test_a_text_moved_to_another_letter_or_box_does_not_open() -> None:
    hers, his = deposit(), deposit(person=FATHER)
    his.wrapped_key, his.sealed_title, his.sealed_body = (
        hers.wrapped_key,
        hers.sealed_title,
        hers.sealed_body,
    )
    his.save()
    swapped = deposit()
    swapped.sealed_title, swapped.sealed_body = swapped.sealed_body, swapped.sealed_title
    swapped.save()

    with pytest.raises(envelope.SealBroken):
        open_it(his, person=FATHER, acting=FATHER)
    with pytest.raises(envelope.SealBroken):
        open_it(swapped)


@pytest.mark.req("PRV-13")
def test_the_master_key_changes_without_losing_a_letter(settings: Settings) -> None:
    letter = deposit()
    old = settings.MAILBOX_MASTER_KEYS
    settings.MAILBOX_MASTER_KEYS = f"{secrets.token_urlsafe(48)}\n{old}"
    assert open_it(letter).body == CANARY

    assert actions.rewrap_mailboxes() == 1
    settings.MAILBOX_MASTER_KEYS = settings.MAILBOX_MASTER_KEYS.split()[0]

    assert open_it(letter).body == CANARY


def test_without_the_master_key_nothing_opens(settings: Settings) -> None:
    letter = deposit()
    settings.MAILBOX_MASTER_KEYS = secrets.token_urlsafe(48)

    with pytest.raises(envelope.MasterKeyMissing):
        open_it(letter)


@pytest.mark.req("PRV-01")
@pytest.mark.parametrize("acting", [FATHER, ""])
def test_a_box_is_opened_for_nobody_but_its_owner(acting: str) -> None:
    letter = deposit()

    with pytest.raises(Problem) as refusal:
        open_it(letter, acting=acting)

    assert (refusal.value.status, refusal.value.code) == (403, "not-your-mailbox")
    letter.refresh_from_db()
    assert letter.read_at is None


def test_a_letter_of_another_box_and_one_that_never_was_are_both_unknown() -> None:
    letter = deposit()
    deposit(person=FATHER)

    for missing in (letter, Letter(id=uuid.uuid4())):
        with pytest.raises(Problem) as refusal:
            open_it(missing, person=FATHER, acting=FATHER)
        assert (refusal.value.status, refusal.value.code) == (404, "letter-unknown")


@pytest.mark.req("MSG-13")
def test_unread_counts_follow_every_deed() -> None:
    first = deposit()
    deposit()
    deposit(person=FATHER)
    open_it(first)
    open_it(first)

    assert events() == [
        ("messaging.letter.deposited", {"person": MOTHER, "unread": 1}),
        ("messaging.letter.deposited", {"person": MOTHER, "unread": 2}),
        ("messaging.letter.deposited", {"person": FATHER, "unread": 1}),
        ("messaging.letter.read", {"person": MOTHER, "unread": 1}),
    ]


def test_the_list_is_newest_first_and_keeps_bodies_sealed() -> None:
    deposit(title="یک")
    deposit(title="دو")

    unread, letters = queries.listed(MOTHER)

    assert unread == 2
    assert [(letter.title, letter.body) for letter in letters] == [("دو", ""), ("یک", "")]
    assert queries.listed(FATHER) == (0, [])


@pytest.mark.req("PRV-01", "MSG-13")
def test_every_opening_is_recorded_with_who_asked_and_stays_recorded() -> None:
    letter = deposit()
    open_it(letter)
    open_it(letter)

    kept = list(letter.events.order_by("id").values_list("kind", "consumer", "request_id"))
    assert kept == [
        ("deposited", AGENCY, ""),
        ("opened", WINDOW_SYSTEM, "r-1"),
        ("opened", WINDOW_SYSTEM, "r-1"),
    ]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        LetterEvent.objects.all().delete()


@pytest.mark.req("MSG-07", "MSG-10")
def test_the_notice_is_an_sms_without_personal_data_title_or_link() -> None:
    letter = deposit(notify=MOBILE, case="TRK-1")

    notice = Message.objects.get()
    assert (notice.mobile, notice.mask, notice.case) == (MOBILE, MASK, "TRK-1")
    assert notice.text == (
        "نامه تازه\u200cای در کارپوشه شماست. برای خواندن آن وارد پنجره ملی شوید."
    )
    assert notice.deliveries.count() == 1
    assert letter.events.filter(kind="notice-accepted").exists()


def test_without_a_number_there_is_no_notice() -> None:
    deposit()

    assert not Message.objects.exists()


def test_letter_notice_and_event_are_there_together_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(**_: Any) -> None:
        raise DatabaseError("the notice could not be written")

    monkeypatch.setattr(actions, "accept_sms", broken)
    with pytest.raises(DatabaseError):
        deposit(notify=MOBILE)

    assert not Letter.objects.exists()
    assert not Mailbox.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_a_deposit_lives_and_dies_with_the_transaction_of_its_caller() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        deposit(notify=MOBILE)
        raise RuntimeError("the document could not be entered")

    assert not Letter.objects.exists()
    assert not Message.objects.exists()


def test_the_same_key_gives_the_same_letter_and_tells_once() -> None:
    first = deposit(key="k", notify=MOBILE)
    again = deposit(key="k", notify=MOBILE)

    assert first.id == again.id
    assert len(events()) == 1
    assert Message.objects.count() == 1


def test_the_same_key_with_another_body_is_refused() -> None:
    deposit(key="k")

    for other in ({"body": "دیگر"}, {"person": FATHER}):
        with pytest.raises(Problem) as refusal:
            deposit(key="k", **other)
        assert (refusal.value.status, refusal.value.code) == (409, "idempotency-key-reused")


@pytest.mark.req("MSG-02")
def test_who_is_not_registered_may_not_send() -> None:
    Sender.objects.all().delete()

    refused: list[Callable[[], Any]] = [
        deposit,
        lambda: actions.accept_sms(consumer=AGENCY, key="k", mobile=MOBILE, text="سلام"),
    ]
    for deed in refused:
        with pytest.raises(Problem) as refusal:
            deed()
        assert (refusal.value.status, refusal.value.code) == (403, "sender-not-registered")


@pytest.mark.req("MSG-02")
@pytest.mark.parametrize("mask", ["5000", "4040123456789", "+989121234567", "ثبت", "40"])
def test_a_number_outside_4040_is_no_mask(mask: str) -> None:
    with pytest.raises(ValueError, match="under 4040"):
        actions.register_sender(system=AGENCY, name="x", mask=mask)


@pytest.mark.parametrize("mask", ["4040", "404011", "SabtAhval"])
def test_numbers_under_4040_and_names_are_masks(mask: str) -> None:
    assert actions.register_sender(system=AGENCY, name="x", mask=mask).mask == mask
