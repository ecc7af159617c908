from panjereh.common.problems import Problem
from panjereh.registries.postal.models import Address


def address(postal_code: str) -> Address:
    found = Address.objects.filter(pk=postal_code).first()
    if found is None:
        raise Problem(404, "postal-code-unknown", "no address has this postal code")
    return found
