from typing import Literal

from ninja import Schema

from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, LegalId, answers
from panjereh.registries.legal import queries
from panjereh.registries.legal.models import AccessRecord, Company
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "legal-persons-registry"

api = provider_api(SYSTEM, title="Registry of legal persons")


class CompanyIn(Body):
    legal_id: LegalId


class CompanyOut(Schema):
    legal_id: str
    name: str
    kind: str
    status: Literal["active", "in-liquidation", "dissolved"]
    chief_executive_national_id: str
    signatories: list[str]
    postal_code: str

    @staticmethod
    def resolve_signatories(company: Company) -> list[str]:
        return queries.signatories(company)


@api.post("/company", response=answers(CompanyOut, 404), operation_id="company")
def company(request: ExchangeRequest, body: CompanyIn) -> Company:
    """A legal person: status, chief executive and who signs for it."""
    subject = body.legal_id
    admit_call(
        AccessRecord, request.exchange_call, system=SYSTEM, service="company", subject=subject
    )
    return queries.company(body.legal_id)
