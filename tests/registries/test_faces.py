"""A face compared with the portrait in the register: the service and the sandbox's matcher."""

import base64
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from callers import CONSUMER
from PIL import Image

from panjereh.common import clock
from panjereh.common.problems import Problem
from panjereh.registries.civil import faces
from panjereh.registries.civil.faces import match_face
from panjereh.registries.civil.models import Authentication
from panjereh.sandbox.faces import matcher
from panjereh.sandbox.faces.camera import camera_picture
from panjereh.sandbox.faces.counting import faces_in
from panjereh.sandbox.faces.drawing import portrait
from panjereh.sdk import civil_registry, exchange

PEOPLE, STRANGERS = 200, 8


def sex_of(number: int) -> str:
    return "female" if number % 2 else "male"


def opened(raw: bytes) -> Image.Image:
    return Image.open(io.BytesIO(raw))


def as_jpeg(image: Image.Image) -> bytes:
    kept = io.BytesIO()
    image.convert("RGB").save(kept, "JPEG")
    return kept.getvalue()


def tried(person: Any, photo: bytes) -> faces.FaceMatch:
    return match_face(
        national_id=person.pk, photo=base64.b64encode(photo).decode(), consumer=CONSUMER
    )


@pytest.mark.req("SSO-10")
def test_ones_own_camera_picture_matches_and_nobody_elses_does() -> None:
    """False rejects 0 of 200, false accepts 0 of 1,600 here; docs/assurance-levels.md has more."""
    numbers = [f"{n:010d}" for n in range(PEOPLE)]
    own = [matcher.faces_of(portrait(n, sex_of(i))) for i, n in enumerate(numbers)]
    rejected = accepted = 0
    for i, number in enumerate(numbers):
        probes = matcher.probes(opened(camera_picture(number, sex_of(i))))
        rejected += matcher.likeness_of(own[i], probes) < matcher.SUFFICIENT
        for step in range(1, STRANGERS + 1):
            other = own[(i + step * 29) % PEOPLE]
            accepted += matcher.likeness_of(other, probes) >= matcher.SUFFICIENT
    assert (rejected, accepted) == (0, 0)


def test_a_portrait_is_the_same_each_time_and_no_shot_is_the_portrait() -> None:
    one, again = portrait("0000000001", "male"), portrait("0000000001", "male")
    assert one.tobytes() == again.tobytes()
    assert camera_picture("0000000001", "male") == camera_picture("0000000001", "male")
    assert camera_picture("0000000001", "male", shot=1) != camera_picture("0000000001", "male")


def test_drawn_faces_are_counted() -> None:
    assert faces_in(Image.new("RGB", (300, 400), "#406080")) == 0
    for number in range(40):
        one = portrait(f"{number:010d}", sex_of(number))
        assert faces_in(one) == 1, number
    two = Image.new("RGB", (480, 320))
    two.paste(portrait("0000000001", "male"), (0, 0))
    two.paste(portrait("0000000002", "male"), (240, 0))
    assert faces_in(two) == 2


def test_the_service_says_yes_or_no_and_when_and_keeps_no_picture(
    new_person: Callable[..., Any], over_the_exchange: Callable[..., Any]
) -> None:
    person, other = new_person(), new_person()
    yes = civil_registry.match_face(person.pk, photo=camera_picture(person.pk, person.sex))
    no = civil_registry.match_face(person.pk, photo=camera_picture(other.pk, other.sex))
    assert (yes.matched, yes.problem, no.matched, no.problem) == (True, "", False, "")
    kept = Authentication.objects.get(pk=yes.reference)
    assert (kept.method, kept.succeeded) == ("face", True)
    assert yes.at
    assert abs(kept.at - yes.at) < timedelta(milliseconds=1)
    assert {field.name for field in Authentication._meta.fields} == {
        "reference", "method", "national_id", "consumer", "succeeded", "at"
    }  # fmt: skip


def test_a_failed_match_tells_nothing_that_helps_to_come_nearer(
    new_person: Callable[..., Any],
) -> None:
    person, other = new_person(), new_person()
    failed = tried(person, camera_picture(other.pk, other.sex))
    assert (failed.matched, failed.band, failed.problem) == (False, "none", "")


def test_a_picture_without_a_face_or_with_several_is_said_and_not_counted(
    new_person: Callable[..., Any],
) -> None:
    person = new_person()
    crowd = Image.new("RGB", (480, 320))
    crowd.paste(portrait(person.pk, person.sex), (0, 0))
    crowd.paste(portrait("0000000002", "male"), (240, 0))
    assert tried(person, as_jpeg(Image.new("RGB", (300, 400), "#406080"))).problem == "no-face"
    assert tried(person, as_jpeg(crowd)).problem == "several-faces"
    assert not Authentication.objects.exists()


def test_after_five_failures_nobody_may_try_for_an_hour_and_cards_are_counted_apart(
    new_person: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from panjereh.registries.civil.authentication import TRIES, authenticate

    person, other = new_person(), new_person()
    wrong, right = (camera_picture(p.pk, p.sex) for p in (other, person))
    for _ in range(TRIES):
        assert not tried(person, wrong).matched
    with pytest.raises(Problem, match="too-many-tries"):
        tried(person, right)
    assert not authenticate(
        national_id=person.pk, card_serial="1A00000000", consumer=CONSUMER
    ).succeeded

    later = clock.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert tried(person, right).matched


def test_the_dead_match_nobody(new_person: Callable[..., Any]) -> None:
    person = new_person()
    person.died_on = person.birth_date
    person.save()
    assert not tried(person, camera_picture(person.pk, person.sex)).matched


@pytest.mark.parametrize("photo", ["%%%", base64.b64encode(b"GIF89a").decode(), "AAAA"])
def test_what_is_no_jpeg_is_refused(new_person: Callable[..., Any], photo: str) -> None:
    with pytest.raises(Problem, match="photo-unreadable"):
        match_face(national_id=new_person().pk, photo=photo, consumer=CONSUMER)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    new_person: Callable[..., Any],
) -> None:
    large = as_jpeg(Image.new("RGB", (faces.LARGEST_SIDE + 1, 10)))
    with pytest.raises(Problem, match="photo-too-large"):
        tried(new_person(), large)


def test_a_person_whom_nobody_knows_is_refused(
    db: None, over_the_exchange: Callable[..., Any]
) -> None:
    with pytest.raises(exchange.Rejected, match="person-unknown"):
        civil_registry.match_face("9002718284", photo=camera_picture("9002718284", "male"))


def test_without_an_engine_that_is_said(new_person: Callable[..., Any], settings: Any) -> None:
    person = new_person()
    settings.FACE_MATCHER = ""
    faces._matcher.cache_clear()
    try:
        with pytest.raises(Problem, match="no-matcher"):
            tried(person, camera_picture(person.pk, person.sex))
    finally:
        faces._matcher.cache_clear()
