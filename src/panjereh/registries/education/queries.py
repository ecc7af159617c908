from panjereh.common.problems import Problem
from panjereh.registries.education.models import Degree, Enrolment


def last_degree(national_id: str) -> Degree:
    found = Degree.objects.filter(pk=national_id).first()
    if found is None:
        raise Problem(404, "degree-unknown", "no degree is registered for this person")
    return found


def enrolment(national_id: str) -> Enrolment | None:
    return Enrolment.objects.filter(pk=national_id).first()
