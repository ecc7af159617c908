"""What happens to companies of the sandbox: another chief executive, an end, and back again."""

from typing import Any

from panjereh.registries.legal.models import Company, Status


def change_chief_executive(legal_id: str, national_id: str) -> dict[str, Any]:
    """From now on this person leads the company; whoever led it does not."""
    Company.objects.filter(pk=legal_id).update(chief_executive_national_id=national_id)
    return _told(legal_id)


def dissolve(legal_id: str) -> dict[str, Any]:
    Company.objects.filter(pk=legal_id).update(status=Status.DISSOLVED)
    return _told(legal_id)


def revive(legal_id: str) -> dict[str, Any]:
    Company.objects.filter(pk=legal_id).update(status=Status.ACTIVE)
    return _told(legal_id)


def _told(legal_id: str) -> dict[str, Any]:
    company = Company.objects.get(pk=legal_id)
    return {
        "legal_id": company.legal_id,
        "status": company.status,
        "chief_executive": company.chief_executive_national_id,
    }
