"""Which part of the gateway answers a request."""

from panjereh.exchange.gateway import faults, plain
from panjereh.exchange.gateway.attest import KEYS_PATH
from panjereh.exchange.gateway.boxes import Boxes, is_box
from panjereh.exchange.gateway.calls import Calls
from panjereh.exchange.gateway.health import Health
from panjereh.exchange.gateway.messages import Answer, Request
from panjereh.exchange.gateway.metadata import OPEN_TO_ALL, Metadata, is_metadata


class Gateway:
    def __init__(self, calls: Calls, metadata: Metadata, health: Health, boxes: Boxes) -> None:
        self._calls, self._metadata, self._health = calls, metadata, health
        self._boxes = boxes

    async def respond(self, request: Request) -> Answer:
        if request.path == "/health":
            return self._health.answer()
        if request.path == KEYS_PATH:
            return self._calls.notary.keys_answer()
        try:
            if not self._health.opened:
                raise faults.not_ready()
            if is_metadata(request.path):
                return await self._describe(request)
            if is_box(request.path):
                return await self._boxes.answer(request)
        except faults.Fault as fault:
            return self._refusal(fault, request)
        return await self._calls.answer(request)

    async def _describe(self, request: Request) -> Answer:
        quotas = self._calls.quotas
        quotas.take(OPEN_TO_ALL)
        answer = await self._metadata.answer(request)
        answer.headers.extend(quotas.headers(OPEN_TO_ALL.grant_id))
        return answer

    def _refusal(self, fault: faults.Fault, request: Request) -> Answer:
        """A refusal outside a call has no record, so it has no request id either."""
        answer = plain.refusal(fault, "", request)
        answer.headers.extend(self._calls.quotas.headers(None))
        return answer
