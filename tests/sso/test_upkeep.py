"""What the sandbox puts in, what the sweeper takes out, and tables that may be lost in a crash."""

import asyncio
from typing import Any

import pytest
from conftest import Clock
from django.db import connection
from django.test import Client
from people import client_registration, code_for, redeem, register_client

from panjereh.sandbox.seed.sso import make_signing_keys, seed
from panjereh.sso import jobs
from panjereh.sso.journeys.actions import begin_journey
from panjereh.sso.models import AccessToken, Grant, Journey, OneTimeCode, RelyingParty
from panjereh.sso.one_time.actions import Holder, issue_code
from panjereh.sso.policy import policy
from panjereh.sso.provider import keys
from panjereh.sso.relying_parties.actions import RegistrationRefused, register_relying_party

pytestmark = pytest.mark.django_db


def test_the_sandbox_registers_its_three_sites_and_may_do_so_again() -> None:
    seed(10)
    seed(10)
    parties = {party.client_id: party for party in RelyingParty.objects.all()}
    assert set(parties) == {"national-window", "civil-registration-window", "exchange-operator"}
    agency = parties["civil-registration-window"]
    site = "http://civil-registration.agency.localhost:8102"
    assert agency.redirect_uris == [f"{site}/signin/callback"]
    assert agency.backchannel_logout_uri == f"{site}/signin/back-channel-logout"
    window, operator = parties["national-window"], parties["exchange-operator"]
    assert window.agency == operator.agency != agency.agency
    assert "phone_number" not in operator.granted_claims


def test_signing_keys_are_made_once_and_are_nobody_elses() -> None:
    before = {path: path.read_text() for path in keys.folder().iterdir()}
    make_signing_keys()
    assert {path: path.read_text() for path in keys.folder().iterdir()} == before
    assert all(path.stat().st_mode & 0o077 == 0 for path in before)


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uris": []},
        {"redirect_uris": ["http://window.example/cb"]},
        {"redirect_uris": ["https://window.example/cb#x"]},
        {"redirect_uris": ["https://user@window.example/cb"]},
        {"redirect_uris": ["https://*.window.example/cb"]},
        {"redirect_uris": ["/cb"]},
        {"post_logout_redirect_uris": ["http://window.example/"]},
        {"backchannel_logout_uri": "ftp://window.example/"},
        {"granted_claims": ["national_id", "religion"]},
    ],
)
def test_odd_registrations_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(RegistrationRefused):
        register_client(**changed)


def test_a_short_secret_or_nobody_responsible_is_refused(settings: Any) -> None:
    with pytest.raises(RegistrationRefused):
        register_client(secret="short")
    with pytest.raises(RegistrationRefused):
        register_relying_party(client_registration(), secret="x" * 40, actor="")
    settings.PROFILE = "production"
    with pytest.raises(RegistrationRefused):
        register_client(redirect_uris=["http://window.localhost:8100/cb"])


def test_the_sweeper_takes_what_has_run_out_and_nothing_else(inside: Client, clock: Clock) -> None:
    redeem(inside, code_for(inside))
    journey = begin_journey(browser_key="k")
    issue_code(journey=journey.id, purpose="login", holder=Holder("1", "2"))
    assert jobs.sweep_expired() == 0
    clock.forward(hours=1)
    assert jobs.sweep_expired() == 3
    assert not AccessToken.objects.exists()
    assert not Journey.objects.exists()
    assert not OneTimeCode.objects.exists()
    assert Grant.objects.exists(), "grants are the record of who came in where"
    clock.forward(days=policy().grants_kept.days + 1)
    jobs.sweep_expired()
    assert not Grant.objects.exists()


def test_tables_whose_loss_means_begin_again_are_unlogged_and_no_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 'u'")
        unlogged = {name for (name,) in cursor.fetchall()}
    assert unlogged == {
        "sso_journey",
        "sso_onetimecode",
        "sso_counter",
        "sso_pushedrequest",
        "sso_seentoken",
        "sso_factors_appdraft",
        "sso_factors_challenge",
        "sso_factors_firsthalf",
        "sso_factors_homeward",
        "sso_step_up_ownwish",
    }


@pytest.mark.django_db(transaction=True)
def test_the_workers_stop_when_told() -> None:
    async def run() -> None:
        stop = asyncio.Event()
        tasks = [asyncio.create_task(job(stop)) for job in (jobs.tell_clients, jobs.sweep)]
        await asyncio.sleep(0.1)
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 5)

    asyncio.run(run())
