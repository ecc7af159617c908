"""Who looked at a person's data, from the records of the exchange; and the question why.

`user` is the person who is signed in; `person` a child of that person, or empty. Portals of others
call X-Road's findUsage instead: GET findUsage/v2/findUsage of the same system.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

from panjereh.sdk.exchange import call

SYSTEM = "exchange-records"
Names = dict[str, str]  # language -> text


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """Data items in words; `of` tells whose, where they are not the person's own."""

    items: list[Names]
    of: Names | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What one registry was asked, for what, and by which right."""

    registry: Names
    custodian: Names
    service: Names
    times: int
    last_at: datetime
    data: list[Data]
    yes_or_no: bool
    purpose: Names
    legal_basis: list[Names]
    approval_number: str
    approval_date: date
    approval_body: Names


class Question(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    asked_at: datetime
    due_at: datetime
    answer: str = ""
    answered_at: datetime | None = None
    in_e_box: bool = False


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The looks of one system of an agency for one case; without a case, those of one day.

    `acted`: you (in a request of your own), another (somebody else), nobody (a system by itself).
    """

    look: str
    agency: Names
    agency_id: str
    system: Names
    first_at: datetime
    last_at: datetime
    calls: int
    acted: Literal["you", "another", "nobody"]
    asked: list[Asked]
    case: str = ""
    question: Question | None = None


class Agency(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: Names
    calls: int


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """An auditor searched these looks; `about` tells in which role the person was meant."""

    at: datetime
    case_number: str
    about: Literal["looks-at-you", "looks-by-you"]


class Looks(msgspec.Struct, frozen=True, kw_only=True):
    groups: list[Group]
    agencies: list[Agency]
    own_calls: int
    kept_since: datetime
    complete_until: datetime | None = None
    older: str = ""
    confidential_activities: int = 0
    searches: list[Search] = []


class Source(msgspec.Struct, frozen=True, kw_only=True):
    registry: Names
    agencies: list[Names]
    times: int
    last_at: datetime


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    name: Names
    sources: list[Source]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    since: datetime
    kinds: list[Kind]


def looks(
    *,
    user: str,
    person: str = "",
    whose: Literal["others", "own"] = "others",
    agency: str = "",
    since: date | None = None,
    until: date | None = None,
    before: str = "",
) -> Looks:
    """Newest first; `before` is the `older` of the page before. `own` are the looks that the
    person took through the portal that asks."""
    body = {
        "person": person,
        "whose": whose,
        "agency": agency,
        "since": since.isoformat() if since else None,
        "until": until.isoformat() if until else None,
        "before": before,
    }
    return msgspec.convert(call(SYSTEM, "looks", body, user=user), Looks, strict=False)


def look(look_id: str, *, user: str, person: str = "") -> Group:
    """The agency and case that one look belongs to. Rejected `look-unknown`."""
    answer = call(SYSTEM, "look", {"look": look_id, "person": person}, user=user)
    return msgspec.convert(answer["group"], Group, strict=False)


def ask_why(look_id: str, text: str, *, user: str, language: str = "fa") -> Question:
    """Ask the agency; asked twice, the first question stands. Rejected `look-unknown`,
    `too-many-questions`."""
    body = {"look": look_id, "text": text, "language": language}
    answer = call(SYSTEM, "ask-why", body, user=user)
    return msgspec.convert(answer["question"], Question, strict=False)


def summary(*, user: str, person: str = "") -> Summary:
    """Kinds of data that were asked about the person, of which registries, by whom."""
    answer = call(SYSTEM, "summary", {"person": person}, user=user)
    return msgspec.convert(answer, Summary, strict=False)
