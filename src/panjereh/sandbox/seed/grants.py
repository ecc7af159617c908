"""Enter the grants of exchange.yaml. The sandbox holds its members' keys, so each is a contract
that all three parties signed, as it would be in the country."""

from pathlib import Path
from typing import Any

from django.conf import settings

from panjereh.exchange.approvals.actions.grants import approve_grant, keys_for
from panjereh.exchange.approvals.contract import ContractRefused, verify
from panjereh.exchange.approvals.terms import Terms
from panjereh.exchange.approvals.terms import terms as terms_of
from panjereh.exchange.models import Grant, Operator, Service, System
from panjereh.sandbox.keys import system_key


def enter_grants(operator: Operator, described: dict[str, Any]) -> None:
    home = Path(settings.EXCHANGE_DIRECTORY).parent
    for wanted in described["grants"]:
        system, _, code = wanted["service"].partition("/")
        consumer = System.objects.select_related("member").get(code=wanted["consumer"])
        service = Service.objects.select_related("system__member").get(
            system__code=system, code=code
        )
        terms = _terms(described, wanted)
        if not _stands(consumer, service, terms):
            approve_grant(
                actor=operator,
                consumer=consumer,
                service=service,
                terms=terms,
                key_of=lambda of: system_key(home, of.code),
            )


def _terms(described: dict[str, Any], wanted: dict[str, Any]) -> Terms:
    purpose = described["purposes"][wanted["purpose"]]
    approval = described["approvals"][wanted["approval"]]
    return Terms(
        data_items=wanted["items"],
        purpose={
            "code": wanted["purpose"],
            "name": purpose["name"],
            "legal_basis": purpose["legal_basis"],
        },
        approval={
            "number": approval["number"],
            "date": approval["date"].isoformat(),
            "body": approval["body"],
            "row": wanted.get("data", ""),
        },
        quota_per_minute=wanted["per_minute"],
        quota_per_day=wanted.get("per_day"),
        conditions=wanted.get("conditions", []),
        attestation=wanted.get("attestation", []),
        confidential=wanted.get("confidential", False),
        form=wanted.get("form", Grant.Form.CALL.value),
    )


def _stands(consumer: System, service: Service, terms: Terms) -> bool:
    """A grant that was entered and revoked stays revoked; one that differs gets a new version, and
    so does one that nobody's key vouches for any more."""
    newest = Grant.objects.filter(consumer=consumer, service=service).order_by("-pk").first()
    if newest is None or not _says(newest, terms):
        return False
    return newest.state != Grant.State.ACTIVE or _verified(newest, consumer, service)


def _says(grant: Grant, terms: Terms) -> bool:
    return bool(grant.contract) and terms_of(grant.contract) == terms


def _verified(grant: Grant, consumer: System, service: Service) -> bool:
    try:
        verify(grant.contract, grant.signatures, keys_for(consumer, service))
    except ContractRefused:
        return False
    return True
