"""findUsage as another country's portal would call it: signed, through a real gateway, answered by
this very site; and the look that this call was."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from collector import Collector, call_about
from django.conf import settings
from exchange.world import Caller, GatewayProcess, World, suite_database_url
from nacl.signing import SigningKey
from nation import FATHER, MOTHER, nation_of

from panjereh.exchange import actions
from panjereh.exchange.models import Bus, PolicyState
from panjereh.runtime.embedded import Nats
from panjereh.runtime.ports import free_port
from panjereh.sandbox.keys import exchange_description

ITEMS = ["/totalUsages", "/usages/logtime", "/usages/receiverName", "/periodStart", "/status"]


@pytest.fixture
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    server = Nats(tmp_path_factory.mktemp("nats"), free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def world(collector: Collector, site: str) -> World:
    """The records of the exchange as a provider, described as the sandbox describes them."""
    # A test before may have emptied the tables, and with them what migrations had put in.
    PolicyState.objects.get_or_create()
    Bus.objects.get_or_create(code="gsb", defaults={"member_classes": ["GOV", "MUN"]})
    made = World.build(Path(settings.KEYS).parent, site)
    system = actions.register_system(
        actor=made.operator,
        member=made.member,
        code="exchange-records",
        name={"fa": "کارنامه", "en": "Records"},
        base_url=f"{site}/exchange-records",
    )
    _let_it_call(made.home, system.x_road_id, made.give_key(system))
    told = exchange_description()["systems"]["exchange-records"]["services"]["findUsage"]
    actions.register_service(
        actor=made.operator,
        system=system,
        code="findUsage",
        title=told,
        endpoints=told["endpoints"],
        subjects=told["subjects"],
    )
    return made


def _let_it_call(home: Path, x_road_id: str, key: SigningKey) -> None:
    """So that it can ask the civil registry who is whose parent; there is none here."""
    (home / "keys" / "systems" / "exchange-records.ed25519").write_text(key.encode().hex())
    known = {"exchange-records": x_road_id, "civil-registry": f"{x_road_id}-away"}
    (home / "directory.json").write_text(json.dumps(known))


@pytest.fixture
def portal(world: World) -> Caller:
    caller = world.new_system()
    world.grant(caller, world_service(), ITEMS)
    return caller


def world_service() -> Any:
    return actions.Service.objects.get(code="findUsage")


@pytest.mark.req("PRV-02", "NIX-39")
def test_a_portal_finds_the_usages_and_its_call_is_a_look(
    portal: Caller, collector: Collector, nats: Nats
) -> None:
    nation = nation_of()
    collector.keep(call_about(MOTHER, grant=nation.person))
    with GatewayProcess(Path(settings.KEYS).parent, suite_database_url(), nats.url) as gateway:
        gateway.catch_up()
        found = ask(gateway, portal, "/v2/findUsage", user=MOTHER, userCode=f"IR{MOTHER}")
        period = ask(gateway, portal, "/v2/usagePeriod")
        beat = ask(gateway, portal, "/v2/heartbeat")
        nobody = ask(gateway, portal, "/v2/findUsage", userCode=f"IR{MOTHER}")
        stranger = ask(gateway, portal, "/v2/findUsage", user=FATHER, userCode=f"IR{MOTHER}")
        log = gateway.log.read_text()
    collector.drain(nats.url)
    after = collector.execute("SELECT count(*) FROM usage_look WHERE told")

    assert found.get("totalUsages") == 1, found
    assert found["usages"][0].keys() == {"logtime", "receiverName"}, "the grant cuts the rest"
    assert period["periodStart"] and beat == {"status": "OK"}
    assert nobody["code"] == "user-missing"
    assert stranger["code"] == "registry-silent"
    assert MOTHER not in log
    assert after == [(2,)], "the look of the agency and the one of the portal"


def ask(gateway: GatewayProcess, portal: Caller, path: str, user: str = "", **query: str) -> Any:
    target = f"/r1/{world_service().x_road_id}{path}"
    target += f"?{urlencode(query)}" if query else ""
    more = {"x_road_userid": f"IR{user}"} if user else {}
    answer = gateway.send("GET", target, b"", portal.signed("GET", target, **more))
    return json.loads(answer.body)
