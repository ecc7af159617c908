"""The exchange's own service for publishers of lists: enter a period."""

from datetime import date
from typing import Annotated

from ninja import Field, Schema
from pydantic import AfterValidator, ConfigDict, StringConstraints

from panjereh.common.identifiers import parse_legal_id
from panjereh.exchange.feeds import actions
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "exchange-feeds"
MOST_ENTRIES = 100_000

LegalId = Annotated[
    str, StringConstraints(min_length=11, max_length=11), AfterValidator(parse_legal_id)
]

api = provider_api(SYSTEM, title="Published lists of the exchange")


class PeriodIn(Schema):
    """Ids are turned into tokens on arrival and not kept; rows stay with the publisher."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    list_code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,60}$")]
    period: Annotated[str, StringConstraints(pattern=r"^1[3-9]\d\d-(0[1-9]|1[0-2])$")]
    identifiers: Annotated[list[LegalId], Field(max_length=MOST_ENTRIES)]
    rows: Annotated[int, Field(ge=0)]
    exceptions: Annotated[int, Field(ge=0)] = 0
    exceptions_due_on: date | None = None
    digest: Annotated[str, StringConstraints(max_length=60)]


class PeriodOut(Schema):
    list_code: str
    period: str
    revision: int


@api.post("/publish-period", response=PeriodOut, operation_id="publish-period")
def publish_period(request: ExchangeRequest, body: PeriodIn) -> PeriodOut:
    """Enter a period of the caller's own list, or revise the current one."""
    entered = actions.publish_period(request.exchange_call.consumer, actions.Period(**body.dict()))
    return PeriodOut(list_code=body.list_code, period=entered.period, revision=entered.revision)
