"""The deeds of the directory; see also `exchange.actions` for members, systems and keys.

Operators act for every member, representatives for their own. Each deed is one transaction that
leaves a line in the history.
"""

from panjereh.exchange.directory.actions.bodies import (
    enter_connection,
    join_through,
    leave_exchange,
    name_contact,
    register_sub_member,
    show_provider_key,
)
from panjereh.exchange.directory.actions.describing import (
    Plan,
    add_example,
    describe,
    discard_draft,
    edit_sheet,
    plan_of,
    remove_example,
    take_draft,
    take_first_description,
)
from panjereh.exchange.directory.actions.ending import (
    MIN_NOTICE,
    NoticeTooShort,
    announce_withdrawal,
    answer_extension,
    ask_extension,
    cancel_withdrawal,
)
from panjereh.exchange.directory.actions.inquiries import (
    enter_card,
    enter_inquiry,
    match_inquiry,
    remove_side_connection,
    report_side_connection,
)

__all__ = [
    "MIN_NOTICE",
    "NoticeTooShort",
    "Plan",
    "add_example",
    "announce_withdrawal",
    "answer_extension",
    "ask_extension",
    "cancel_withdrawal",
    "describe",
    "discard_draft",
    "edit_sheet",
    "enter_card",
    "enter_connection",
    "enter_inquiry",
    "join_through",
    "leave_exchange",
    "match_inquiry",
    "name_contact",
    "plan_of",
    "register_sub_member",
    "remove_example",
    "remove_side_connection",
    "report_side_connection",
    "show_provider_key",
    "take_draft",
    "take_first_description",
]
