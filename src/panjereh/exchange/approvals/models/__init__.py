"""Requests for access and what became of them, sessions of the working group, the register."""

from panjereh.exchange.approvals.models.decisions import AgendaItem, Minutes, Session
from panjereh.exchange.approvals.models.register import (
    Agreement,
    Approval,
    ApprovedSeries,
    Proposal,
)
from panjereh.exchange.approvals.models.requests import AccessRequest, ConformanceRun, Plan, Step

__all__ = [
    "AccessRequest",
    "AgendaItem",
    "Agreement",
    "Approval",
    "ApprovedSeries",
    "ConformanceRun",
    "Minutes",
    "Plan",
    "Proposal",
    "Session",
    "Step",
]
