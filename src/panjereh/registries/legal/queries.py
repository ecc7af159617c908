from panjereh.common.problems import Problem
from panjereh.registries.legal.models import Company, Signatory


def company(legal_id: str) -> Company:
    found = Company.objects.filter(pk=legal_id).first()
    if found is None:
        raise Problem(404, "company-unknown", "no legal person has this id")
    return found


def signatories(of: Company) -> list[str]:
    """National ids, in the order of the register."""
    signing = Signatory.objects.filter(company=of).order_by("position")
    return list(signing.values_list("national_id", flat=True))
