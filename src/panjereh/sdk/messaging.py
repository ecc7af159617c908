"""Payam Iran: SMS to a person's confirmed number, and the person's e-box."""

from datetime import datetime

import msgspec

from panjereh.sdk.exchange import call

SYSTEM = "messaging"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    letter_id: str
    sender: str
    title: str
    body: str
    deposited_at: datetime
    read_at: datetime | None = None
    tracking_id: str = ""
    document_id: str = ""


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    unread: int
    letters: list[Letter]


def send_sms(
    *,
    mobile: str,
    text: str,
    lane: str = "transactional",
    idempotency_key: str,
    case: str = "",
    expires_in: int | None = None,
) -> str:
    """Accept an SMS and return its message id.

    Lanes: one-time, transactional, bulk. `expires_in` in seconds.
    """
    body = {"mobile": mobile, "text": text, "lane": lane, "expires_in": expires_in}
    return str(
        call(SYSTEM, "send-sms", body, case=case, idempotency_key=idempotency_key)["message_id"]
    )


def deposit_letter(
    *, person: str, title: str, body: str, idempotency_key: str, case: str = "", notify: str = ""
) -> str:
    """Put a letter into a person's e-box; `notify` is the mobile that gets a short notice."""
    payload = {"person": person, "title": title, "body": body, "notify": notify}
    return str(
        call(SYSTEM, "deposit-letter", payload, case=case, idempotency_key=idempotency_key)[
            "letter_id"
        ]
    )


def mailbox(person: str, *, user: str) -> Mailbox:
    return msgspec.convert(
        call(SYSTEM, "mailbox", {"person": person}, user=user), Mailbox, strict=False
    )


def open_letter(person: str, letter_id: str, *, user: str) -> Letter:
    """Read a letter and record that it was read. Rejected `letter-unknown`."""
    body = {"person": person, "letter_id": letter_id}
    return msgspec.convert(call(SYSTEM, "open-letter", body, user=user), Letter, strict=False)
