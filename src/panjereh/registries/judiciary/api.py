from datetime import date
from typing import Any

from ninja import Schema

from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, NationalId, Text, answers, named
from panjereh.registries.judiciary import queries
from panjereh.registries.judiciary.models import AccessRecord
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "judicial-certificates"
SERVICE = "criminal-record-certificate"

api = provider_api(SYSTEM, title="Certificates of no criminal record")


class CertificateIn(Body):
    national_id: NationalId
    certificate_number: Text = named("شماره گواهی", "Number of the certificate")


class CertificateOut(Schema):
    authentic: bool = named("اصالت گواهی", "Whether the certificate is authentic")
    issued_on: date | None = named("تاریخ صدور", "Date of issue")
    valid_until: date | None = named("پایان اعتبار", "Valid until")


@api.post(f"/{SERVICE}", response=answers(CertificateOut), operation_id=SERVICE)
def criminal_record_certificate(request: ExchangeRequest, body: CertificateIn) -> dict[str, Any]:
    """Was this certificate issued to this person? Nothing else is answered."""
    subject = body.national_id
    admit_call(AccessRecord, request.exchange_call, system=SYSTEM, service=SERVICE, subject=subject)
    found = queries.certificate(body.national_id, body.certificate_number)
    return {
        "authentic": found is not None,
        "issued_on": found and found.issued_on,
        "valid_until": found and found.valid_until,
    }
