"""Speak with those outside who attest the log. None of them may slow it, fill it or redirect it."""

from dataclasses import dataclass
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError
from pyreqwest.request import RequestBuilder

MAX_ANSWER = 64 * 1024
_TIMEOUT = timedelta(seconds=5)


class Unreachable(Exception):
    """Nobody answered, or the answer was too large to be one."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes


def build_client() -> Client:
    return ClientBuilder().follow_redirects(False).no_proxy().timeout(_TIMEOUT).build()


async def post(client: Client, url: str, body: bytes, content_type: str) -> Answer:
    return await _answer(client.post(url).header("content-type", content_type).body_bytes(body))


async def get(client: Client, url: str) -> Answer:
    return await _answer(client.get(url))


async def _answer(request: RequestBuilder) -> Answer:
    try:
        async with request.build_streamed() as response:
            parts, size = [], 0
            while (chunk := await response.body_reader.read_chunk()) is not None:
                parts.append(bytes(chunk))
                size += len(chunk)
                if size > MAX_ANSWER:
                    raise Unreachable("the answer is too large")
            return Answer(response.status, b"".join(parts))
    except PyreqwestError as error:
        raise Unreachable(type(error).__name__) from error
