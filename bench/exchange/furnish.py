"""Give the exchange a consumer, a provider and a grant; print who may call what, as JSON."""

import json
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from nacl.signing import SigningKey  # noqa: E402

from panjereh.exchange import actions  # noqa: E402
from panjereh.exchange.approvals.actions.grants import approve_grant  # noqa: E402
from panjereh.exchange.approvals.keys import make_secretariat_key  # noqa: E402
from panjereh.exchange.approvals.terms import Terms  # noqa: E402
from panjereh.exchange.models import Operator, System  # noqa: E402
from panjereh.sandbox.channel_keys import make_channel_keys  # noqa: E402

NAMES = {"fa": "نمونه", "en": "Sample"}
PURPOSE = {"code": "bench", "name": NAMES, "legal_basis": "none"}
APPROVAL = {"number": "1", "date": "2026-01-01", "body": NAMES, "row": ""}


def main(provider_url: str, granted: int) -> None:
    call_command("migrate", verbosity=0)
    make_keys()
    operator = actions.appoint_first_operator(national_id="0012345679", name="Bench")
    member = actions.register_member(
        actor=operator, instance="IR-TEST", member_class="GOV", code="14003778990", name=NAMES
    )
    consumer, provider = (
        actions.register_system(actor=operator, member=member, code=code, name=NAMES, base_url=url)
        for code, url in (("consumer", ""), ("provider", provider_url))
    )
    keys = {system: give_keys(operator, system) for system in (consumer, provider)}
    service = actions.register_service(
        actor=operator, system=provider, code="person", title=NAMES, subjects=["/national_id"]
    )
    items = [f"/field_{number}" for number in range(granted)]
    approve_grant(
        actor=operator,
        consumer=consumer,
        service=service,
        terms=Terms(items, PURPOSE, APPROVAL, quota_per_minute=10**8),
        key_of=lambda system: keys[system],
    )
    told = {"client": consumer.x_road_id, "key": keys[consumer].encode().hex()}
    print(json.dumps(told | {"path": f"/r1/{service.x_road_id}"}))


def make_keys() -> None:
    for folder in ("providers", "systems"):
        (settings.KEYS / folder).mkdir(parents=True, exist_ok=True)
    (settings.KEYS / "providers" / "provider.hmac").write_text("00" * 32)
    make_secretariat_key(settings.KEYS)
    make_channel_keys(settings.KEYS, ["consumer", "provider"])


def give_keys(operator: Operator, system: System) -> SigningKey:
    key = SigningKey.generate()
    actions.add_key(actor=operator, system=system, public_key=key.verify_key.encode().hex())
    certificate = (settings.KEYS / "systems" / f"{system.code}.crt").read_bytes()
    actions.add_certificate(actor=operator, system=system, certificate=certificate)
    return key


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
