"""Those who register in another way than everybody: see `people` for the rest of the cast."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.registries.civil.queries import wards
from panjereh.registries.foreigners.models import Foreigner
from panjereh.registries.legal.models import Company, Status
from panjereh.registries.legal.queries import signatories
from panjereh.registries.telecom.models import Sim
from panjereh.sandbox.people import NobodyFound, cast_ids, facts_of
from panjereh.ui.jalali import to_jalali


def foreigner() -> dict[str, Any]:
    """Lives here by a permit that lasts, and has a mobile."""
    staying = Foreigner.objects.filter(died_on=None, permit_until__gte=localdate(clock.now()))
    return _foreigner(staying)


def foreigner_without_permit() -> dict[str, Any]:
    """The permit has ended: is refused, and told what to do."""
    return _foreigner(Foreigner.objects.filter(permit_until__lt=localdate(clock.now())))


def guardian() -> dict[str, Any]:
    """A father, and a child of his whose account he may open."""
    father = cast_ids()["father"]
    return {**facts_of(father), "child": facts_of(wards(father)[0].child.national_id)}


def chief_executive() -> dict[str, Any]:
    """With a company that may act."""
    reachable = Sim.objects.filter(owner_national_id=OuterRef("chief_executive_national_id"))
    acting = Company.objects.filter(Exists(reachable), status=Status.ACTIVE)
    company = acting.order_by("legal_id").first()
    if company is None:
        raise NobodyFound("no company has a chief executive with a mobile")
    return {
        **facts_of(company.chief_executive_national_id),
        "company": {
            "legal_id": company.legal_id,
            "name": company.name,
            "signatories": signatories(company),
            "signing_rule": company.signing_rule,
        },
    }


ROLES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "foreigner": foreigner,
    "foreigner-without-permit": foreigner_without_permit,
    "guardian": guardian,
    "chief-executive": chief_executive,
}


def _foreigner(among: Any) -> dict[str, Any]:
    found = among.order_by("fida_code").first()
    if found is None:
        raise NobodyFound("the sandbox has no such foreign national")
    sim = Sim.objects.filter(owner_national_id=found.fida_code).order_by("mobile").first()
    return {
        "fida_code": found.fida_code,
        "given_name": found.given_name,
        "family_name": found.family_name,
        "latin_name": f"{found.latin_given_name} {found.latin_family_name}",
        "nationality": found.nationality,
        "birth_date": found.birth_date.isoformat(),
        "birth_date_jalali": "{}/{:02}/{:02}".format(*to_jalali(found.birth_date)),
        "permit_until": found.permit_until.isoformat(),
        "mobile": "0" + sim.mobile.removeprefix("+98") if sim else "",
    }
