"""Level 2: a face compared by the civil registry, over the exchange (SSO-10, SSO-11)."""

import base64
import io
import logging
import struct
import zlib
from typing import Any

import pytest
from conftest import Clock
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from exchange_side import SEX, Citizen, ExchangeSide
from hypothesis import given
from hypothesis import strategies as st
from people import (
    HOST,
    Walk,
    authorize,
    back_at_client,
    citizen,
    claims_of,
    journey_in,
    redeem,
    registered,
    sign_in,
)
from PIL import Image, PngImagePlugin

from panjereh.common.outbox.models import OutboxEvent
from panjereh.sandbox.faces.camera import camera_picture
from panjereh.sso.biometrics import photos
from panjereh.sso.models import AttainedLevel, Person, Session, SignIn
from panjereh.sso.policy import policy
from panjereh.sso.safety.models import Notice

pytestmark = pytest.mark.django_db
LEVEL_2 = "urn:panjereh:level:2"


def picture(size: tuple[int, int] = (480, 640), kind: str = "JPEG", **options: Any) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", size, "#d3a37a").save(kept, kind, **options)
    return kept.getvalue()


def photo_of(raw: bytes, name: str = "me.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, raw, content_type="image/jpeg")


@pytest.fixture
def at_face(inside: Client, exchange: ExchangeSide) -> Walk:
    """Signed in at level 1, and a service asks for level 2."""
    exchange.add(citizen())
    return Walk(inside, exchange, journey_in(authorize(inside, acr_values=LEVEL_2)["Location"]))


def give(walk: Walk, raw: bytes) -> Any:
    return walk.client.post(walk.at("face"), {"photo": photo_of(raw)}, **HOST)


def own_photo(shot: int = 0) -> bytes:
    return camera_picture(citizen().national_id, SEX, shot=shot)


def foreign_photo() -> bytes:
    return camera_picture(citizen(2).national_id, SEX)


@pytest.mark.req("SSO-10")
@pytest.mark.req("SSO-11")
def test_a_matching_face_leads_on_to_the_service_at_level_2(at_face: Walk, person: Person) -> None:
    client = at_face.client
    before = client.cookies["sso"].value
    assert at_face.at("face") in at_face.get("step-up").content.decode()
    response = give(at_face, own_photo())
    assert client.cookies["sso"].value != before
    code = back_at_client(client.get(response["Location"], **HOST)).told["code"]
    claims = claims_of(client, redeem(client, code).json()["id_token"])
    assert (claims["acr"], claims["amr"]) == (LEVEL_2, ["sms", "face"])
    session = Session.objects.get()
    assert claims["auth_time"] == int(session.authenticated_at.timestamp())
    assert (session.level, session.ways) == (2, ["sms", "face"])


def test_what_was_reached_is_kept_and_told_once(at_face: Walk, person: Person) -> None:
    give(at_face, own_photo())
    kept = AttainedLevel.objects.get(person=person, level=2)
    assert kept.proof == "civil-registry+face"
    assert Notice.objects.filter(person_id=person.id, kind="level-attained").count() == 1
    assert OutboxEvent.objects.filter(type__endswith="sso.level.attained").count() == 1
    assert SignIn.objects.filter(person=person, way="face", level=2).count() == 1
    again = Client()
    sign_in(again, person)
    second = journey_in(authorize(again, acr_values=LEVEL_2)["Location"])
    give(Walk(again, at_face.exchange, second), own_photo(1))
    assert Notice.objects.filter(person_id=person.id, kind="level-attained").count() == 1


def test_another_face_is_refused_and_nothing_is_said_of_the_portrait(
    at_face: Walk, person: Person
) -> None:
    page = give(at_face, foreign_photo()).content.decode()
    assert "ثبت احوال با این عکس" in page
    assert Session.objects.get().ways == ["sms"]
    assert not AttainedLevel.objects.filter(person=person, level=2).exists()
    assert back_at_client(authorize(at_face.client, acr_values=LEVEL_2, prompt="none")).told[
        "error"
    ] == ("unmet_authentication_requirements")


def test_each_picture_that_cannot_be_used_is_explained_at_the_field(at_face: Walk) -> None:
    crowd = Image.new("RGB", (960, 640))
    for place in (0, 480):
        crowd.paste(Image.open(io.BytesIO(own_photo())).resize((480, 640)), (place, 0))
    several = io.BytesIO()
    crowd.save(several, "JPEG")
    said = {
        b"not an image at all": "عکسی نیست که بتوانیم بخوانیم",
        picture((100, 100)): "خیلی کوچک است",
        b"": "خالی است",
        picture(kind="GIF"): "عکسی نیست که بتوانیم بخوانیم",
        several.getvalue(): "چند چهره",
        blank(): "چهره‌ای دیده نمی‌شود",
        own_photo()[:2000]: "عکسی نیست که بتوانیم بخوانیم",
    }
    for raw, words in said.items():
        page = give(at_face, raw).content.decode()
        assert words in page, words
        assert 'href="#id_photo"' in page
    without = at_face.client.post(at_face.at("face"), {}, **HOST).content.decode()
    assert "عکسی از چهرهٔ خود بگیرید" in without


def blank() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (400, 500), "#406080").save(kept, "JPEG")
    return kept.getvalue()


def test_a_file_that_is_too_large_is_not_even_kept_in_memory(at_face: Walk, settings: Any) -> None:
    settings.SSO_POLICY = {"photo_file": 100_000}
    assert "بیش از اندازه بزرگ" in give(at_face, own_photo() + b"\0" * 200_000).content.decode()
    assert not at_face.exchange.photos


