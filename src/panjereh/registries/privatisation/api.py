from datetime import date
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import StringConstraints

from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, answers
from panjereh.registries.privatisation import queries
from panjereh.registries.privatisation.models import AccessRecord, Row
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "privatisation"

api = provider_api(SYSTEM, title="Register of enterprises under privatisation")


class ListIn(Body):
    """Without a period the current one; `after` is the last id that was read."""

    period: Annotated[str, StringConstraints(pattern=r"^(1[3-9]\d\d-(0[1-9]|1[0-2]))?$")] = ""
    after: Annotated[str, StringConstraints(pattern=r"^\d{0,11}$")] = ""


class EnterpriseOut(Schema):
    """The columns of 26-2-2, in its own names."""

    enterprise_national_id: str
    name: str
    status: Literal["subject", "in-progress", "handed-over"]
    last_entry: date
    last_exit: date | None
    previous_periods: list[list[date]]

    @staticmethod
    def resolve_enterprise_national_id(row: Row) -> str:
        return row.legal_id


class ListOut(Schema):
    period: str
    periods: list[str]
    digest: str
    exceptions: int
    enterprises: list[EnterpriseOut]
    more: bool


@api.post("/privatisation-list", response=answers(ListOut, 404), operation_id="privatisation-list")
def privatisation_list(request: ExchangeRequest, body: ListIn) -> dict[str, Any]:
    """A period of the list: the current one or one of three before it."""
    admit_call(
        AccessRecord,
        request.exchange_call,
        system=SYSTEM,
        service="privatisation-list",
        subject="",
    )
    period = queries.readable(body.period)
    rows = list(queries.rows_after(period, body.after))
    return {
        "period": period.month,
        "periods": queries.readable_periods(),
        "digest": period.digest,
        "exceptions": period.exceptions,
        "enterprises": rows,
        "more": len(rows) == queries.ROWS_AT_ONCE,
    }
