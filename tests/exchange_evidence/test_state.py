"""What anybody may know of the log, and what a member sees of its own calls."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from bookkeeping import DAWN, DUSK, Books
from django.test import Client
from keeping import keep_until
from people import THIRD, Offices, coming
from pytest_django import Settings
from sample import log_of, record, records
from support.bidi import misplaced_runs

from panjereh.common import clock
from panjereh.exchange.evidence import keeping
from panjereh.exchange.evidence.audit import audit
from panjereh.exchange.evidence.authority import SandboxAuthority
from panjereh.exchange.evidence.config import Config
from panjereh.exchange.evidence.log import Log
from panjereh.exchange.evidence.note import WITNESS, NoteSigner
from panjereh.exchange.evidence.stamps import Stamper, TrustedTime
from panjereh.exchange.evidence.state import log_state

COUNT = 300
COURT = NoteSigner.new("court.example/w", WITNESS)


@pytest.fixture
def log(tmp_path: Path, conf: Config, books: Books, settings: Settings) -> Iterator[Log]:
    settings.EVIDENCE |= {"witnesses": [f"https://court.example={COURT.verifier}"]}
    books.enter(records(COUNT))
    made = log_of(tmp_path, COUNT)
    keeping.tell(made.folder)
    yield made
    made.close()


def page(client: Client, language: str = "en") -> str:
    answer = client.get(f"/{language}/log/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.req("PRV-11")
def test_anybody_sees_how_large_the_log_is_and_who_attests_it(
    log: Log, conf: Config, document_folder: Path, client: Client
) -> None:
    assert "has not signed this head yet" in page(client)
    log.attach(log.published, [COURT.sign(log.published.note.text, 1_800_000_000)])
    trusted = TrustedTime.load(document_folder)
    stamper = Stamper(log.folder, SandboxAuthority(document_folder), trusted)
    assert "There is no time stamp yet" in page(client)
    assert asyncio.run(stamper.stamp(log.published))
    assert "The first audit is still to come" in page(client)
    audit(conf, DAWN, DUSK)
    seen = page(client)
    assert "nix.example/log" in seen
    assert "court.example/w" in seen
    assert "signed this head at" in seen
    assert "the first 300 records" in seen
    assert "None was missing, changed or moved" in seen
    assert "at least 184 days" in seen


def test_the_page_reads_in_persian_and_prints_nothing_backwards(log: Log, client: Client) -> None:
    seen = page(client, "fa")
    assert "دفتر فراخوانی" in seen
    assert misplaced_runs(seen) == []


def test_a_cosignature_that_is_forged_is_not_shown_as_one(log: Log, client: Client) -> None:
    forged = COURT.sign("another text\n", 1_800_000_000)
    log.attach(log.published, [forged])
    assert "has not signed this head yet" in page(client)


def test_what_an_audit_found_is_not_hidden(
    log: Log, conf: Config, books: Books, client: Client
) -> None:
    gone = record(3).request_id
    books.change("DELETE FROM exchange_callrecord WHERE request_id = %s", gone)
    audit(conf, DAWN, DUSK)
    seen = page(client)
    assert "differences were found: 1" in seen
    assert gone not in seen


def test_before_the_first_call_the_page_says_so(conf: Config, client: Client, db: None) -> None:
    assert "No call has been recorded yet" in page(client)


@pytest.mark.req("PRV-11")
def test_a_log_that_nobody_keeps_raises_an_alarm_within_a_minute(
    log: Log, conf: Config, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = log_state(conf)
    assert state.keeping
    assert state.keeping.alarm == ""
    later = clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "nobody keeps the log" in state.keeping.alarm
    assert "not being continued" in page(client)


@pytest.mark.req("PRV-11")
def test_a_log_that_stopped_says_why(tmp_path: Path, conf: Config, nats_url: str) -> None:
    log_of(tmp_path, COUNT).close()
    (conf.folder.path / "state").unlink()
    keep_until(COUNT + 1, nats_url, seconds=0.5)
    told = keeping.told(conf.folder)
    assert told
    assert "state of the log is gone" in told.alarm


@pytest.mark.req("NIX-39")
def test_a_member_sees_its_own_calls_and_no_others(log: Log, books: Books) -> None:
    Offices.enter()
    books.enter([record(COUNT, consumer=THIRD), record(COUNT + 1, provider=THIRD)])
    own = {who: coming(who).get("/en/member/calls/?call=") for who in ("consumer", "third")}
    shown = {who: len(answer.context["lines"]) for who, answer in own.items()}
    assert shown == {"consumer": 50, "third": 2}
    theirs = record(3).request_id
    assert coming("consumer").get(f"/en/member/calls/{theirs}/").status_code == 200
    assert coming("provider").get(f"/en/member/calls/{theirs}/").status_code == 200
    assert coming("third").get(f"/en/member/calls/{theirs}/").status_code == 404
    assert coming("third").get(f"/en/member/calls/?call={theirs}").context["lines"] == []


@pytest.mark.req("NIX-39")
@pytest.mark.parametrize("who", ["operator", "secretary", "auditor", "stranger"])
def test_pages_of_members_are_for_members(log: Log, who: str) -> None:
    Offices.enter()
    visitor = coming(who)
    for path in ("", f"{record(3).request_id}/"):
        assert visitor.get(f"/en/member/calls/{path}").status_code == 403
        assert Client().get(f"/en/member/calls/{path}").status_code == 302


@pytest.mark.req("NIX-39")
def test_the_page_of_a_call_leads_to_its_proof(log: Log) -> None:
    Offices.enter()
    member = coming("provider")
    seen = member.get(f"/fa/member/calls/{record(3).request_id}/").content.decode()
    for kind in ("", ".record", ".tlog-proof"):
        address = f"/log/proof/{record(3).request_id}{kind}"
        assert f'href="{address}"' in seen
        assert member.get(address).status_code == 200
    assert "/fa/grants/" not in seen
    assert misplaced_runs(seen) == []