def test_an_image_bomb_is_refused_by_its_head(at_face: Walk) -> None:
    """A thousand million pixels of black in a few kilobytes; it is never unfolded."""
    assert "پیکسل‌های زیادی" in give(at_face, bomb(32_000, 32_000)).content.decode()
    assert "پیکسل‌های زیادی" in give(at_face, bomb(5_001, 5_000)).content.decode()
    assert not at_face.exchange.photos


def bomb(width: int, height: int) -> bytes:
    """A PNG whose head says so; what follows is never read."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    whole = struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    data = b"IDAT" + zlib.compress(b"\0" * 10_000)
    body = struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    return b"\x89PNG\r\n\x1a\n" + whole + body


def test_where_and_with_what_a_photo_was_taken_does_not_leave_this_place(at_face: Walk) -> None:
    image = Image.open(io.BytesIO(own_photo()))
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Maker of the telephone", {1: "N", 2: (35.0, 41.0, 21.0)}
    noted = io.BytesIO()
    image.save(noted, "JPEG", exif=exif, comment=b"home of the family")
    assert b"Maker" in noted.getvalue()
    give(at_face, noted.getvalue())
    (sent,) = at_face.exchange.photos
    assert not sent.getexif()
    assert set(sent.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_notes_in_a_png_stay_behind_and_a_turned_photo_is_turned_back() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "somebody")
    png = photos.small_photo(picture(kind="PNG", pnginfo=notes), most_pixels=10**7)
    assert b"somebody" not in png
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = photos.small_photo(picture((640, 480), exif=exif), most_pixels=10**7)
    assert Image.open(io.BytesIO(turned)).size == (480, 640)


@given(st.binary(max_size=400))
def test_no_bytes_however_odd_break_the_reading_of_photos(raw: bytes) -> None:
    for head in (b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x20\0\0\0WEBP"):
        with pytest.raises(photos.PhotoRefused):
            photos.small_photo(head + raw, most_pixels=10**6)


def test_five_tries_an_hour_then_there_are_ways_on(
    at_face: Walk, clock: Clock, settings: Any
) -> None:
    for _ in range(policy().face_tries_per_hour):
        assert give(at_face, foreign_photo()).status_code == 200
    locked = give(at_face, own_photo())
    assert locked.status_code == 429
    assert int(locked["Retry-After"]) > 0
    page = locked.content.decode()
    assert "دفتر" in page
    assert "give-up" in page
    clock.forward(hours=1)
    sign_in(at_face.client, Person.objects.get())
    walk = Walk(
        at_face.client,
        at_face.exchange,
        journey_in(authorize(at_face.client, acr_values=LEVEL_2)["Location"]),
    )
    assert give(walk, own_photo()).status_code == 302


def test_the_registrys_own_lock_is_a_lock_here_too(at_face: Walk) -> None:
    at_face.exchange.tried_out.add(citizen().national_id)
    assert give(at_face, own_photo()).status_code == 429


def test_a_registry_that_is_away_is_said_with_a_way_on(at_face: Walk) -> None:
    at_face.exchange.away.add("civil-registry")
    response = give(at_face, own_photo())
    assert response.status_code == 503
    assert "کمی بعد" in response.content.decode() or "دوباره" in response.content.decode()


def test_the_photo_and_the_number_are_in_no_log_and_no_table(
    at_face: Walk, caplog: Any, person: Person
) -> None:
    at_face.exchange.away.add("civil-registry")
    with caplog.at_level(logging.DEBUG):
        give(at_face, own_photo())
        at_face.exchange.away.clear()
        give(at_face, own_photo())
    sent = base64.b64encode(own_photo())[:60].decode()
    assert person.national_id not in caplog.text
    assert sent not in caplog.text
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM information_schema.columns WHERE data_type = 'bytea'"
            " AND table_schema = 'public' AND table_name LIKE 'sso_biometrics%'"
        )
        assert cursor.fetchone()[0] == 0


def test_the_page_is_for_who_is_signed_in_on_this_browser(at_face: Walk) -> None:
    stranger = Client()
    other = Walk(stranger, at_face.exchange, at_face.journey)
    assert other.get("face").status_code == 410
    assert give(other, own_photo()).status_code == 410
    Session.objects.update(ended_at=Session.objects.get().started_at)
    assert "/login/" in at_face.get("face")["Location"]
    assert "/login/" in give(at_face, own_photo())["Location"]
    assert not at_face.exchange.photos


def test_a_form_of_another_site_is_refused(at_face: Walk) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = at_face.client.cookies
    sent = strict.post(at_face.at("face"), {"photo": photo_of(own_photo())}, **HOST)
    assert sent.status_code == 403
    assert not at_face.exchange.photos


def test_without_need_for_it_the_page_compares_nothing(
    inside: Client, exchange: ExchangeSide
) -> None:
    exchange.add(citizen())
    walk = Walk(inside, exchange, journey_in(authorize(inside, prompt="login")["Location"]))
    assert "/continue/" in give(walk, own_photo())["Location"]
    assert not exchange.photos


def test_people_whom_the_civil_registry_does_not_know_are_not_led_to_it(
    window: str, browser: Client, exchange: ExchangeSide
) -> None:
    abroad = registered(Citizen("100000000012", "1990-01-01", "+989120000009"), kind="fida")
    sign_in(browser, abroad)
    walk = Walk(browser, exchange, journey_in(authorize(browser, acr_values=LEVEL_2)["Location"]))
    assert walk.at("face") not in walk.get("step-up").content.decode()
