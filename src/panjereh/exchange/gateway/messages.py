"""A request as it came in and an answer as it goes out, free of the server that carries them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.door import Peer

MAX_BODY = 1024 * 1024

# Of these a second one could be read differently by us and by the provider.
_ONCE = frozenset(
    {
        "content-digest",
        "content-length",
        "content-type",
        "host",
        "idempotency-key",
        "signature",
        "signature-input",
        "transfer-encoding",
    }
)

ReadBody = Callable[[int], Awaitable[bytes]]
Pairs = Sequence[tuple[str, str]]


class Request(msgspec.Struct, frozen=True):
    """`path` and `query` are as they were sent; header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    read_body: ReadBody
    repeated: frozenset[str] = frozenset()
    bus: str = "gsb"
    peer: Peer | None = None  # who is at the other end of a channel of mutual TLS
    tls: bool = False

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def signed(self) -> bool:
        return "signature-input" in self.headers or "signature" in self.headers

    def check_repeats(self) -> None:
        if not self.repeated:
            return
        if wrong := sorted(n for n in self.repeated if n in _ONCE or n.startswith("x-road-")):
            text = faults.gettext_noop("a header may not be repeated: %(names)s")
            raise faults.bad_request(text, names=", ".join(wrong))

    async def body(self) -> bytes:
        declared = self.headers.get("content-length", "0")
        if not declared.isdecimal() or len(declared) > 12 or int(declared) > MAX_BODY:
            raise faults.body_too_large(MAX_BODY)
        return await self.read_body(MAX_BODY)


def header_map(pairs: Pairs) -> tuple[dict[str, str], frozenset[str]]:
    """Headers by name, and the names that came more than once."""
    headers = dict(pairs)
    if len(headers) == len(pairs):
        return headers, frozenset()
    names = [name for name, _ in pairs]
    return headers, frozenset(name for name in headers if names.count(name) > 1)


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: list[tuple[str, str]]
    body: bytes


def json_answer(status: int, body: bytes) -> Answer:
    return Answer(status, [("content-type", "application/json")], body)
