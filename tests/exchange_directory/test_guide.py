"""docs/connect-a-system.md, followed: its commands are run as they stand, its pages are visited."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from exchange.provider import Provider, says_json
from exchange.world import Caller, GatewayProcess, World, suite_database_url
from nacl.signing import SigningKey
from parties import DESCRIPTION, OURS, sign_in

from panjereh.exchange.actions import appoint_representative
from panjereh.exchange.directory import actions
from panjereh.exchange.models import Bus, PolicyState, Service, System
from panjereh.runtime.embedded import Nats
from panjereh.runtime.ports import free_port

GUIDE = Path(__file__).parents[2] / "docs/connect-a-system.md"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANSWER = {"owned": True, "vehicles": [{"model": "x", "secret": "not granted"}]}


@dataclass
class Guide:
    """Runs the commands of the guide one after another, in a folder of their own."""

    folder: Path
    environment: dict[str, str]
    commands: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for kind, text in BLOCK.findall(GUIDE.read_text()):
            if kind == "sh":
                self.commands.append(text)
            elif name := re.match(r"# (\S+)\n", text):
                (self.folder / name[1]).write_text(text)

    def next(self) -> str:
        done = self.run(self.commands.pop(0))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()


@dataclass
class Stage:
    """An exchange with a provider, and a member that wants to connect."""

    world: World
    gateway: GatewayProcess
    provider: Provider
    service: Service
    pages: Client


@pytest.fixture
def stage(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Stage]:
    PolicyState.objects.get_or_create()
    for code in ("gsb", "pgsb"):
        Bus.objects.get_or_create(code=code, defaults={"member_classes": ["*"]})
    nats = Nats(tmp_path, free_port())
    nats.start()
    home = tmp_path / "home"
    settings.KEYS = home / "keys"
    with Provider() as provider:
        world = World.build(home, provider.url)
        (home / "keys" / "exchange-providers.secret").write_text("installation")
        draft = actions.describe(actor=world.operator, system=world.provider, octets=DESCRIPTION)
        (service,) = actions.take_draft(actor=world.operator, draft=draft)
        appoint_representative(
            actor=world.operator, member=world.member, national_id=OURS.national_id, name="Ours"
        )
        with GatewayProcess(home, suite_database_url(), nats.url) as gateway:
            yield Stage(world, gateway, provider, service, sign_in(Client(), OURS))
    nats.stop()


@pytest.mark.req("NIX-19", "NIX-33", "NIX-31", "PRV-13")
def test_the_guide_leads_from_nothing_to_a_call_and_a_service(
    stage: Stage, site: str, tmp_path: Path
) -> None:
    folder = tmp_path / "agency"
    folder.mkdir()
    question = json.dumps({"national_id": "0012345679", "plate": "12B345-67"})
    guide = Guide(
        folder,
        {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PAGES": site,
            "EXCHANGE": f"http://127.0.0.1:{stage.gateway.port}",
            "SYSTEM": f"{stage.world.member.x_road_id}/our-portal",
            "WORDS": "خودرو",
            "PROVIDER": "provider",
            "PROVIDER_ID": stage.world.provider.x_road_id,
            "SERVICE": "vehicle",
            "QUESTION": question,
        },
    )

    # 2. a key and a system
    public = guide.next()
    assert re.fullmatch("[0-9a-f]{64}", public)
    system = add_system(stage, "our-portal", "")
    stage.pages.post(
        reverse("member-system", args=["our-portal"]), {"key": guide.read("system.pub")}
    )

    # 3. find and try
    assert "asks for ['/national_id', '/plate']" in guide.next()
    assert json.loads(guide.next())["owned"] is True
    assert stage.provider.asked == []

    # 4. access, as the approvals leave it
    stage.world.keys[system.x_road_id] = signing_key(folder / "system.key")
    caller = Caller(system, stage.world.keys[system.x_road_id])
    stage.world.grant(caller, stage.service, ["/owned", "/vehicles/model"])
    stage.gateway.catch_up()

    # 5. the first call: what is beyond the grant does not come
    stage.provider.behave(says_json(ANSWER))
    status, _, answer = guide.next().partition(" ")
    assert status == "200"
    assert json.loads(answer) == {"owned": True, "vehicles": [{"model": "x"}]}

    # 6. a service of one's own, and knowing that the exchange calls
    offer_water(stage, guide)
    verify_by_hand(stage, guide)

    # 7. the next key: both work, then the old one does not
    change_key(stage, guide, system)
    assert guide.commands == []


def change_key(stage: Stage, guide: Guide, system: System) -> None:
    guide.next()
    old = system.keys.get(public_key=guide.read("system.pub"))
    hand_in(stage, guide.read("next.pub"))
    with_next_key = guide.commands[0]
    assert guide.next().startswith("200")
    with_old_key = with_next_key.replace("next.key", "system.key")
    assert guide.run(with_old_key).returncode == 0

    stage.pages.post(reverse("member-withdraw-key", args=["our-portal", old.pk]))
    stage.gateway.catch_up()

    assert guide.run(with_next_key).returncode == 0
    refused = guide.run(with_old_key)
    assert refused.returncode == 1 and "authentication_failed" in refused.stdout


def hand_in(stage: Stage, key: str) -> None:
    stage.pages.post(reverse("member-system", args=["our-portal"]), {"key": key})
    stage.gateway.catch_up()


def add_system(stage: Stage, code: str, base_url: str) -> System:
    told = {"name_fa": "درگاه", "name_en": "Portal", "code": code, "base_url": base_url}
    answer = stage.pages.post(reverse("member-new-system"), told)
    assert answer.status_code == 302
    return System.objects.get(code=code)


def offer_water(stage: Stage, guide: Guide) -> None:
    """The guide's own description is one that the exchange takes."""
    system = add_system(stage, "our-water", f"{stage.provider.url}/our-water")
    upload = SimpleUploadedFile("api.yaml", guide.read("api.yaml").encode())
    shown = stage.pages.post(
        reverse("member-description", args=[system.code]), {"file": upload}, follow=True
    )
    assert "انشعاب آب یک خانه" in shown.content.decode()
    stage.pages.post(reverse("member-take-draft", args=[system.code]))
    service = system.services.get()
    assert (service.code, service.sheet.legal_basis) == ("water-connection", "001 art 31")
    assert [item.type for item in service.items.filter(direction="in")] == ["postal-code"]


def verify_by_hand(stage: Stage, guide: Guide) -> None:
    """The exchange calls the new service; the guide's function knows its signature."""
    consumer = stage.world.new_system()
    service = Service.objects.get(code="water-connection")
    stage.world.give_key(service.system)
    stage.world.grant(consumer, service, ["/connected"])
    stage.provider.behave(says_json({"connected": True}))
    assert stage.gateway.call(consumer, service, {"postal_code": "1193653471"}).status == 200

    page = stage.pages.post(reverse("member-provider-key", args=["our-water"]))
    asked = stage.provider.asked[-1]
    known: dict[str, Any] = {}
    exec(guide.read("verify.py"), known)
    check = known["comes_from_the_exchange"]
    given = (asked.method, asked.target, asked.headers)
    assert check(*given, asked.body, page.context["key"])
    assert not check(*given, asked.body + b" ", page.context["key"])
    assert not check(*given, asked.body, "00" * 32)


def signing_key(path: Path) -> SigningKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    return SigningKey(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
