"""Check minutes and contracts that somebody brings, and write approvals for the gazette."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import rfc8785
from django.conf import settings
from django.utils.translation import gettext as _

from panjereh.common import jws
from panjereh.common.text import persian_digits
from panjereh.exchange.approvals import contract as contracts
from panjereh.exchange.approvals.actions.sessions import KIND
from panjereh.exchange.approvals.keys import secretariat_public_keys
from panjereh.exchange.approvals.models import Approval
from panjereh.ui.jalali import to_jalali


@dataclass(frozen=True)
class Checked:
    """What was brought, whether it holds, and why not."""

    what: str  # minutes, contract, or nothing that we know
    holds: bool
    why: str = ""
    subject: str = ""


def check(text: str) -> Checked:
    """Of minutes or a contract as this site hands them out. The secretariat's key is ours, never
    the one that was brought along."""
    try:
        brought = json.loads(text)
    except (ValueError, RecursionError):
        return Checked("", False, _("This is no JSON."))
    if isinstance(brought, dict) and "contract" in brought:
        return _contract(brought)
    if isinstance(brought, dict) and "content" in brought:
        return _minutes(brought)
    return Checked("", False, _("These are neither minutes nor a contract of this exchange."))


def _minutes(brought: dict[str, Any]) -> Checked:
    known = secretariat_public_keys(settings.KEYS)
    try:
        said = jws.open_signed(str(brought.get("signature")), contracts.key_of(known), kind=KIND)
        canonical = rfc8785.dumps(brought["content"])
    except (jws.JwsRefused, rfc8785.CanonicalizationError, RecursionError) as error:
        return Checked("minutes", False, str(error))
    if said != brought["content"]:
        return Checked("minutes", False, _("The text is not the one that was signed."))
    if brought.get("sha256") not in {None, hashlib.sha256(canonical).hexdigest()}:
        return Checked("minutes", False, _("The digest is not that of the text."))
    return Checked("minutes", True, subject=str(said.get("session", "")))


def _contract(brought: dict[str, Any]) -> Checked:
    given = brought.get("keys")
    members = given.get("members", []) if isinstance(given, dict) else []
    try:
        keys = contracts.Keys(
            contracts.by_thumbprint(*map(str, members)), secretariat_public_keys(settings.KEYS)
        )
        signatures = brought.get("signatures")
        contracts.verify(
            brought["contract"], signatures if isinstance(signatures, dict) else {}, keys
        )
        if brought.get("content_hash") not in {None, contracts.content_hash(brought["contract"])}:
            raise contracts.ContractRefused(_("The hash is not that of the contract."))
    except (contracts.ContractRefused, ValueError, TypeError, AttributeError) as error:
        return Checked("contract", False, str(error))
    if brought.get("revocation"):
        return Checked("contract", False, _("It was signed by all three, and later revoked."))
    return Checked("contract", True, subject=contracts.content_hash(brought["contract"]))


def gazette_entry(approval: Approval) -> str:
    """As the gazette prints it, in Persian."""
    year, month, day = to_jalali(approval.date)
    lines = [
        f"مصوبه شماره {approval.number} مورخ {year}/{month:02}/{day:02}",
        f"مرجع: {approval.body_fa}" + (f"، ردیف {approval.row}" if approval.row else ""),
        f"موضوع: {approval.service_fa}",
        "استفاده‌کننده: " + _names(approval.consumers),
        "ارائه‌دهنده: " + _names(approval.providers),
    ]
    if approval.inputs:
        lines.append("ورودی‌ها: " + "، ".join(item["fa"] for item in approval.inputs))
    if approval.outputs:
        lines.append("اقلام داده: " + "، ".join(item["fa"] for item in approval.outputs))
    if approval.conditions:
        lines.append("شرایط: " + "؛ ".join(said["fa"] for said in approval.conditions))
    return persian_digits("\n".join(lines))


def _names(bodies: list[dict[str, str]]) -> str:
    return "، ".join(body["fa"] for body in bodies) or "همه"
