"""The conformance run (NIX-05 with DESIGN 5.2): production opens after one that passed."""

from dataclasses import asdict

from django.core.exceptions import PermissionDenied
from django.db import transaction

from panjereh.exchange.actions import signature
from panjereh.exchange.approvals.actions.signing import enter_into_force
from panjereh.exchange.approvals.conformance import checks_of
from panjereh.exchange.approvals.models import AccessRequest, ConformanceRun
from panjereh.exchange.approvals.states import OPEN, NotNow
from panjereh.exchange.approvals.steps import lock, note
from panjereh.exchange.models import Representative


def run_conformance(*, actor: Representative, request: AccessRequest) -> ConformanceRun:
    """Ask the service through the gateway, then keep what was found. Either member may start it."""
    members = {request.consumer.member_id, request.service.system.member_id}
    if not actor.active or actor.member_id not in members:
        raise PermissionDenied("only the members concerned try the service")
    if request.state not in OPEN or request.state == AccessRequest.State.DRAFT:
        raise NotNow("a request is tried between its submission and its end")
    checks = checks_of(request)  # outside the transaction: the provider may be slow
    with transaction.atomic():
        lock(request)  # it may have moved on meanwhile
        run = ConformanceRun.objects.create(
            request=request,
            passed=all(check.held for check in checks),
            checks=[asdict(check) for check in checks],
            by=signature(actor),
        )
        note(request, "trial-passed" if run.passed else "trial-failed", actor)
        if request.state == AccessRequest.State.APPROVED:
            enter_into_force(actor, request)
    return run
