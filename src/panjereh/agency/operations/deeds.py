"""What a service does in the name of the agency: enter a birth, issue a document, send a message.

Each is done under an idempotency key, so that a worker that dies between the call and its
commit does it once and not twice.
"""

import logging
from datetime import date
from typing import Any, Literal

import msgspec
from django.utils.translation import gettext_lazy as _

from panjereh.agency.operations.registry import Call, operation
from panjereh.agency.packages.texts import fill
from panjereh.sdk import civil_registry, documents, exchange, messaging

log = logging.getLogger("panjereh.agency")


class BirthAsked(msgspec.Struct, frozen=True, kw_only=True):
    notice_id: str
    given_name: str
    mother_national_id: str
    father_national_id: str
    born_on: date
    sex: Literal["female", "male"]
    birth_place: str


@operation(
    "nix:civil-registry.register-birth", system=civil_registry.SYSTEM, title=_("entry of the birth")
)
def register_birth(asked: BirthAsked, call: Call) -> civil_registry.BirthEntry:
    return civil_registry.register_birth(
        notice_id=asked.notice_id,
        given_name=asked.given_name,
        mother_national_id=asked.mother_national_id,
        father_national_id=asked.father_national_id,
        born_on=asked.born_on,
        sex=asked.sex,
        birth_place=asked.birth_place,
        idempotency_key=call.key,
        case=call.case,
        user=call.user,
    )


class DocumentAsked(msgspec.Struct, frozen=True):
    holder: str
    notify: str
    data: dict[str, Any]


@operation("doc:issue.", system=documents.SYSTEM, title=_("issue of the document"))
def issue_document(asked: DocumentAsked, call: Call) -> documents.Issued:
    title = {
        language: texts[f"documents.{call.subject}.title"]
        for language, texts in call.service.texts.items()
    }
    return documents.issue(
        kind=call.subject,
        version=call.service.version,
        service_id=call.service.id,
        title=title,
        holder=asked.holder,
        notify=asked.notify,
        data=asked.data,
        idempotency_key=call.key,
        case=call.case,
    )


class MessageAsked(msgspec.Struct, frozen=True):
    mobile: str
    values: dict[str, str] = {}


class Sent(msgspec.Struct, frozen=True):
    message_id: str


@operation("msg:notify.", system=messaging.SYSTEM, title=_("message"))
def notify(asked: MessageAsked, call: Call) -> Sent:
    """An SMS whose text is `messages.<subject>` of the package, in the person's language.

    A number that takes no messages keeps nobody's case open: the e-box has the same news.
    """
    text = call.service.texts[call.language][f"messages.{call.subject}"]
    values = {"tracking_id": call.case, **asked.values}
    try:
        message_id = messaging.send_sms(
            mobile=asked.mobile,
            text=fill(text, values, call.language),
            idempotency_key=call.key,
            case=call.case,
        )
    except exchange.Rejected as error:
        log.warning("agency.notice.rejected subject=%s reason=%s", call.subject, error.code)
        return Sent("")
    return Sent(message_id)
