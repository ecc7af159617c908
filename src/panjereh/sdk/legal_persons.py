"""Registry of legal persons: companies and who signs for them."""

import msgspec

from panjereh.sdk.exchange import call

SYSTEM = "legal-persons-registry"


class Company(msgspec.Struct, frozen=True, kw_only=True):
    legal_id: str
    name: str | None = None
    kind: str | None = None
    status: str | None = None
    chief_executive_national_id: str | None = None
    signatories: list[str] = []
    signing_rule: str | None = None
    postal_code: str | None = None


class Authenticated(msgspec.Struct, frozen=True, kw_only=True):
    """Yes or no, and the reference by which both sides find the call again."""

    authenticated: bool
    reference: str


def authenticate(
    legal_id: str, *, national_id: str, role: str, case: str = "", user: str = ""
) -> Authenticated:
    """Whether a person speaks for it today, as `chief-executive` or as `signatory`."""
    body = {"legal_id": legal_id, "national_id": national_id, "role": role}
    return msgspec.convert(call(SYSTEM, "authenticate", body, case=case, user=user), Authenticated)


def company(legal_id: str, *, case: str = "", user: str = "") -> Company:
    """Rejected `company-unknown`."""
    answer = call(SYSTEM, "company", {"legal_id": legal_id}, case=case, user=user)
    return msgspec.convert(answer, Company, strict=False)
