"""Let the exchange have so many grants: of many consumers, each signed; print how many, as JSON."""

import json
import sys
from collections.abc import Iterator

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402
from furnish import APPROVAL, NAMES, PURPOSE  # noqa: E402
from nacl.signing import SigningKey  # noqa: E402

from panjereh.common import clock  # noqa: E402
from panjereh.exchange import actions  # noqa: E402
from panjereh.exchange.approvals.actions.grants import draft_contract  # noqa: E402
from panjereh.exchange.approvals.contract import content_hash, sign  # noqa: E402
from panjereh.exchange.approvals.keys import secretariat_key  # noqa: E402
from panjereh.exchange.approvals.terms import Terms, columns  # noqa: E402
from panjereh.exchange.models import Grant, Operator, Service, System, SystemKey  # noqa: E402

EACH = 100  # grants of a consumer, so services are 100 and consumers the rest
KEY = SigningKey(bytes(range(32)))
TERMS = Terms(["/field_1", "/field_2"], PURPOSE, APPROVAL, quota_per_minute=1000)


def main(wanted: int) -> None:
    operator = Operator.objects.get()
    with transaction.atomic():
        services = offered(operator)
        standing = Grant.objects.count()
        for consumer in consumers(operator, (wanted - standing) // EACH):
            Grant.objects.bulk_create(granted(consumer, services))
        actions.new_version(operator, "bench.multiplied", str(wanted))
    print(json.dumps({"grants": Grant.objects.count()}))


def offered(operator: Operator) -> list[Service]:
    provider = System.objects.filter(code="many").first()
    if provider is None:
        member = System.objects.get(code="provider").member
        provider = actions.register_system(
            actor=operator, member=member, code="many", name=NAMES, base_url="http://127.0.0.1:9"
        )
        public = KEY.verify_key.encode().hex()
        actions.add_key(actor=operator, system=provider, public_key=public)
        for number in range(EACH):
            actions.register_service(
                actor=operator, system=provider, code=f"s{number}", title=NAMES
            )
    return list(Service.objects.filter(system=provider).select_related("system__member"))


def consumers(operator: Operator, count: int) -> Iterator[System]:
    member = System.objects.get(code="provider").member
    first = System.objects.count()
    for number in range(first, first + count):
        system = System.objects.create(
            member=member, code=f"c{number}", name_fa=NAMES["fa"], name_en=NAMES["en"]
        )
        public = SigningKey(number.to_bytes(32)).verify_key.encode().hex()
        SystemKey.objects.create(system=system, public_key=public)
        yield system


def granted(consumer: System, services: list[Service]) -> list[Grant]:
    own = SigningKey(int(consumer.code[1:]).to_bytes(32))
    keys = {"consumer": own, "provider": KEY, "secretariat": secretariat_key(settings.KEYS)}
    return [grant(consumer, service, keys) for service in services]


def grant(consumer: System, service: Service, keys: dict[str, SigningKey]) -> Grant:
    contract = draft_contract(consumer=consumer, service=service, terms=TERMS)
    hashed, at = content_hash(contract), int(clock.now().timestamp())
    signatures = {
        party: sign(hashed, key, verdict="accept", signed_at=at) for party, key in keys.items()
    }
    said = columns(contract) | {"consumer": consumer, "service": service}
    return Grant(contract=contract, content_hash=hashed, signatures=signatures, **said)


if __name__ == "__main__":
    main(int(sys.argv[1]))
