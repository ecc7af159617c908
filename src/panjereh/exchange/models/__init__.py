"""Who is connected, what is offered, what is granted, and the traffic data of every call.

No table here has a column for what was exchanged (001 art 31(4), 002 art 10(3): the centre keeps
traffic and access data only); every column says what it holds, and a test reads that.
"""

from panjereh.exchange.models.directory import (
    Bus,
    Member,
    Service,
    System,
    SystemKey,
    private_bus,
)
from panjereh.exchange.models.grants import Grant
from panjereh.exchange.models.people import Operator, Representative, operator_only
from panjereh.exchange.models.policy import PolicyChange, PolicyState
from panjereh.exchange.models.records import CallRecord

__all__ = [
    "Bus",
    "CallRecord",
    "Grant",
    "Member",
    "Operator",
    "PolicyChange",
    "PolicyState",
    "Representative",
    "Service",
    "System",
    "SystemKey",
    "operator_only",
    "private_bus",
]
