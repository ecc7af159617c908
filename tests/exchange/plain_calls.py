"""Calls on the plain face, `/v1/…`, by the callers of the tests."""

import json
from collections.abc import Mapping
from typing import Any

from world import Answer, Caller, GatewayProcess, World

from panjereh.exchange.models import Service


def plain_target(service: Service) -> str:
    return "/v1/" + service.x_road_id.partition("/")[2]


def call_plainly(
    gateway: GatewayProcess,
    caller: Caller,
    service: Service,
    body: Mapping[str, Any] | bytes | None = None,
    *,
    query: str = "",
    **headers: Any,
) -> Answer:
    """When the gateway has every change of the policy that was made before."""
    gateway.catch_up()
    payload = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    target = plain_target(service) + query
    return gateway.send("POST", target, payload, caller.signed("POST", target, payload, **headers))


def allowance(answer: Answer) -> tuple[int, int]:
    """Limit and what remains of it."""
    limit, remaining = (answer.headers[f"ratelimit-{n}"] for n in ("limit", "remaining"))
    return int(limit), int(remaining)


def elsewhere(world: World) -> Service:
    """A service whose provider nobody can reach."""
    return world.new_service(system=world.new_system(base_url="http://127.0.0.1:9").system)
