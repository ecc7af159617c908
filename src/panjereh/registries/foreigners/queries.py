from datetime import date

from panjereh.common.problems import Problem
from panjereh.registries.foreigners.models import Foreigner


def foreigner(fida_code: str, birth_date: date | None = None) -> Foreigner:
    """With a birth date, only if it is this person's. The refusal does not say what is right."""
    found = Foreigner.objects.filter(pk=fida_code).first()
    if found is None:
        raise Problem(404, "person-unknown", "no foreign national has this FIDA code")
    if birth_date is not None and birth_date != found.birth_date:
        raise Problem(409, "birth-date-differs", "the birth date is not that of this person")
    return found
