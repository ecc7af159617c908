"""Tables of the agency floor."""

from panjereh.agency.models.agencies import Agency, StaffMember
from panjereh.agency.models.cases import (
    Case,
    CaseEvent,
    CaseLook,
    CaseSignature,
    ProcessInstance,
    StepResult,
)
from panjereh.agency.models.drafts import Draft
from panjereh.agency.models.services import ServiceVersion

__all__ = [
    "Agency",
    "Case",
    "CaseEvent",
    "CaseLook",
    "CaseSignature",
    "Draft",
    "ProcessInstance",
    "ServiceVersion",
    "StaffMember",
    "StepResult",
]
