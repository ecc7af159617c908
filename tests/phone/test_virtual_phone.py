"""The sandbox's phone: a number is asked for, what arrived there is shown, and only there."""

import json
from typing import Any

import pytest
from django.test import Client

from panjereh.national.messaging.smpp.parts import Part
from panjereh.sandbox.faces.camera import camera_picture
from panjereh.sandbox.phone.actions import arrive
from panjereh.sandbox.phone.models import ArrivedMessage

MOBILE, OTHER = "+989121234567", "+989351112233"

pytestmark = pytest.mark.django_db


def sms(text: str, *, mobile: str = MOBILE) -> ArrivedMessage:
    return arrive(mobile=mobile, sender="404011", part=Part(text))


def look(client: Client, mobile: str = "۰۹۱۲ ۱۲۳ ۴۵۶۷", language: str = "fa") -> Any:
    return client.post(f"/{language}/", {"mobile": mobile}, follow=True)


def ask(body: Any) -> Any:
    return Client().post("/messages", json.dumps(body), content_type="application/json")


def test_messages_are_shown_newest_first(client: Client) -> None:
    sms("کد شما 111111")
    sms("کد شما 222222")

    page = look(client).content.decode()

    assert page.index("222222") < page.index("111111")


def test_nobody_else_s_messages_are_shown(client: Client) -> None:
    sms("برای دیگری", mobile=OTHER)

    page = look(client).content.decode()

    assert "برای دیگری" not in page
    assert "هنوز پیامکی به این شماره نرسیده است." in page


def test_the_number_is_in_no_address(client: Client) -> None:
    answer = look(client)

    assert answer.redirect_chain == [("/fa/screen", 302)]
    assert "no-store" in answer["Cache-Control"]


def test_a_wrong_number_is_explained(client: Client) -> None:
    answer = client.post("/fa/", {"mobile": "02188776655"})

    assert answer.status_code == 400
    assert "govuk-error-summary" in answer.content.decode()


def test_the_screen_without_a_number_asks_for_one(client: Client) -> None:
    assert client.get("/fa/screen").headers["Location"] == "/fa/"


@pytest.mark.parametrize(
    ("language", "words"),
    [("fa", "این گوشی واقعی نیست"), ("en", "This is not a real phone")],
)
def test_the_page_says_that_the_phone_is_not_real(
    client: Client, language: str, words: str
) -> None:
    page = look(client, language=language).content.decode()

    assert words in page
    assert "http-equiv" not in page
    assert '<bdi dir="ltr">' in page


def test_the_front_door_leads_to_the_persian_page(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/fa/"
    assert client.get("/health").json()["status"] == "ok"


def test_machines_get_the_messages_newest_first() -> None:
    first, second = sms("یک"), sms("دو")

    assert ask({"mobile": "09121234567"}).json() == {
        "messages": [
            {"text": "دو", "sender": "404011", "arrived_at": second.arrived_at.isoformat()},
            {"text": "یک", "sender": "404011", "arrived_at": first.arrived_at.isoformat()},
        ]
    }


@pytest.mark.parametrize("body", [{}, {"mobile": "0218"}, [], "x", None])
def test_a_machine_that_asks_wrongly_is_told_so(body: Any) -> None:
    answer = ask(body)

    assert (answer.status_code, answer.json()["code"]) == (422, "body-invalid")


def test_parts_in_any_order_and_twice_make_one_message() -> None:
    three = [Part(text, 7, 3, number) for number, text in enumerate(["یک ", "دو ", "سه"], 1)]
    for part in (three[2], three[0], three[2], three[1]):
        arrive(mobile=MOBILE, sender="404011", part=part)

    assert [m["text"] for m in ask({"mobile": MOBILE}).json()["messages"]] == ["یک دو سه"]


def test_a_part_is_not_shown_before_the_others_are_there() -> None:
    arrive(mobile=MOBILE, sender="404011", part=Part("نیمه", 7, 2, 1))

    assert ask({"mobile": MOBILE}).json() == {"messages": []}


def test_parts_of_two_senders_numbers_or_references_never_mix() -> None:
    for sender, mobile, reference in (
        ("4040", MOBILE, 7),
        ("4041", MOBILE, 7),
        ("4040", MOBILE, 8),
    ):
        arrive(mobile=mobile, sender=sender, part=Part("الف", reference, 2, 1))
    arrive(mobile=OTHER, sender="4040", part=Part("ب", 7, 2, 2))

    assert not ArrivedMessage.objects.filter(complete=True).exists()


def test_its_camera_takes_a_picture_of_somebody_who_does_not_exist(client: Client) -> None:
    asked = {"national_id": "۰۰۸۴۵۷۵۹۴۸", "sex": "female"}
    taken = client.post("/fa/camera", asked)
    assert taken["Content-Type"] == "image/jpeg"
    assert taken.content == camera_picture("0084575948", "female")
    assert "0084575948" not in str(taken.headers)

    page = client.post("/fa/camera", {"national_id": "1"})
    assert page.status_code == 400
    assert "یکی را انتخاب کنید" in page.content.decode()
