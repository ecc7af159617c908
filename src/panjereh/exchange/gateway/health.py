"""Whether this gateway can serve: what a supervisor or balancer asks."""

import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import msgspec

from panjereh.exchange.gateway.breaker import Breakers
from panjereh.exchange.gateway.messages import Answer, json_answer
from panjereh.exchange.gateway.recorder import Recorder
from panjereh.exchange.gateway.snapshot import PolicyKeeper

VERSION = version("panjereh")


@dataclass(frozen=True)
class Health:
    """`opens_at`: nothing is served before, see `caller.Doorkeeper`."""

    opens_at: int
    keeper: PolicyKeeper
    recorder: Recorder
    breakers: Breakers

    @property
    def opened(self) -> bool:
        return time.time() >= self.opens_at

    def answer(self) -> Answer:
        reasons = self._reasons()
        body: dict[str, Any] = {
            "status": "down" if reasons else "ok",
            "version": VERSION,
            "floor": "exchange",
            "policy": self.keeper.policy.version,
            "circuits": self.breakers.snapshot(),  # what is not well, by X-Road id
            "waiting": self.breakers.waiting(),
        }
        if reasons:
            body["reason"] = "; ".join(reasons)
        return json_answer(503 if reasons else 200, msgspec.json.encode(body))

    def _reasons(self) -> list[str]:
        checks = {
            "starting": self.opened,
            "the policy cannot be refreshed from the database": self.keeper.fresh,
            "records cannot be written to the stream": self.recorder.open,
        }
        return [reason for reason, good in checks.items() if not good]
