"""Access to test data, at once when a request is submitted, where the exchange is a sandbox: a
grant of its own stage, which production gateways do not honour."""

from django.conf import settings

from panjereh.common import clock
from panjereh.exchange.actions import Actor, new_version
from panjereh.exchange.approvals.actions.grants import (
    activate_grant,
    draft_contract,
    revoke_signed,
)
from panjereh.exchange.approvals.contract import content_hash, sign
from panjereh.exchange.approvals.keys import sandbox_key, secretariat_key
from panjereh.exchange.approvals.models import AccessRequest
from panjereh.exchange.approvals.terms import Terms
from panjereh.exchange.models import Grant

TRIAL_PER_MINUTE, TRIAL_PER_DAY = 60, 1000
NOBODY = {"fa": "سندباکس، پیش از تصویب", "en": "Sandbox, before any approval"}


def open_trial(actor: Actor, request: AccessRequest) -> None:
    """Inside the transaction of the submission. A grant that stands is not touched."""
    keys = {
        "consumer": sandbox_key(settings.KEYS, request.consumer.code),
        "provider": sandbox_key(settings.KEYS, request.service.system.code),
    }
    standing = Grant.objects.filter(
        consumer=request.consumer, service=request.service, state=Grant.State.ACTIVE
    ).exclude(stage=Grant.Stage.SANDBOX)
    held = [key for key in keys.values() if key is not None]
    if settings.PROFILE == "production" or len(held) < len(keys) or standing.exists():
        return
    contract = draft_contract(
        consumer=request.consumer, service=request.service, terms=_terms(request)
    )
    hashed, at = content_hash(contract), int(clock.now().timestamp())
    parties = dict(zip(keys, held, strict=True))
    parties["secretariat"] = secretariat_key(settings.KEYS)
    signatures = {
        party: sign(hashed, key, verdict="accept", signed_at=at) for party, key in parties.items()
    }
    request.sandbox_grant = activate_grant(actor=actor, contract=contract, signatures=signatures)
    request.save(update_fields=["sandbox_grant"])


def close_trial(actor: Actor | None, request: AccessRequest) -> None:
    """Inside the transaction that ends the request without a grant."""
    trial = request.sandbox_grant
    if trial is None or trial.state != Grant.State.ACTIVE:
        return
    revoke_signed(trial)
    new_version(actor, "grant.trial-ended", str(trial))


def _terms(request: AccessRequest) -> Terms:
    return Terms(
        data_items=request.data_items,
        purpose={
            "code": request.purpose,
            "name": request.purpose_name,
            "legal_basis": request.legal_basis,
        },
        approval={
            "number": f"SANDBOX-{request.pk}",
            "date": clock.now().date().isoformat(),
            "body": NOBODY,
            "row": "",
        },
        quota_per_minute=TRIAL_PER_MINUTE,
        quota_per_day=TRIAL_PER_DAY,
        conditions=request.conditions,
        stage=Grant.Stage.SANDBOX.value,
    )
