from panjereh.common.problems import Problem
from panjereh.registries.residence.models import Residence


def residence(national_id: str) -> Residence:
    found = Residence.objects.filter(pk=national_id).first()
    if found is None:
        raise Problem(404, "residence-unknown", "no residence is entered for this person")
    return found
