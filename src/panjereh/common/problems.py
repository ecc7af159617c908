"""Errors of our HTTP interfaces: problem+json (RFC 9457) with codes whose meaning never changes."""

from dataclasses import dataclass, field
from typing import Any, Literal

Cause = Literal["consumer", "gateway", "provider"]
CONTENT_TYPE = "application/problem+json"


@dataclass
class Problem(Exception):
    """`code` is for programs, `detail` for their authors; neither holds personal data."""

    status: int
    code: str
    detail: str = ""
    cause: Cause = "consumer"
    retry_in: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        known = {
            "type": f"urn:panjereh:problem:{self.code}",
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "cause": self.cause,
            "retry_in": self.retry_in,
        }
        return {k: v for k, v in (known | self.extra).items() if v is not None}

    def __str__(self) -> str:
        return f"{self.status} {self.code} {self.detail}".strip()
