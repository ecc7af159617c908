"""The chip of the national card (SSO-19): offline, after PIN 1, and the entry is the consent."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as current
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from exchange_side import ExchangeSide
from people import HOST, Walk, back_at_client, citizen, claims_of, redeem, registered
from signing import Notary
from test_signatures import bring, challenge_on, notary, notary_open, refused, to_sign
from typer.testing import CliRunner

from panjereh import cli
from panjereh.runtime.environment import environment
from panjereh.sandbox.authority.cards import SimulatedReader, issue_card, make_card_issuer
from panjereh.sandbox.authority.counter import CardTrouble as CounterTrouble
from panjereh.sandbox.authority.counter import read_card
from panjereh.sdk.card_reading import CardReader, CardTrouble, check_reading
from panjereh.sso import levels as levels_file
from panjereh.sso.models import Person
from panjereh.sso.signatures.chips import card_issuers
from panjereh.sso.signatures.models import CardReading

__all__ = ["notary", "notary_open"]

PIN, FOR, BY = "2718", "ورود به پنجرهٔ آزمون", "counter 7"
TODAY = datetime.now(UTC).date()
LEVEL_4 = "urn:example:signed-with-card"

pytestmark = pytest.mark.django_db


def home() -> Path:
    """Whose issuer of cards the sign-on of this test believes."""
    return Path(current.SIGNATURE_AUTHORITIES).parents[1]


def facts(person: Person) -> dict[str, str]:
    names = ("national_id", "given_name", "family_name", "father_name")
    return {n: str(getattr(person, n)) for n in names} | {"birth_date": str(person.birth_date)}


def card_of(person: Person, folder: Path, **more: Any) -> Path:
    path = folder / f"{person.id}.card"
    issue_card(make_card_issuer(home()), path, facts(person), pin=PIN, **more)
    return path


@pytest.fixture
def level_4(settings: Any, tmp_path: Path) -> str:
    """A level that asks for a signature and the card."""
    ours = Path(levels_file.__file__).with_name("levels.yaml").read_text()
    file = tmp_path / "levels.yaml"
    file.write_text(
        ours + f"- {{level: 4, acr: '{LEVEL_4}', name: {{fa: چهار, en: Four}},"
        " ways: [signature+chip], single_sign_on: false}\n"
    )
    settings.SSO_LEVELS = file
    return LEVEL_4


def read(card: Path, challenge: bytes, tmp_path: Path, pin: str = PIN) -> bytes:
    file = tmp_path / "challenge.json"
    file.write_bytes(challenge)
    _, kept = read_card(card, tmp_path, pin=pin, purpose=FOR, reader=BY, file=file)
    return kept.read_bytes()


@pytest.fixture(autouse=True)
def _counter(tmp_path: Path, notary: Notary) -> None:
    """The counter believes the same issuer as the sign-on."""
    ours = tmp_path / "keys" / "signatures" / "cards"
    ours.mkdir(parents=True)
    issuer = make_card_issuer(home()) / "issuer.crt"
    (ours / "issuer.crt").write_bytes(issuer.read_bytes())


def show(walk: Walk, reading: bytes) -> Any:
    file = SimpleUploadedFile("card.reading.json", reading)
    return walk.client.post(walk.at("chip", "en"), {"reading": file}, **HOST)


@pytest.mark.req("SSO-19", "SSO-11")
def test_a_configured_level_asks_for_signature_and_card_and_the_entry_is_kept_as_consent(
    inside: Client,
    exchange: ExchangeSide,
    notary: Notary,
    person: Person,
    level_4: str,
    tmp_path: Path,
) -> None:
    walk = to_sign(inside, exchange, acr_values=level_4)
    bring(walk, notary.certify(person).cms(challenge_on(walk)))
    step = walk.get("continue")["Location"]
    assert walk.client.get(step, **HOST)["Location"] == walk.at("chip")
    response = show(walk, read(card_of(person, tmp_path), challenge_on(walk), tmp_path))
    assert response.status_code == 302, refused(response)
    code = back_at_client(walk.get("continue")).told["code"]
    claims = claims_of(inside, redeem(inside, code).json()["id_token"])
    assert claims["acr"] == level_4
    assert set(claims["amr"]) == {"sms", "pop", "sc"}
    kept = CardReading.objects.get()
    assert (kept.person, kept.purpose, kept.reader) == (person, FOR, BY)
    assert check_reading(bytes(kept.reading), card_issuers(), today=TODAY).consent.reader


@pytest.fixture
def at_chip(inside: Client, exchange: ExchangeSide, notary: Notary, level_4: str) -> Walk:
    return to_sign(inside, exchange, acr_values=level_4)


def test_the_card_of_somebody_else_is_refused(
    at_chip: Walk, tmp_path: Path, person: Person
) -> None:
    other = card_of(registered(citizen(2)), tmp_path)
    response = show(at_chip, read(other, challenge_on(at_chip), tmp_path))
    assert refused(response) == "card-of-somebody-else"


def test_a_reading_for_something_else_is_refused(
    at_chip: Walk, person: Person, tmp_path: Path, exchange: ExchangeSide
) -> None:
    card = card_of(person, tmp_path)
    assert refused(show(at_chip, read(card, b"another file", tmp_path))) == "something-else"
    other = to_sign(at_chip.client, exchange, acr_values=LEVEL_4)
    reading = read(card, challenge_on(other), tmp_path)
    assert refused(show(at_chip, reading)) == "other-journey"
    reading = read(card, challenge_on(at_chip), tmp_path)
    assert show(at_chip, reading).status_code == 302
    assert refused(show(other, reading)) == "used"


def test_forged_altered_and_old_cards_are_refused(
    at_chip: Walk, person: Person, tmp_path: Path
) -> None:
    challenge = challenge_on(at_chip)
    card = card_of(person, tmp_path)
    good = json.loads(read(card, challenge, tmp_path))

    data = json.loads(base64.b64decode(good["data"])) | {"given_name": "Somebody"}
    altered = good | {"data": base64.b64encode(json.dumps(data).encode()).decode()}
    assert refused(show(at_chip, json.dumps(altered).encode())) == "card-forged"

    statement = json.loads(base64.b64decode(good["statement"])) | {"purpose": "a loan"}
    other = good | {"statement": base64.b64encode(json.dumps(statement).encode()).decode()}
    assert refused(show(at_chip, json.dumps(other).encode())) == "card-forged"

    forger = tmp_path / "forger"
    path = tmp_path / "forged.card"
    issue_card(make_card_issuer(forger), path, facts(person), pin=PIN)
    raw = SimulatedReader(path).read(pin=PIN, purpose=FOR, reader=BY, challenge="")
    assert refused(show(at_chip, raw)) == "card-forged"

    yesterday = datetime.now(UTC).date() - timedelta(days=2)
    old = card_of(person, tmp_path, valid_until=yesterday)
    raw = SimulatedReader(old).read(pin=PIN, purpose=FOR, reader=BY, challenge="")
    assert refused(show(at_chip, raw)) == "card-expired"
    assert refused(show(at_chip, b"{}")) == "card-unreadable"
    assert refused(show(at_chip, b"0" * 200_000)) == "too-large"


def test_three_wrong_pins_lock_the_card_for_the_right_one_too(
    person: Person, tmp_path: Path
) -> None:
    reader: CardReader = SimulatedReader(card_of(person, tmp_path))
    for expected in ("wrong-pin", "wrong-pin", "locked"):
        with pytest.raises(CardTrouble) as told:
            reader.read(pin="0000", purpose=FOR, reader=BY)
        assert told.value.code == expected
    with pytest.raises(CardTrouble) as told:
        reader.read(pin=PIN, purpose=FOR, reader=BY)
    assert told.value.code == "locked"


def test_a_right_pin_forgets_the_wrong_ones(person: Person, tmp_path: Path) -> None:
    reader = SimulatedReader(card_of(person, tmp_path))
    for _ in range(3):
        for wrong in ("0000", "1111"):
            with pytest.raises(CardTrouble):
                reader.read(pin=wrong, purpose=FOR, reader=BY)
        assert reader.read(pin=PIN, purpose=FOR, reader=BY)


def test_without_purpose_and_reader_nothing_counts_as_consent(
    person: Person, tmp_path: Path
) -> None:
    raw = SimulatedReader(card_of(person, tmp_path)).read(pin=PIN, purpose="", reader=BY)
    with pytest.raises(CardTrouble) as told:
        check_reading(raw, card_issuers(), today=TODAY)
    assert told.value.code == "no-consent"


@pytest.mark.req("SSO-19")
def test_at_a_counter_the_card_is_read_offline_and_every_entry_is_written_down(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = card_of(person, tmp_path)
    monkeypatch.setenv("PANJEREH_HOME", str(tmp_path))
    environment.cache_clear()
    try:
        words = ["card", "read", str(card), "--purpose", FOR, "--reader", BY]
        wrong = CliRunner().invoke(cli.app, words, input="0000\n")
        right = CliRunner().invoke(cli.app, words, input=f"{PIN}\n")
    finally:
        monkeypatch.undo()
        environment.cache_clear()
    assert wrong.exit_code == 1
    assert person.national_id in right.output
    assert PIN not in right.output
    book = (tmp_path / "card-readings.jsonl").read_text()
    lines = [json.loads(line) for line in book.splitlines()]
    assert [line["outcome"] for line in lines] == ["wrong-pin", "read"]
    assert all((line["purpose"], line["reader"]) == (FOR, BY) and line["at"] for line in lines)
    assert person.national_id not in book


def test_a_counter_says_in_one_line_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CounterTrouble, match="cannot be read"):
        read_card(tmp_path / "no.card", tmp_path, pin=PIN, purpose=FOR, reader=BY)


def test_a_form_of_another_site_and_a_stranger_show_no_card(
    at_chip: Walk, person: Person, tmp_path: Path
) -> None:
    reading = read(card_of(person, tmp_path), challenge_on(at_chip), tmp_path)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = at_chip.client.cookies
    file = SimpleUploadedFile("card.reading.json", reading)
    assert strict.post(at_chip.at("chip"), {"reading": file}, **HOST).status_code == 403
    assert Client().get(at_chip.at("chip"), **HOST).status_code == 410


def test_production_believes_no_card_of_the_sandbox(settings: Any) -> None:
    make_card_issuer(home())
    settings.PROFILE = "production"
    assert card_issuers() == []
