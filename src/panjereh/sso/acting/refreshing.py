"""A mandate is read anew at every refresh: dismissed at noon, dead at the next one."""

from uuid import UUID

from panjereh.sso.acting.actions import end_for
from panjereh.sso.acting.authority import fault_of
from panjereh.sso.acting.claims import PARTS
from panjereh.sso.acting.models import MandateUse

REASONS = {"registry": "registry", "run-out": "run-out", "account-closed": "account-closed"}


def still_holds(use_id: UUID) -> bool:
    """False ends the mandate, and with it what it gave at every site.

    Raises `ExchangeError` when the registry it rests on does not answer: then nothing is decided.
    """
    use = MandateUse.objects.select_related(*PARTS).filter(id=use_id).first()
    if use is None:
        return False
    fault = fault_of(use.mandate, service=use.service)
    if fault in REASONS:
        end_for([use.mandate], reason=REASONS[fault])
    return not fault
