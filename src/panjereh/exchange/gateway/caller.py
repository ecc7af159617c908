"""Who calls: the signature of a message, its age, and that it was not seen before."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from panjereh.common.http_signatures import Claim, SignatureRefused, parse
from panjereh.common.identifiers import InvalidIdentifier, parse_mobile, parse_national_id
from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.door import Peer
from panjereh.exchange.gateway.messages import Request
from panjereh.exchange.gateway.paths import parse_client
from panjereh.exchange.gateway.policy import Client, Policy

# Clocks may run ahead by this much. It is small, because after a restart the memory of message
# ids is empty and everything that could have been signed before must be refused.
FUTURE_SECONDS = 2
MEMORY_SECONDS = 130  # a message is refused for its age after 60; twice that and a margin

_MESSAGE_ID = re.compile(r"[A-Za-z0-9._:+/=-]{1,64}\Z")
_NUMBER = re.compile(r"\+?[0-9]{10,14}\Z")
_PARTY = re.compile(r"[A-Za-z0-9]{1,20}/[A-Za-z0-9-]{1,20}\Z")
_USER_ID = re.compile(r"[A-Z]{2}[A-Za-z0-9-]{1,32}\Z")


class Memory(Protocol):
    """`Replays`, or what several worker processes share (`memory`)."""

    def remember(self, message: str) -> bool: ...


class Replays:
    """Remembers message ids for as long as their signatures could be accepted again.

    Two generations of ids: the older one is dropped when the younger one has lasted long enough.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._young: set[str] = set()
        self._old: set[str] = set()
        self._turned = clock()

    def remember(self, message: str) -> bool:
        """False when it was remembered before."""
        now = self._clock()
        if now - self._turned >= MEMORY_SECONDS:
            self._old, self._young, self._turned = self._young, set(), now
        if message in self._young or message in self._old:
            return False
        self._young.add(message)
        return True


@dataclass(frozen=True)
class Receiver:
    """Under which names this gateway is called. Where there are several gateways each remembers
    its own messages only, so a message must be signed for one of them: `alone` is then false."""

    authorities: frozenset[str] = frozenset()
    alone: bool = True

    def check(self, authority: str) -> None:
        if not authority and not self.alone:
            raise SignatureRefused('the signature must cover "@authority", after "@method"')
        if authority and self.authorities and authority not in self.authorities:
            raise SignatureRefused("the message was signed for another gateway")


class Doorkeeper:
    """Authenticates callers. `opened_at` is the whole second in which this gateway opens."""

    def __init__(self, opened_at: int, replays: Memory, receiver: Receiver | None = None) -> None:
        self._opened_at = opened_at
        self._replays = replays
        self._receiver = receiver or Receiver()

    def identify(self, policy: Policy, request: Request) -> Client:
        """The system that calls: known by its channel, by its signature, or by both."""
        claimed = request.headers.get("x-road-client")
        if claimed is None:
            raise faults.bad_request("the header X-Road-Client is missing")
        client = policy.client(parse_client(claimed))
        if request.peer is not None:
            _check_channel(request.peer, client)
        if request.peer is None or request.signed:
            self._check_message(request, client)
        return client

    def check_replay(self, client: Client, headers: Mapping[str, str]) -> None:
        """Without a message id the signature tells one message from another; on a channel of its
        own a caller may send the same again."""
        message = headers.get("x-road-id") or headers.get("signature")
        if message and not self._replays.remember(f"{client.x_road_id} {message}"):
            raise faults.replayed()

    def _check_message(self, request: Request, client: Client) -> None:
        try:
            claim = parse(request.method, request.target, request.headers)
            self._receiver.check(claim.authority)
            _check_signature(claim, client)
        except SignatureRefused as refused:
            raise faults.not_authenticated(refused.reason) from refused
        self._check_time(claim)

    def _check_time(self, claim: Claim) -> None:
        if claim.created > time.time() + FUTURE_SECONDS:
            raise faults.not_authenticated("the signature is from the future")
        if claim.created < self._opened_at:
            raise faults.not_authenticated("the message was signed before this gateway started")


def _check_channel(peer: Peer, client: Client) -> None:
    """At each call: a key that was withdrawn, or a certificate that has ended, is of no more use
    on channels that are open already."""
    if peer.thumbprint not in client.channels:
        raise faults.not_authenticated("the certificate's key is not one of X-Road-Client")
    if time.time() >= peer.not_after:
        raise faults.not_authenticated("the certificate has expired")


def _check_signature(claim: Claim, client: Client) -> None:
    if claim.algorithm != "ed25519" or parse_client(claim.keyid) != client.x_road_id:
        raise SignatureRefused("keyid must be the X-Road-Client and alg ed25519")
    claim.check(client.verifies)


def check_ids(headers: Mapping[str, str]) -> None:
    """What goes into the record must be an id, and not the id or number of a person."""
    for name in ("x-road-id", "x-road-issue"):
        text = headers.get(name)
        if text and (not _MESSAGE_ID.match(text) or names_a_person(text)):
            raise faults.bad_request(f"{name} must be an id of up to 64 characters, of no person")
    user = headers.get("x-road-userid")
    if user and not _USER_ID.match(user):
        raise faults.bad_request("x-road-userid must be a country code and an id")


def represented_party(text: str, consumer: str) -> str:
    """X-Road-Represented-Party is `class/code`, or a code in the class of the consumer."""
    instance, member_class = consumer.split("/")[:2]
    party = text if "/" in text else f"{member_class}/{text}"
    if not _PARTY.match(party) or names_a_person(party.partition("/")[2]):
        raise faults.bad_request("x-road-represented-party must be a class and a member code")
    return f"{instance}/{party}"


def names_a_person(text: str) -> bool:
    """Whether it is a national id or a mobile number (DESIGN 5.6)."""
    if not _NUMBER.match(text):
        return False
    try:
        parse_mobile(text)
    except InvalidIdentifier:
        return is_national_id(text)
    return True


def is_national_id(text: str) -> bool:
    try:
        return parse_national_id(text) == text
    except InvalidIdentifier:
        return False
