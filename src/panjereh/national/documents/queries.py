"""Reads of the register of documents."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from panjereh.national.documents.models import Document, Template
from panjereh.national.documents.numbers import parse_document_id, parse_human_id


def made_with(consumer: str, key: str) -> Document | None:
    return _documents().filter(consumer=consumer, key=key).first()


def by_id(document_id: uuid.UUID) -> Document | None:
    return _documents().filter(id=document_id).first()


def by_human_id(human_id: str) -> Document | None:
    return _documents().filter(human_id=human_id).first()


def by_sha256(digest: str) -> Document | None:
    return _documents().filter(sha256=digest).first()


def by_any_id(text: str) -> Document | None:
    """By what a person typed or a QR code said."""
    if document_id := parse_document_id(text):
        return by_id(document_id)
    human_id = parse_human_id(text)
    return by_human_id(human_id) if human_id else None


def template(member: str, kind: str, version: str) -> Template | None:
    return Template.objects.filter(member=member, kind=kind, version=version).first()


def serials() -> Iterator[int]:
    """Outside every transaction, so that two issues never wait on each other; gaps are harmless."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('documents_serial')")
            yield int(cursor.fetchone()[0])


def data_of(document: Document) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(bytes(document.attachment))["data"]
    return data


def verify_url(document_id: uuid.UUID) -> str:
    """What the QR code says. Persian first; the page itself offers the other language."""
    return f"{settings.PUBLIC_URLS['national']}/fa/d/{document_id}/"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _documents() -> QuerySet[Document]:
    return Document.objects.select_related("template", "successor")


def document_id_in(attachment: bytes) -> uuid.UUID | None:
    """The document that an attachment claims to belong to; it may hold anything."""
    try:
        claimed = json.loads(attachment)["document"]["document_id"]
    except (ValueError, KeyError, TypeError):
        return None
    return parse_document_id(str(claimed))
