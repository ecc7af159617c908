from panjereh.common.problems import Problem
from panjereh.registries.legal.models import Company, Signatory, Status

ACTING = (Status.ACTIVE, Status.IN_LIQUIDATION)


def company(legal_id: str) -> Company:
    found = Company.objects.filter(pk=legal_id).first()
    if found is None:
        raise Problem(404, "company-unknown", "no legal person has this id")
    return found


def signatories(of: Company) -> list[str]:
    """National ids, in the order of the register."""
    signing = Signatory.objects.filter(company=of).order_by("position")
    return list(signing.values_list("national_id", flat=True))


def speaks_for(legal_id: str, national_id: str, role: str) -> bool:
    """`role` is chief-executive or signatory."""
    acting = Company.objects.filter(pk=legal_id, status__in=ACTING)
    if role == "chief-executive":
        return acting.filter(chief_executive_national_id=national_id).exists()
    return acting.filter(signatory__national_id=national_id).exists()
