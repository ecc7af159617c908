from typing import Literal

from ninja import Schema

from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, LegalId, NationalId, answers
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
    status: Literal["active", "in-liquidation", "dissolved", "struck-off"]
    chief_executive_national_id: str
    signatories: list[str]
    signing_rule: Literal["each", "two", "all"]
    postal_code: str

    @staticmethod
    def resolve_signatories(company: Company) -> list[str]:
        return queries.signatories(company)


class AuthenticationIn(Body):
    legal_id: LegalId
    national_id: NationalId
    role: Literal["chief-executive", "signatory"]


class AuthenticationOut(Schema):
    authenticated: bool
    reference: str


@api.post("/company", response=answers(CompanyOut, 404), operation_id="company")
def company(request: ExchangeRequest, body: CompanyIn) -> Company:
    """A legal person: status, chief executive, who signs for it and how many of them must."""
    _admit(request, "company", body.legal_id)
    return queries.company(body.legal_id)


@api.post("/authenticate", response=answers(AuthenticationOut), operation_id="authenticate")
def authenticate(request: ExchangeRequest, body: AuthenticationIn) -> AuthenticationOut:
    """001 bylaw art 11 n3: whether this person speaks for the legal person today; yes or no.

    One that is unknown, one that may not act and one of others look the same. The reference finds
    the call in the records of both sides.
    """
    _admit(request, "authenticate", body.legal_id)
    return AuthenticationOut(
        authenticated=queries.speaks_for(body.legal_id, body.national_id, body.role),
        reference=request.exchange_call.request_id,
    )


def _admit(request: ExchangeRequest, service: str, subject: str) -> None:
    admit_call(AccessRecord, request.exchange_call, system=SYSTEM, service=service, subject=subject)
