"""One call through the exchange, step by step; the order is the law of this file.

signature → client → service → grant → validity → method and path → quota → forward → field
filter → record → answer. Whatever ends a call of a known system is recorded before it is told.
"""

import base64
import hashlib
import logging
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from panjereh.common.http_signatures import content_digest
from panjereh.exchange.gateway import faults, plain
from panjereh.exchange.gateway.attest import Notary, Statements, attested
from panjereh.exchange.gateway.breaker import TIME_LEFT, Breakers
from panjereh.exchange.gateway.caller import Doorkeeper, check_ids, represented_party
from panjereh.exchange.gateway.fields import PROBLEM, NotJson, Tree, cut
from panjereh.exchange.gateway.mailbox import FACE, Mailbox
from panjereh.exchange.gateway.messages import Answer, Request
from panjereh.exchange.gateway.paths import Target
from panjereh.exchange.gateway.policy import Offer, Permission, Policy
from panjereh.exchange.gateway.pressure import Pressure
from panjereh.exchange.gateway.provider import Providers, Reply, forwarded_headers
from panjereh.exchange.gateway.quota import Quotas
from panjereh.exchange.gateway.recorder import Recorder
from panjereh.exchange.gateway.seals import Seals
from panjereh.exchange.gateway.snapshot import PolicyKeeper
from panjereh.exchange.gateway.subjects import Pseudonyms, persons_in
from panjereh.exchange.records import Record

log = logging.getLogger("panjereh.exchange.calls")

MAX_IN_FLIGHT = 512
SERVICE_ERROR = "service_error"
_JSON = ("application/json", "application/problem+json")


class Allowed(msgspec.Struct, frozen=True):
    """A call that passed every check and waits to be forwarded."""

    offer: Offer
    permission: Permission
    target: str
    body: bytes
    claims: Sequence[Any] = ()  # what is to be attested, as the request says


@dataclass
class Calls:
    """Carries calls. `name` tells one gateway from another in the records."""

    name: str
    keeper: PolicyKeeper
    doorkeeper: Doorkeeper
    quotas: Quotas
    providers: Providers
    recorder: Recorder
    seals: Seals
    pseudonyms: Pseudonyms
    breakers: Breakers
    notary: Notary
    mailbox: Mailbox
    log_origin: str = ""  # told with every answer: where its record can be proved
    pressure: Pressure = field(default_factory=Pressure)
    max_in_flight: int = MAX_IN_FLIGHT
    in_flight: int = 0

    async def answer(self, request: Request) -> Answer:
        record = Record(
            request_id=_request_id(),
            gateway=self.name,
            received_at=_microseconds(),
            bus=request.bus,
            face=plain.face_of(request.path),
            method=request.method if len(request.method) <= 10 else "",
        )
        self.in_flight += 1
        try:
            answer = await self._release(request, record)
            answer.headers.extend(self.quotas.headers(record.grant_id))
            return answer
        finally:
            self.in_flight -= 1

    async def _release(self, request: Request, record: Record) -> Answer:
        """The answer, once its record is durable. A caller we do not know leaves no record."""
        try:
            answer = await self._carry(request, record)
        except faults.Fault as fault:
            answer = _refusal(fault, request, record)
        except Exception:
            # An answer must come and be recorded; what went wrong is in the log.
            log.exception("exchange.call.failed request=%s", record.request_id)
            answer = _refusal(faults.internal_error(), request, record)
        if not record.consumer:
            log.warning("exchange.caller.refused error=%s", record.error_code)
            return answer
        record.finished_at = _microseconds()
        try:
            await self.recorder.record(record)
        except faults.Fault as fault:
            return _refusal(fault, request, record)
        answer.headers.append(("evidence-log", self.log_origin))
        return answer

    async def _carry(self, request: Request, record: Record) -> Answer:
        policy = self._fresh_policy()
        request.check_repeats()
        client = self.doorkeeper.identify(policy, request)
        record.consumer = client.x_road_id
        self._note_headers(request, record)
        policy.standing.check_represented(record.consumer, record.represented)
        target = policy.target(request.path, request.query)
        offer = self._note_offer(policy, target, record)
        policy.check_bus(request.bus, client, offer)
        permission = policy.permission(client, offer)
        record.grant_id, record.purpose = permission.grant_id, permission.purpose
        if permission.message:  # again it does nothing, so a lost answer may be asked for again
            record.face = FACE
        else:
            self.doorkeeper.check_replay(client, request.headers)
        await self.seals.require(permission)
        permission.check_validity(time.time())
        policy.standing.check_ending(offer.x_road_id, client.x_road_id)
        record.path_template = offer.template(request.method, target.segments)
        self.quotas.take(permission)
        body = await read_body(request, record)
        self._note_subjects(offer, request, body, record)
        if permission.conditions is not None:
            permission.conditions.check(request.query, body)
        if permission.message:
            return await self._keep(offer, permission, body, record)
        if not offer.base_url:  # a system that only takes messages
            raise faults.service_disabled(offer.notice)
        attests = permission.attestation
        claims = attests.claims(request.query, body) if attests is not None else ()
        inner = _inner_target(offer, target, request)
        allowed = Allowed(offer, permission, inner, body, claims)
        answer = await self._forward(allowed, request, record)
        answer.headers.extend(policy.standing.headers(offer.x_road_id, client.x_road_id))
        return answer

    def _fresh_policy(self) -> Policy:
        if not self.keeper.fresh:
            raise faults.policy_unavailable()
        if self.in_flight > self.max_in_flight or self.pressure.high:
            raise faults.overloaded()
        return self.keeper.policy

    def _note_headers(self, request: Request, record: Record) -> None:
        check_ids(request.headers)
        record.x_road_id = request.headers.get("x-road-id", "")
        record.issue = request.headers.get("x-road-issue", "")
        if user := request.headers.get("x-road-userid"):
            record.user_pseudonym = self.pseudonyms.of(user, record.received_at)
        if represented := request.headers.get("x-road-represented-party"):
            record.represented = represented_party(represented, record.consumer)

    def _note_offer(self, policy: Policy, target: Target, record: Record) -> Offer:
        offer = policy.offer(target)
        record.provider, record.service = offer.provider, offer.code
        if not offer.enabled:
            raise faults.service_disabled(offer.notice)
        return offer

    def _note_subjects(self, offer: Offer, request: Request, body: bytes, record: Record) -> None:
        if offer.places is not None:
            persons = persons_in(offer.places, request.query, body)
            record.subjects = [self.pseudonyms.of(p, record.received_at) for p in persons]

    async def _keep(
        self, offer: Offer, permission: Permission, body: bytes, record: Record
    ) -> Answer:
        if not self.recorder.open:
            raise faults.logging_failed()
        return await self.mailbox.accept(offer, permission, body, record)

    async def _forward(self, allowed: Allowed, request: Request, record: Record) -> Answer:
        # What could not be recorded is not begun: the provider may change things.
        if not self.recorder.open:
            raise faults.logging_failed()
        headers = forwarded_headers(request.headers, record.request_id, record.request_digest)
        if allowed.permission.attestation is not None:
            headers["accept"] = "application/json"  # what the consumer asked for is our answer
        headers[TIME_LEFT] = str(int(allowed.offer.deadline_seconds * 1000))
        record.forwarded_at = _microseconds()
        with self.breakers.watching(allowed.offer):
            reply = await self.providers.call(
                allowed.offer, request.method, allowed.target, headers, allowed.body
            )
        record.answered_at = _microseconds()
        attests = allowed.permission.attestation
        if attests is not None and reply.status < 300:
            _filter(reply, {}, record)  # all of the data is cut
            statements = attests.statements(reply.body, allowed.claims)
            reply = self._attested(statements, request, record)
            body = reply.body
        else:
            body = _filter(reply, allowed.permission.tree, record)
        record.response_size, record.response_digest = len(body), content_digest(body)
        return _answer(reply, body, allowed, request, record)

    def _attested(self, statements: Statements, request: Request, record: Record) -> Reply:
        accept = request.headers.get("accept", "")
        content_type, body = attested(statements, record, accept, self.notary)
        return Reply(record.status, content_type, "", body)


