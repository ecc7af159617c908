"""Levels as data: what reaches them, from when on, and a fourth by configuration alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from exchange_side import SEX, ExchangeSide
from hypothesis import given
from hypothesis import strategies as st
from people import HOST, Walk, authorize, back_at_client, citizen, claims_of, journey_in, redeem

from panjereh.common import clock
from panjereh.sandbox.faces.camera import camera_picture
from panjereh.sso import levels as levels_file
from panjereh.sso.levels import Proof, level_of, levels, reached, ways_towards
from panjereh.sso.models import AttainedLevel, Person, Session
from panjereh.sso.provider.methods import method_references
from panjereh.sso.sessions.actions import Arrival, begin_session, use_session

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OURS = Path(levels_file.__file__).with_name("levels.yaml")
FOUR = """
- level: 4
  acr: urn:example:four
  name: {fa: چهره و امضا, en: Face and signature}
  ways: [face+signature]
  single_sign_on: true
"""


def proof(way: str, minutes_ago: int = 0, proved: int | None = None) -> Proof:
    return Proof(way, NOW - timedelta(minutes=minutes_ago), proved)


def held(*proofs: Proof, attained: int = 9) -> set[int]:
    return set(reached(proofs, attained))


@pytest.fixture
def four(settings: Any, tmp_path: Path) -> None:
    added = tmp_path / "levels.yaml"
    added.write_text(OURS.read_text() + FOUR)
    settings.SSO_LEVELS = added


@pytest.mark.req("SSO-10")
def test_our_levels_are_reached_by_what_the_law_names() -> None:
    assert held() == set()
    assert held(proof("sms")) == {1}
    assert held(proof("sms"), proof("face")) == {1, 2}
    assert held(proof("face")) == {1, 2}
    assert held(proof("sms"), proof("signature")) == {1, 2, 3}
    assert level_of("face") == 2


def test_a_level_is_the_lower_of_how_identity_was_proved_and_how_one_signs_in() -> None:
    everything = (proof("sms"), proof("face"), proof("signature"))
    for attained in (0, 1, 2, 3):
        assert held(*everything, attained=attained) == set(range(1, attained + 1))


def test_a_way_is_good_for_no_more_than_what_it_was_made_with() -> None:
    assert held(proof("passkey", proved=1)) == {1}
    assert held(proof("passkey", proved=2)) == {1, 2}
    assert held(proof("face"), proof("passkey", proved=1)) == {1, 2}


def test_a_new_proof_of_one_level_does_not_make_another_younger() -> None:
    found = reached([proof("sms", 1), proof("face", 30)], 9)
    assert found == {1: NOW - timedelta(minutes=1), 2: NOW - timedelta(minutes=30)}


@pytest.mark.usefixtures("four")
def test_ways_that_only_reach_a_level_together_are_as_old_as_the_older() -> None:
    assert 4 not in held(proof("face"))
    assert 4 not in held(proof("signature"))
    found = reached([proof("face", 30), proof("signature", 1)], 9)
    assert found[4] == NOW - timedelta(minutes=30)
    assert ways_towards(4, {"sms", "face"}) == {"signature"}
    assert ways_towards(4, set()) == {"face", "signature"}


@given(
    st.lists(
        st.builds(
            Proof,
            st.sampled_from(["sms", "face", "passkey", "signature", "recovery", "nothing"]),
            st.datetimes(timezones=st.just(UTC)),
            st.none() | st.integers(0, 4),
        ),
        unique_by=lambda proof: proof.way,
    ),
    st.integers(0, 5),
)
def test_never_above_what_was_proved_and_a_further_way_takes_nothing_away(
    proofs: list[Proof], attained: int
) -> None:
    found = reached(proofs, attained)
    assert all(level <= attained for level in found)
    assert set(found) == set(range(1, max(found, default=0) + 1))
    for kept in range(len(proofs)):
        fewer = reached(proofs[:kept], attained)
        assert fewer.keys() <= found.keys()
        assert all(found[level] >= at for level, at in fewer.items())


def test_methods_have_the_names_of_the_world() -> None:
    assert method_references(["sms", "face"]) == ["sms", "face"]
    assert method_references(["passkey", "totp", "recovery"]) == ["hwk", "otp"]
    assert method_references(["signature", "chip", "iris"]) == ["pop", "sc", "iris"]


@pytest.mark.req("SSO-11")
@pytest.mark.django_db
@pytest.mark.usefixtures("four", "window")
def test_a_fourth_level_is_added_by_configuration_alone(
    browser: Client, exchange: ExchangeSide, person: Person
) -> None:
    """A person with a certificate signs in by SMS, asks for level 4, and is led to the face."""
    assert [level.level for level in levels()] == [1, 2, 3, 4]
    metadata = browser.get("/.well-known/openid-configuration", **HOST).json()
    assert "urn:example:four" in metadata["acr_values_supported"]

    exchange.add(citizen())
    for level in (2, 3, 4):
        AttainedLevel.objects.create(
            person=person, level=level, proof="test", attained_at=clock.now()
        )
    browser.cookies["sso"] = session_of(person, "sms", "signature")
    walk = Walk(
        browser, exchange, journey_in(authorize(browser, acr_values="urn:example:four")["Location"])
    )
    assert walk.get("step-up")["Location"].endswith(walk.at("face"))
    photo = camera_picture(citizen().national_id, SEX)
    response = browser.post(walk.at("face"), {"photo": named(photo)}, **HOST)
    code = back_at_client(browser.get(response["Location"], **HOST)).told["code"]
    claims = claims_of(browser, redeem(browser, code).json()["id_token"])
    assert (claims["acr"], claims["amr"]) == ("urn:example:four", ["sms", "pop", "face"])
    assert Session.objects.get().level == 4


def named(raw: bytes) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("me.jpg", raw, content_type="image/jpeg")


def session_of(person: Person, *ways: str) -> str:
    """A running session in which these ways were proved, one after the other."""
    key, running = "", None
    for way in ways:
        arrival = Arrival(way=way, browser_sha256="b" * 64, browser="Firefox, Linux")
        key = begin_session(person, arrival, renewing=running)
        running = use_session(key)
    return key
