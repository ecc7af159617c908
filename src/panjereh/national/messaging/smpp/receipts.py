"""Delivery receipts in the dialects of operators: optional parameters first, then the text."""

import re
from dataclasses import dataclass

from panjereh.national.messaging.models import State
from panjereh.national.messaging.smpp.pdu import (
    IS_RECEIPT,
    TLV_MESSAGE_STATE,
    TLV_RECEIPTED_ID,
    Frame,
)

_ID = re.compile(r"\bid:\s*(\S+)", re.IGNORECASE)
_STATE = re.compile(r"\bstat:\s*([A-Za-z]+)", re.IGNORECASE)
_ERROR = re.compile(r"\berr:\s*([0-9A-Za-z]{1,8})", re.IGNORECASE)

_BY_NUMBER = {
    2: State.DELIVERED,
    3: State.EXPIRED,
    4: State.UNDELIVERABLE,
    5: State.UNDELIVERABLE,
    8: State.UNDELIVERABLE,
}
_BY_WORD = {
    "DELIVRD": State.DELIVERED,
    "EXPIRED": State.EXPIRED,
    "DELETED": State.UNDELIVERABLE,
    "UNDELIV": State.UNDELIVERABLE,
    "REJECTD": State.UNDELIVERABLE,
}


@dataclass(frozen=True)
class Receipt:
    """`state` is None while the message is still on its way."""

    smsc_id: str
    state: State | None
    error: str = ""


def read(frame: Frame) -> Receipt | None:
    """None when the frame is no receipt: a person has written to us."""
    text = frame.octets("short_message").decode("latin-1")
    named = frame.tlvs.get(TLV_RECEIPTED_ID, b"").rstrip(b"\0").decode("latin-1")
    written = _ID.search(text)
    if not named and not (frame.number("esm_class") & IS_RECEIPT and written):
        return None
    error = _ERROR.search(text)
    return Receipt(
        smsc_id=named or (written[1] if written else ""),
        state=_state(frame, text),
        error=error[1] if error else "",
    )


def _state(frame: Frame, text: str) -> State | None:
    number = frame.tlvs.get(TLV_MESSAGE_STATE, b"")
    if number:
        return _BY_NUMBER.get(number[-1])
    word = _STATE.search(text)
    return _BY_WORD.get(word[1].upper()) if word else None
