"""The deeds of the register of documents: register a template, issue, hand out, change a status."""

import logging
import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.common.problems import Problem
from panjereh.national.consumers import member_of, system_of
from panjereh.national.documents import keys, queries, sealing, sources
from panjereh.national.documents.models import Document, Status, StatusChange, Template
from panjereh.national.documents.numbers import human_id, new_document_id, next_human_id
from panjereh.national.documents.trial import trial_flaw
from panjereh.national.documents.typesetting import CannotSet, Draft, as_json, set_pdf
from panjereh.national.messaging.actions import deposit_letter
from panjereh.national.schemas import schema_flaw, wrong_fields
from panjereh.national.tracking.numbers import parse_tracking_id

log = logging.getLogger("panjereh.documents")

MAX_SCHEMA, MAX_DATA = 100_000, 200_000
FINAL = (Status.REVOKED, Status.SUPERSEDED)


def register_template(
    *, consumer: str, kind: str, version: str, source: str, schema: dict[str, Any]
) -> Template:
    """Enter a template once it compiled with its example; the same one again changes nothing."""
    owned = {"member": member_of(consumer), "kind": kind, "version": version}
    before = Template.objects.filter(**owned).first()
    if before is None:
        _check_template(consumer, kind, version, source, schema)
        before, _ = Template.objects.get_or_create(
            **owned,
            defaults={
                "registered_by": consumer,
                "registered_at": clock.now(),
                "source": source,
                "schema": schema,
            },
        )
    if (before.source, before.schema) != (source, schema):
        raise Problem(409, "version-taken", f"{kind} {version} is registered; raise the version")
    return before


def _check_template(
    consumer: str, kind: str, version: str, source: str, schema: dict[str, Any]
) -> None:
    signer = _signer(consumer)
    flaw = schema_flaw(schema) or sources.source_flaw(source)
    if len(as_json(schema)) > MAX_SCHEMA:
        flaw = f"a schema has at most {MAX_SCHEMA} characters"
    if flaw:
        raise Problem(422, "template-invalid", flaw)
    number = human_id(signer.agency, 0, clock.now())
    draft = _draft(signer, kind=kind, version=version, data=_example(schema), number=number)
    if flaw := trial_flaw(source, draft):
        raise Problem(422, "template-invalid", f"with its example: {flaw}")


def _example(schema: dict[str, Any]) -> dict[str, Any]:
    """The template is tried with the schema's own example, so there has to be a right one."""
    examples = schema.get("examples")
    if not isinstance(examples, list) or not examples or not isinstance(examples[0], dict):
        raise Problem(422, "template-invalid", "the schema needs `examples` with one object")
    if fields := wrong_fields(schema, examples[0]):
        raise Problem(422, "template-invalid", f"the example misses: {', '.join(fields)}")
    return examples[0]


def issue(
    *,
    consumer: str,
    key: str,
    kind: str,
    version: str,
    service_id: str,
    title: dict[str, str],
    holder: str,
    data: dict[str, Any],
    notify: str = "",
    case: str = "",
) -> Document:
    """Make, seal, register and deliver a document; the same key gives the first one again.

    Setting and sealing come before the transaction: they take most of the time, and a process
    that dies in them leaves nothing behind but an unused serial. Register row, letter with its
    notice and event are one transaction (DOC-01, DOC-03).
    """
    asked = {"version": version, "service_id": service_id, "holder": holder, "data": data}
    if before := queries.made_with(consumer, key):
        return _same(before, kind, asked)
    signer, template = _signer(consumer), _template(consumer, kind, version)
    if fields := _wrong_data(template, data):
        raise _data_invalid(fields)
    draft = _draft(
        signer,
        kind=kind,
        version=version,
        data=data,
        number=next_human_id(signer.agency, clock.now(), queries.serials()),
        title=title,
        service_id=service_id,
        tracking_id=_tracking_id(case),
    )
    pdf = _sealed(template, draft, signer)
    row = _row(draft, pdf, template, signer) | {"holder": holder}
    return _same(_enter(consumer, key, row, notify=notify), kind, asked)


def _enter(consumer: str, key: str, row: dict[str, Any], *, notify: str) -> Document:
    """Register and deliver, or find that somebody else was first with this key."""
    with transaction.atomic():
        entered, fresh = Document.objects.get_or_create(consumer=consumer, key=key, defaults=row)
        if fresh:
            _deliver(entered, notify=notify)
            emit("documents.document.issued", subject=str(entered.id), data=_told(entered))
    return entered


def _deliver(document: Document, *, notify: str) -> None:
    """002 art 33 and 26(2): what is issued also arrives in the person's e-box, at the same time."""
    with translation.override("fa"):
        body = gettext(
            "%(title)s has been issued for you by %(issuer)s and is attached to this letter. "
            "Anybody to whom you give it can check it, without signing in, by its number "
            "%(number)s or its QR code."
        ) % {
            "title": document.title["fa"],
            "issuer": document.issuer["fa"],
            "number": f"\u2066{document.human_id}\u2069",
        }
    deposit_letter(
        sender=document.consumer,
        person=document.holder,
        title=document.title["fa"],
        body=body,
        case=document.tracking_id,
        document_id=str(document.id),
        notify=notify,
        key=f"document:{document.id}",
    )


def hand_out(*, document_id: uuid.UUID | None, person: str, acting: str) -> Document:
    """The file, for its holder who acts. Anybody else learns not even that there is one."""
    document = document_id and queries.by_id(document_id)
    if not document or not acting or not acting == person == document.holder:
        raise Problem(404, "document-unknown", "this person holds no such document")
    return document


