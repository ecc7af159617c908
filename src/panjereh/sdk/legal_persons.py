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


def company(legal_id: str, *, case: str = "", user: str = "") -> Company:
    """Rejected `company-unknown`."""
    answer = call(SYSTEM, "company", {"legal_id": legal_id}, case=case, user=user)
    return msgspec.convert(answer, Company, strict=False)
