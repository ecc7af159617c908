from panjereh.common.problems import Problem
from panjereh.registries.insurance.models import SentList


def sent_list(*, enterprise: str, workshop: str, branch: str, month: str) -> SentList:
    """The list that this workshop of this enterprise sent for the month."""
    found = SentList.objects.filter(
        workshop__enterprise_id=enterprise,
        workshop_id=workshop,
        workshop__branch_code=branch,
        month=month,
    ).first()
    if found is None:
        raise Problem(404, "list-unknown", "no such workshop sent a list for this month")
    return found
