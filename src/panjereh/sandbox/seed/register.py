"""Fill the public register: session 26 as it was decided, and the sandbox's own approvals."""

from datetime import date
from functools import lru_cache
from typing import Any

from panjereh.exchange.approvals.actions.register import (
    conditions_in_words,
    enter_approval,
    items_in_words,
    link_series,
    named,
)
from panjereh.exchange.approvals.models import Approval, ApprovedSeries
from panjereh.exchange.approvals.rules import notes_in_words
from panjereh.exchange.models import Grant, Operator
from panjereh.sandbox.nation.facts import facts

SESSION = "approvals_session26"
BODY = {"fa": "کارگروه تعامل‌پذیری دولت الکترونیکی، جلسه ۲۶"}
BODY["en"] = "E-government interoperability working group, session 26"


def fill_register(operator: Operator, described: dict[str, Any]) -> None:
    decided, persian = facts(SESSION), facts(f"{SESSION}_fa")
    codes = persian["services"] | {
        grant["data"]: grant["service"] for grant in described["grants"] if "data" in grant
    }
    for item in decided["items"]:
        approval = Approval.objects.filter(row=item["id"], number=_number(decided)).first()
        if approval is None:
            told = _decided(decided, item, persian) | {"service_code": codes[item["id"]]}
            approval = enter_approval(actor=operator, facts=told)
        for grant in _grants_of(item, codes[item["id"]]):
            link_series(approval, grant.series)
    for grant in Grant.objects.filter(state=Grant.State.ACTIVE, approval_row=""):
        if not _is_in_register(grant):
            enter_approval(actor=operator, facts=_of_grant(grant), grants=[grant])


def _decided(decided: dict[str, Any], item: dict[str, Any], persian: Any) -> dict[str, Any]:
    letter, purpose = decided["meta"]["letter"], item.get("purpose_en", "")
    return {
        "number": letter["number"],
        "date": date.fromisoformat(decided["meta"]["date"]["iso"]),
        "body_fa": BODY["fa"],
        "body_en": BODY["en"],
        "session_number": decided["meta"]["session"],
        "row": item["id"],
        "kind": item["type"],
        "consumers": [_agency(slug) for slug in item["consumers"]],
        "providers": [_agency(slug) for slug in item["providers"]],
        "service_fa": item["service_fa"],
        "service_en": item["service_en"],
        "inputs": item["inputs"],
        "outputs": item["outputs"],
        "conditions": [{"fa": persian["conditions"][c], "en": c} for c in item["conditions"]],
        "purpose_fa": persian["purposes"].get(purpose, ""),
        "purpose_en": purpose,
        "legal_basis": f"000 A{item['resolution']}",
        "letter": {"number": letter["number"], "date": letter["iso"], "to": letter["to"]},
    }


def _number(decided: dict[str, Any]) -> str:
    return str(decided["meta"]["letter"]["number"])


def _agency(slug: str) -> dict[str, str]:
    found = _agencies()[slug]
    return {"code": slug, "fa": found["fa"], "en": found["en"]}


@lru_cache
def _agencies() -> dict[str, dict[str, str]]:
    return {agency["slug"]: agency for agency in facts("agencies")["items"]}


def _grants_of(item: dict[str, Any], service: str) -> list[Grant]:
    """Those that cite the item; of one that was in operation already, those of its service."""
    active = Grant.objects.filter(state=Grant.State.ACTIVE)
    if item["consumers"]:
        return list(active.filter(approval_row=item["id"]))
    system, _, code = service.partition("/")
    return list(active.filter(service__system__code=system, service__code=code))


def _is_in_register(grant: Grant) -> bool:
    known = Approval.objects.filter(
        pk__in=ApprovedSeries.objects.filter(series=grant.series).values("approval")
    )
    return any(
        [item["key"] for item in approval.outputs or []] == grant.data_items for approval in known
    )


def _of_grant(grant: Grant) -> dict[str, Any]:
    service = grant.service
    return {
        "number": grant.approval_number,
        "date": grant.approval_date,
        "body_fa": grant.approval_body_fa,
        "body_en": grant.approval_body_en,
        "consumers": [named(grant.consumer.member)],
        "providers": [named(service.system.member)],
        "service_code": f"{service.system.code}/{service.code}",
        "service_fa": service.title_fa,
        "service_en": service.title_en,
        "inputs": items_in_words(service, "in"),
        "outputs": items_in_words(service, "out", grant.data_items),
        "conditions": conditions_in_words(grant.conditions),
        "purpose_fa": grant.purpose_fa,
        "purpose_en": grant.purpose_en,
        "legal_basis": grant.legal_basis,
        "notes": notes_in_words(grant.consumer.member),
    }
