"""What a system asks about its own messages: `POST /v1/messages/pull` and its kin, see DEEDS.

No grant is needed, for one stood when the message was sent; a system sees what it sent and what
it was sent. This is not recorded as a call: how each message ends is (`exchange.messages`).
"""

import uuid
import zlib
from dataclasses import dataclass

from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.caller import Doorkeeper, check_ids
from panjereh.exchange.gateway.calls import read_body
from panjereh.exchange.gateway.mailbox import FACE, Mailbox, answer
from panjereh.exchange.gateway.messages import Answer, Request
from panjereh.exchange.gateway.policy import Client, Permission
from panjereh.exchange.gateway.quota import Quotas
from panjereh.exchange.gateway.snapshot import PolicyKeeper
from panjereh.exchange.records import Record

PREFIX = "/v1/messages/"
DEEDS = ("pull", "acknowledge", "notices", "state", "keys")
ASKED_PER_MINUTE = 600


def is_box(path: str) -> bool:
    return path.startswith(PREFIX)


@dataclass(frozen=True)
class Boxes:
    keeper: PolicyKeeper
    doorkeeper: Doorkeeper
    quotas: Quotas
    mailbox: Mailbox

    async def answer(self, request: Request) -> Answer:
        deed = request.path.removeprefix(PREFIX)
        if deed not in DEEDS or request.method != "POST" or request.query:
            raise faults.unknown_endpoint()
        client = self._client(request)
        allowance = _allowance(client)
        self.quotas.take(allowance)
        record = Record(request_id=str(uuid.uuid4()), gateway="", received_at=0, face=FACE)
        record.consumer = client.x_road_id
        body = await read_body(request, record)
        told = answer(await self.mailbox.ask(f"/{deed}", record, body), record)
        told.headers.extend(self.quotas.headers(allowance.grant_id))
        return told

    def _client(self, request: Request) -> Client:
        if not self.keeper.fresh:
            raise faults.policy_unavailable()
        request.check_repeats()
        client = self.doorkeeper.identify(self.keeper.policy, request)
        check_ids(request.headers)
        if not client.enabled:
            raise faults.access_denied("no grant allows this system to call this service")
        self.doorkeeper.check_replay(client, request.headers)
        return client


def _allowance(client: Client) -> Permission:
    """Of each system, by a number that no grant has."""
    number = -1 - zlib.crc32(client.x_road_id.encode())
    return Permission(number, None, ASKED_PER_MINUTE, not_before=0, not_after=None)
