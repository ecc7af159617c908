"""The service `exchange-records/proof`: the sides of a call get its proof over the exchange."""

import json
import secrets
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bookkeeping import Books
from django.http import HttpResponse
from django.test import Client
from people import THIRD
from sample import CONSUMER, PROVIDER, keys_in, log_of, record, records

from panjereh.common.http_signatures import content_digest, hmac_signer, sign
from panjereh.exchange.evidence.config import Config
from panjereh.exchange.evidence.log import Log
from panjereh.exchange.evidence.verify import verify
from panjereh.sdk import provider
from panjereh.sdk.evidence import Proof

COUNT = 300
SYSTEM = "exchange-records"
TARGET = f"/{SYSTEM}/proof"


@pytest.fixture
def secret(conf: Config) -> Iterator[bytes]:
    """What gateway and provider share."""
    made = secrets.token_bytes(32)
    (conf.keys / "providers").mkdir()
    (conf.keys / "providers" / f"{SYSTEM}.hmac").write_text(made.hex())
    provider._secret.cache_clear()
    yield made
    provider._secret.cache_clear()


@pytest.fixture
def log(tmp_path: Path, conf: Config, books: Books) -> Iterator[Log]:
    books.enter(records(COUNT))
    made = log_of(tmp_path, COUNT)
    yield made
    made.close()


def asked(secret: bytes, consumer: str, request_id: str) -> HttpResponse:
    body = json.dumps({"request_id": request_id}).encode()
    headers = {
        "x-road-client": consumer,
        "x-road-request-id": str(uuid.uuid4()),
        "content-type": "application/json",
        "content-digest": content_digest(body),
    }
    signer = hmac_signer(secret)
    headers |= sign("POST", TARGET, headers, keyid=SYSTEM, algorithm="hmac-sha256", signer=signer)
    content_type = headers.pop("content-type")
    answer: Any = Client().post(TARGET, body, content_type=content_type, headers=headers)
    return answer  # type: ignore[no-any-return]


@pytest.mark.req("NIX-39")
@pytest.mark.parametrize(
    "side",
    [CONSUMER, PROVIDER, CONSUMER.replace("civil-registration-window", "another-of-its-systems")],
)
def test_a_side_of_the_call_gets_a_proof_that_convinces_an_outsider(
    log: Log, secret: bytes, tmp_path: Path, side: str
) -> None:
    answer = asked(secret, side, record(7).request_id)
    assert answer.status_code == 200
    given = Proof(**answer.json())  # type: ignore[attr-defined]
    vkey = str(keys_in(tmp_path).signer.verifier)
    verdict = verify(given.proof, given.record.encode(), [vkey])
    assert (verdict.valid, verdict.index) == (True, 7)
    assert json.loads(given.bundle)["record"] == given.record


@pytest.mark.req("NIX-39", "PRV-01")
@pytest.mark.parametrize(
    "caller", [THIRD, "IR-TEST/GOV/1400000000/x", "IR-TEST/GOV/14000000001x/y", "IR-TEST"]
)
def test_of_the_calls_of_others_nothing_is_told(log: Log, secret: bytes, caller: str) -> None:
    answer = asked(secret, caller, record(7).request_id)
    assert (answer.status_code, answer.json()["code"]) == (404, "call-unknown")  # type: ignore[attr-defined]
    unknown = asked(secret, CONSUMER, str(uuid.uuid4()))
    assert unknown.json() == answer.json()  # type: ignore[attr-defined]


def test_a_call_that_the_log_has_not_read_yet_is_asked_for_again(
    log: Log, books: Books, secret: bytes
) -> None:
    books.enter([record(COUNT)])
    answer = asked(secret, PROVIDER, record(COUNT).request_id)
    assert (answer.status_code, answer["Retry-After"]) == (409, "2")


def test_only_the_exchange_may_ask(log: Log, secret: bytes) -> None:
    assert asked(secrets.token_bytes(32), CONSUMER, record(7).request_id).status_code == 401
    assert Client().post(TARGET, {}).status_code == 401
