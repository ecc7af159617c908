"""The services of Payam Iran as the gateway calls them, in the form the SDK expects."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from air import AGENCY, MOBILE, WINDOW_SYSTEM
from django.db import connection
from django.test import Client

from panjereh.common import clock
from panjereh.national.messaging import actions
from panjereh.national.messaging.models import Delivery, Lane, Message
from panjereh.sdk.messaging import Letter, Mailbox

Call = Callable[..., Any]
MOTHER, FATHER = "0499370899", "0790419904"
OWNER = {"x_road_userid": f"IR{MOTHER}", "x_road_client": WINDOW_SYSTEM}

pytestmark = pytest.mark.usefixtures("sender")


def body(**fields: Any) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode()


def sms(**fields: Any) -> bytes:
    return body(**({"mobile": MOBILE, "text": "سلام", "lane": "transactional"} | fields))


def refused(answer: Any) -> tuple[int, str]:
    assert answer["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def deposit(call: Call, **fields: Any) -> str:
    given = {"person": MOTHER, "title": "شناسنامه", "body": "متن نامه", "notify": ""} | fields
    answer = call("deposit-letter", body(**given), idempotency_key="d1", x_road_issue="TRK-9")
    assert answer.status_code == 201
    return str(answer.json()["letter_id"])


@pytest.mark.req("MSG-10")
def test_an_accepted_sms_can_be_traced_to_sender_case_request_and_time(call: Call) -> None:
    answer = call(
        "send-sms", sms(), idempotency_key="k1", x_road_issue="TRK-9", x_road_request_id="req-7"
    )

    assert answer.status_code == 202
    message = Message.objects.get(id=answer.json()["message_id"])
    assert (message.consumer, message.case, message.request_id) == (AGENCY, "TRK-9", "req-7")
    assert clock.now() - message.created_at < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("lane", "expires_in", "kept", "life"),
    [
        ("one-time", 120, Lane.ONE_TIME, 120),
        ("one-time", None, Lane.ONE_TIME, 180),
        ("transactional", None, Lane.TRANSACTIONAL, None),
        ("bulk", 3600, Lane.BULK, 3600),
    ],
)
def test_lanes_and_lives(
    call: Call, lane: str, expires_in: int | None, kept: Lane, life: int | None
) -> None:
    call("send-sms", sms(lane=lane, expires_in=expires_in), idempotency_key="k1")

    message = Message.objects.get()
    lasts = message.expires_at and round((message.expires_at - message.created_at).total_seconds())
    assert (message.lane, lasts) == (kept, life)


def test_the_number_is_stored_in_one_form_however_it_was_written(call: Call) -> None:
    call("send-sms", sms(mobile="۰۹۱۲ ۱۲۳ ۴۵۶۷"), idempotency_key="k1")

    assert Message.objects.get().mobile == MOBILE


def test_a_repeated_call_has_the_first_answer_and_another_body_is_refused(call: Call) -> None:
    first = call("send-sms", sms(), idempotency_key="k1").json()

    assert call("send-sms", sms(), idempotency_key="k1").json() == first
    other = call("send-sms", sms(text="دیگر"), idempotency_key="k1")
    assert refused(other) == (409, "idempotency-key-reused")
    assert Message.objects.count() == 1


def test_the_keys_of_two_consumers_do_not_meet(call: Call) -> None:
    actions.register_sender(system=WINDOW_SYSTEM, name="پنجره ملی", mask="4040")
    call("send-sms", sms(), idempotency_key="k1")
    call("send-sms", sms(text="دیگر"), idempotency_key="k1", x_road_client=WINDOW_SYSTEM)

    assert Message.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_twenty_calls_at_once_with_one_key_make_one_message(call: Call) -> None:
    def post(_: int) -> Any:
        try:
            return call("send-sms", sms(), idempotency_key="race")
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(post, range(20)))

    assert {a.status_code for a in answers} == {202}
    assert len({a.json()["message_id"] for a in answers}) == 1
    assert Message.objects.count() == 1
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        (sms(mobile="02188776655"), 422, "body-invalid"),
        (sms(text=""), 422, "body-invalid"),
        (sms(text="  \n"), 422, "text-empty"),
        (sms(text="ا" * 700), 422, "text-too-long"),
        (sms(lane="urgent"), 422, "body-invalid"),
        (sms(expires_in=0), 422, "body-invalid"),
        (b"{", 400, None),
    ],
)
def test_a_wrong_sms_is_refused_without_repeating_it(
    call: Call, given: bytes, status: int, code: str | None
) -> None:
    answer = call("send-sms", given, idempotency_key="k1")

    assert answer.status_code == status
    assert code is None or answer.json()["code"] == code
    assert "02188776655" not in answer.content.decode()
    assert not Message.objects.exists()


def test_without_a_key_nothing_is_accepted(call: Call) -> None:
    assert refused(call("send-sms", sms())) == (400, "idempotency-key-missing")
    letter = body(person=MOTHER, title="ع", body="م")
    assert refused(call("deposit-letter", letter)) == (400, "idempotency-key-missing")


@pytest.mark.req("MSG-02")
def test_a_consumer_without_a_mask_may_not_send(call: Call) -> None:
    answer = call("send-sms", sms(), idempotency_key="k1", x_road_client="IR-TEST/GOV/1/other")

    assert refused(answer) == (403, "sender-not-registered")


@pytest.mark.req("MSG-10")
def test_a_number_is_not_flooded(call: Call) -> None:
    for nth in range(20):
        assert call("send-sms", sms(), idempotency_key=f"k{nth}").status_code == 202

    answer = call("send-sms", sms(), idempotency_key="k20")

    assert refused(answer) == (429, "too-many-messages")
    assert answer["retry-after"] == "3600"
    assert call("send-sms", sms(text="دیگر"), idempotency_key="k21").status_code == 202


@pytest.mark.parametrize("service", ["send-sms", "deposit-letter", "mailbox", "open-letter"])
def test_only_the_exchange_may_call(service: str) -> None:
    answer = Client().post(f"/messaging/{service}", b"{}", content_type="application/json")

    assert refused(answer) == (401, "not-through-the-exchange")


@pytest.mark.req("MSG-07")
def test_a_mailbox_reads_as_the_sdk_expects(call: Call) -> None:
    letter_id = deposit(call, notify="09121234567")

    answer = call("mailbox", body(person=MOTHER), **OWNER)

    box = msgspec.convert(answer.json(), Mailbox, strict=False)
    assert (box.unread, len(box.letters)) == (1, 1)
    assert box.letters[0].letter_id == letter_id
    assert (box.letters[0].title, box.letters[0].body) == ("شناسنامه", "")
    assert box.letters[0].tracking_id == "TRK-9"
    assert box.letters[0].read_at is None
    assert Message.objects.get().mobile == MOBILE


def test_an_opened_letter_reads_as_the_sdk_expects_and_counts_as_read(call: Call) -> None:
    letter_id = deposit(call)

    answer = call("open-letter", body(person=MOTHER, letter_id=letter_id), **OWNER)

    letter = msgspec.convert(answer.json(), Letter, strict=False)
    assert (letter.body, letter.sender) == ("متن نامه", "سازمان ثبت احوال کشور")
    assert letter.read_at is not None
    assert call("mailbox", body(person=MOTHER), **OWNER).json()["unread"] == 0


def test_an_empty_box_is_no_error(call: Call) -> None:
    assert call("mailbox", body(person=MOTHER), **OWNER).json() == {"unread": 0, "letters": []}


@pytest.mark.parametrize("user", ["", f"IR{FATHER}"])
@pytest.mark.parametrize("service", ["mailbox", "open-letter"])
def test_a_box_is_closed_to_everybody_else(call: Call, service: str, user: str) -> None:
    letter_id = deposit(call)
    who = {"x_road_userid": user} if user else {}

    answer = call(service, body(person=MOTHER, letter_id=letter_id), **who)

    assert refused(answer) == (403, "not-your-mailbox")


def test_a_wrong_owner_is_named_as_a_field_and_not_repeated(call: Call) -> None:
    letter = body(person="1234567890", title="ع", body="م")
    answer = call("deposit-letter", letter, idempotency_key="k1")

    assert refused(answer) == (422, "body-invalid")
    assert "1234567890" not in answer.content.decode()
    assert "person" in answer.json()["detail"]


def test_every_service_of_the_sdk_is_described_in_openapi() -> None:
    described = Client().get("/messaging/openapi.json").json()

    assert set(described["paths"]) == {
        "/messaging/send-sms",
        "/messaging/deposit-letter",
        "/messaging/mailbox",
        "/messaging/open-letter",
    }
