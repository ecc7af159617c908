"""Documents over the exchange; thin over the deeds."""

import base64
from typing import Annotated, Any

from ninja import Field, Schema

from panjereh.national.documents import actions, queries
from panjereh.national.documents.models import Document
from panjereh.national.documents.numbers import parse_document_id
from panjereh.national.fields import Line, NoticeMobile, PersonId, ServiceId, Text
from panjereh.sdk.provider import ExchangeRequest, provider_api

Kind = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,99}$")]
Version = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+){0,2}$")]

api = provider_api("documents", title="Electronic documents")


class TemplateIn(Schema):
    kind: Kind
    version: Version
    source: Text
    schema_: dict[str, Any] = Field(alias="schema")


class Registered(Schema):
    kind: str
    version: str


class Title(Schema):
    """What the document is. It is shown to whoever knows the number: it names no person."""

    fa: Line
    en: Line


class IssueIn(Schema):
    kind: Kind
    version: Version
    service_id: ServiceId
    title: Title
    holder: PersonId
    notify: NoticeMobile = ""
    data: dict[str, Any]


class IssuedOut(Schema):
    document_id: str
    human_id: str
    verify_url: str
    sha256: str


class FileIn(Schema):
    document_id: str
    person: PersonId


class FileOut(Schema):
    document_id: str
    name: str
    pdf_base64: str


@api.post("/register-template", response=Registered)
def register_template(request: ExchangeRequest, body: TemplateIn) -> Registered:
    call = request.exchange_call
    call.required_key()
    template = actions.register_template(
        consumer=call.consumer,
        kind=body.kind,
        version=body.version,
        source=body.source,
        schema=body.schema_,
    )
    return Registered(kind=template.kind, version=template.version)


@api.post("/issue", response=IssuedOut)
def issue(request: ExchangeRequest, body: IssueIn) -> IssuedOut:
    call = request.exchange_call
    document = actions.issue(
        consumer=call.consumer,
        key=call.required_key(),
        case=call.case,
        **body.model_dump(),
    )
    return _issued(document)


@api.post("/file", response=FileOut)
def file(request: ExchangeRequest, body: FileIn) -> FileOut:
    document = actions.hand_out(
        document_id=parse_document_id(body.document_id),
        person=body.person,
        acting=request.exchange_call.user,
    )
    return FileOut(
        document_id=str(document.id),
        name=f"{document.human_id}.pdf",
        pdf_base64=base64.b64encode(bytes(document.pdf)).decode(),
    )


def _issued(document: Document) -> IssuedOut:
    return IssuedOut(
        document_id=str(document.id),
        human_id=document.human_id,
        verify_url=queries.verify_url(document.id),
        sha256=document.sha256,
    )