def suspend(*, actor: str, document_id: uuid.UUID, reason: str) -> Document:
    return _change(actor, document_id, Status.SUSPENDED, reason, while_in=(Status.VALID,))


def reinstate(*, actor: str, document_id: uuid.UUID, reason: str) -> Document:
    return _change(actor, document_id, Status.VALID, reason, while_in=(Status.SUSPENDED,))


def revoke(*, actor: str, document_id: uuid.UUID, reason: str) -> Document:
    """For good. `actor` is an officer of the issuing agency, by name or post."""
    open_states = (Status.VALID, Status.SUSPENDED)
    return _change(actor, document_id, Status.REVOKED, reason, while_in=open_states)


def supersede(
    *, actor: str, document_id: uuid.UUID, successor_id: uuid.UUID, reason: str
) -> Document:
    """Another document of the same holder and kind takes its place."""
    with transaction.atomic():
        successor = Document.objects.get(id=successor_id)
        open_states = (Status.VALID, Status.SUSPENDED)
        document = _change(actor, document_id, Status.SUPERSEDED, reason, while_in=open_states)
        same = (document.holder, document.kind) == (successor.holder, successor.kind)
        if not same or document.id == successor.id:
            raise Problem(422, "successor-unfit", "a successor has the same holder and kind")
        document.successor = successor
        document.save(update_fields=["successor"])
    return document


def _change(
    actor: str, document_id: uuid.UUID, status: Status, reason: str, *, while_in: tuple[Status, ...]
) -> Document:
    if not actor.strip() or not reason.strip():
        raise Problem(422, "reason-missing", "a change of status names its actor and its reason")
    with transaction.atomic():
        document = Document.objects.select_for_update().get(id=document_id)
        if document.status not in while_in:
            raise Problem(409, "status-final", f"the document is {document.status}")
        document.status = status
        document.save(update_fields=["status"])
        StatusChange.objects.create(
            document=document, at=clock.now(), actor=actor, status=status, reason=reason
        )
        told = _told(document) | {"status": str(status)}
        emit("documents.document.status-changed", subject=str(document.id), data=told)
    return document


def _tracking_id(case: str) -> str:
    """The id that the document is bound to, in its canonical form; a document may have none."""
    tracking_id = parse_tracking_id(case) if case else ""
    if tracking_id is None:
        raise Problem(422, "tracking-id-invalid", "the case is no tracking id")
    return tracking_id


def _signer(consumer: str) -> keys.Signer:
    try:
        signer = keys.signer_of(system_of(consumer))
    except keys.KeysUnfit as error:
        raise _unfit(error) from error
    if signer is None:
        raise Problem(403, "no-seal", "no seal is registered for this system")
    return signer


def _template(consumer: str, kind: str, version: str) -> Template:
    template = queries.template(member_of(consumer), kind, version)
    if template is None:
        raise Problem(404, "template-unknown", f"{kind} {version} is not registered")
    return template


def _wrong_data(template: Template, data: dict[str, Any]) -> list[str]:
    if len(as_json(data)) > MAX_DATA:
        return ["(all)"]
    return wrong_fields(template.schema, data)


def _data_invalid(fields: list[str]) -> Problem:
    named = ", ".join(fields) or "(the template could not be set with them)"
    return Problem(422, "data-invalid", f"check {named}", extra={"fields": fields})


def _draft(
    signer: keys.Signer,
    *,
    kind: str,
    version: str,
    data: dict[str, Any],
    number: str,
    title: dict[str, str] | None = None,
    service_id: str = "",
    tracking_id: str = "",
) -> Draft:
    now = clock.now()
    document_id = new_document_id(now)
    return Draft(
        document_id=document_id,
        human_id=number,
        kind=kind,
        version=version,
        title=title or {"fa": kind, "en": kind},
        issuer=signer.name,
        post=signer.post,
        service_id=service_id,
        tracking_id=tracking_id,
        issued_at=timezone.localtime(now),
        verify_url=queries.verify_url(document_id),
        sandbox=settings.PROFILE == "sandbox",
        data=data,
    )


def _sealed(template: Template, draft: Draft, signer: keys.Signer) -> bytes:
    try:
        return sealing.seal(set_pdf(template.source, draft), signer)
    except CannotSet as error:
        raise _data_invalid(error.fields) from None
    except keys.KeysUnfit as error:
        raise _unfit(error) from error


def _unfit(error: keys.KeysUnfit) -> Problem:
    log.error("documents.seal.unfit reason=%s", error)
    return Problem(
        503, "seal-unfit", "documents cannot be sealed now", cause="provider", retry_in=300
    )


def _row(draft: Draft, pdf: bytes, template: Template, signer: keys.Signer) -> dict[str, Any]:
    return {
        "id": draft.document_id,
        "human_id": draft.human_id,
        "template": template,
        "title": draft.title,
        "issuer": draft.issuer,
        "service_id": draft.service_id,
        "tracking_id": draft.tracking_id,
        "issued_at": draft.issued_at,
        "attachment": draft.attachment(),
        "pdf": pdf,
        "sha256": queries.sha256(pdf),
        "level": sealing.LEVEL,
        "certificate": signer.fingerprint,
    }


def _same(document: Document, kind: str, asked: dict[str, Any]) -> Document:
    """What the key made, if it is asked for with the same body."""
    made = {
        "version": document.template.version,
        "service_id": document.service_id,
        "holder": document.holder,
        "data": queries.data_of(document),
    }
    if document.kind != kind or made != asked:
        raise Problem(409, "idempotency-key-reused", "this key was used for another body")
    return document


def _told(document: Document) -> dict[str, Any]:
    return {
        "document_id": str(document.id),
        "kind": document.kind,
        "tracking_id": document.tracking_id,
    }
