"""An application beside what is approved and what runs, for the registrar's eyes."""

from dataclasses import dataclass

from django.utils.functional import Promise

from panjereh.sso.account.rows import CLAIM_NAMES
from panjereh.sso.portal.models import Application, Approval


@dataclass(frozen=True)
class ClaimRow:
    """`approved_by` is the decision that covers the claim already."""

    name: str | Promise
    basis: str
    approved_by: Approval | None


def compared(application: Application) -> list[ClaimRow]:
    """Each claim that is asked for, against the newest decision of the working group."""
    standing = application.site.approvals.first()
    return [
        ClaimRow(
            CLAIM_NAMES.get(claim, claim),
            basis,
            standing if standing and claim in standing.data_items else None,
        )
        for claim, basis in application.told.claims.items()
    ]