async def read_body(request: Request, record: Record) -> bytes:
    """The body that was signed: its digest is a signed header, so the two are compared here."""
    body = await request.body()
    record.request_size, record.request_digest = len(body), content_digest(body)
    declared = request.headers.get("content-digest")
    if declared is None and body and request.signed:
        raise faults.bad_request("a body needs a Content-Digest header, and it must be signed")
    if declared is not None and declared != record.request_digest:
        raise faults.bad_request("the body is not the one that was signed")
    if body and _media_type(request.headers.get("content-type", "")) != "application/json":
        raise faults.bad_request("the body must be application/json")
    return body


def _inner_target(offer: Offer, target: Target, request: Request) -> str:
    """Below the provider's address, in the one spelling that is sent and signed."""
    path = f"/{offer.code}{target.inner_path}"
    return f"{path}?{request.query}" if request.query else path


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _filter(reply: Reply, tree: Tree | None, record: Record) -> bytes:
    """What may pass: granted items of an answer, the problem members of an error."""
    record.status = reply.status
    if reply.status >= 400:
        record.cause = "provider" if reply.status >= 500 else "consumer"
        record.error_code = SERVICE_ERROR
        tree = PROBLEM
    elif tree is None or not reply.body:
        return reply.body
    if _media_type(reply.content_type) not in _JSON or tree is None:
        raise faults.service_failed("content_type", "the provider's answer is not JSON")
    try:
        body, record.cut_fields = cut(reply.body, tree)
    except NotJson as error:
        raise faults.service_failed("not_json", "the provider's answer is not JSON") from error
    return body


def _answer(
    reply: Reply, body: bytes, allowed: Allowed, request: Request, record: Record
) -> Answer:
    headers = [
        ("x-road-id", record.x_road_id or record.request_id),
        ("x-road-client", record.consumer),
        ("x-road-service", allowed.offer.x_road_id),
        ("x-road-request-id", record.request_id),
        ("x-road-request-hash", _request_hash(request, record)),
        ("content-digest", record.response_digest),
        ("content-type", reply.content_type or "application/json"),
    ]
    if reply.retry_after:
        headers.append(("retry-after", reply.retry_after))
    return Answer(reply.status, headers, body)


def _request_hash(request: Request, record: Record) -> str:
    """Links the answer to its request. X-Road hashes the headers too, in an order that nobody
    outside can know; for both it is opaque, and Content-Digest is what can be recomputed."""
    parts = (request.method, request.target, record.request_id, record.request_digest)
    return base64.b64encode(hashlib.sha512("\r\n".join(parts).encode()).digest()).decode()


def _refusal(fault: faults.Fault, request: Request, record: Record) -> Answer:
    answer = plain.refusal(fault, record.request_id, request)
    record.status, record.cause, record.error_code = answer.status, fault.cause, fault.recorded
    record.response_size, record.response_digest = len(answer.body), ""
    return answer


def _request_id() -> str:
    """A random UUID (version 4), as `uuid.uuid4` makes them in four times the time."""
    digits = os.urandom(16).hex()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def _microseconds() -> int:
    return time.time_ns() // 1000
