"""Who stamps the time: an authority outside over HTTP, or the sandbox's own inside the process."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from asn1crypto import tsp
from pyreqwest.client import Client

from panjereh.common.time_authority import InnerAuthority
from panjereh.exchange.evidence.outside import Unreachable, post


class TimeAuthority(Protocol):
    async def answer(self, request: bytes) -> bytes:
        """A DER TimeStampResp to a DER TimeStampReq; not yet checked."""


@dataclass(frozen=True)
class OutsideAuthority:
    url: str
    client: Client

    async def answer(self, request: bytes) -> bytes:
        answer = await post(self.client, self.url, request, "application/timestamp-query")
        if answer.status != 200:
            raise Unreachable(f"the time-stamping authority answered {answer.status}")
        return answer.body


class SandboxAuthority:
    """The one national time stamper of the sandbox; documents are stamped by it as well."""

    def __init__(self, folder: Path) -> None:
        self._inner = InnerAuthority.load(folder)

    async def answer(self, request: bytes) -> bytes:
        return bytes(self._inner.stamped(tsp.TimeStampReq.load(request)).dump())
