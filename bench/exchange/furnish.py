"""Give the exchange a consumer, a provider and a grant; print who may call what, as JSON."""

import json
import os
import sys
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from nacl.signing import SigningKey  # noqa: E402

from panjereh.exchange import actions  # noqa: E402
from panjereh.exchange.approvals.actions.grants import approve_grant  # noqa: E402
from panjereh.exchange.approvals.keys import make_secretariat_key  # noqa: E402
from panjereh.exchange.approvals.terms import Terms  # noqa: E402

NAMES = {"fa": "نمونه", "en": "Sample"}


def main(provider_url: str, granted: int) -> None:
    call_command("migrate", verbosity=0)
    keys = Path(os.environ["PANJEREH_HOME"]) / "keys" / "providers"
    keys.mkdir(parents=True, exist_ok=True)
    (keys / "provider.hmac").write_text("00" * 32)
    key = SigningKey.generate()
    operator = actions.appoint_first_operator(national_id="0012345679", name="Bench")
    member = actions.register_member(
        actor=operator, instance="IR-TEST", member_class="GOV", code="14003778990", name=NAMES
    )
    consumer, provider = (
        actions.register_system(actor=operator, member=member, code=code, name=NAMES, base_url=url)
        for code, url in (("consumer", ""), ("provider", provider_url))
    )
    provider_key = SigningKey.generate()
    for system, held in ((consumer, key), (provider, provider_key)):
        actions.add_key(actor=operator, system=system, public_key=held.verify_key.encode().hex())
    make_secretariat_key(keys.parent)
    service = actions.register_service(actor=operator, system=provider, code="person", title=NAMES)
    approve_grant(
        actor=operator,
        consumer=consumer,
        service=service,
        terms=Terms(
            data_items=[f"/field_{number}" for number in range(granted)],
            purpose={"code": "bench", "name": NAMES, "legal_basis": "none"},
            approval={"number": "1", "date": "2026-01-01", "body": NAMES, "row": ""},
            quota_per_minute=10**8,
        ),
        key_of=lambda system: key if system == consumer else provider_key,
    )
    told = {"client": consumer.x_road_id, "key": key.encode().hex()}
    print(json.dumps(told | {"path": f"/r1/{service.x_road_id}"}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
