"""The plain face: `/v1/{class}/{member}/{system}/{service}`, errors as RFC 9457 with honest status.

It is r1 in everything else: the same headers, signatures, grants, records. Only the instance is
left out of the path, for a gateway serves one.
"""

from typing import Any

import msgspec

from panjereh.common.problems import CONTENT_TYPE
from panjereh.exchange.gateway import faults
from panjereh.exchange.gateway.codes import Code, code_of
from panjereh.exchange.gateway.messages import Answer, Request
from panjereh.exchange.gateway.texts import language, translated

PREFIX = "/v1/"
FACE = "v1"


def face_of(path: str) -> str:
    return FACE if path.startswith(PREFIX) else "r1"


def r1_path(path: str, instance: str) -> str:
    """The place as the X-Road face spells it."""
    if not path.startswith(PREFIX):
        return path
    return f"/r1/{instance}/{path[len(PREFIX) :]}"


def refusal(fault: faults.Fault, request_id: str, request: Request) -> Answer:
    """The refusal in the words of the face that was called."""
    headers = fault.headers(request_id)
    if not request.path.startswith(PREFIX):
        content_type, body = fault.body(request_id, request.headers.get("accept", ""))
        return Answer(fault.status, [("content-type", content_type), *headers], body)
    to = language(request.headers.get("accept-language", ""))
    headers += [("content-type", CONTENT_TYPE), ("content-language", to)]
    headers.append(("vary", "accept-language"))
    status = code_of(fault).status
    if status == 401:  # RFC 9110 wants it; RFC 9421 names no scheme of its own
        headers.append(("www-authenticate", "Signature"))
    return Answer(status, headers, msgspec.json.encode(_members(fault, request_id, to)))


def _members(fault: faults.Fault, request_id: str, to: str) -> dict[str, Any]:
    code = code_of(fault)
    members = {
        "type": f"urn:panjereh:problem:{code.name}",
        "title": translated(code.title, to),
        "status": code.status,
        "detail": _detail(fault, code, to),
        "code": code.number,
        "cause": fault.cause,
        "retry_in": fault.retry_after,
        "request_id": request_id or None,
    }
    return {name: value for name, value in members.items() if value is not None}


def _detail(fault: faults.Fault, code: Code, to: str) -> str:
    """What happened, in full; where only English knows, what to do about it in the language."""
    text = translated(fault.text, to)
    if to != "en" and text == fault.text and text.isascii():
        return translated(code.advice, to)
    return text % fault.values if fault.values else text
