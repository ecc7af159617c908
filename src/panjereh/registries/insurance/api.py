from datetime import date
from typing import Annotated, Any

from ninja import Schema
from pydantic import StringConstraints

from panjereh.registries.custody.actions import admit_call
from panjereh.registries.custody.schemas import Body, LegalId, answers, named
from panjereh.registries.insurance import queries
from panjereh.registries.insurance.models import AccessRecord
from panjereh.sdk.provider import ExchangeRequest, provider_api

SYSTEM = "social-insurance"
SERVICE = "insurance-list"
Month = Annotated[str, StringConstraints(pattern=r"^1[34]\d\d-(0[1-9]|1[0-2])$")]

api = provider_api(SYSTEM, title="Insurance lists of workshops")


class ListIn(Body):
    """The four inputs of approval 26-2-1."""

    enterprise_national_id: LegalId = named("شناسه ملی بنگاه", "National id of the enterprise")
    workshop_code: Annotated[str, StringConstraints(pattern=r"^\d{10}$")] = named(
        "کد کارگاه", "Workshop code"
    )
    branch_code: Annotated[str, StringConstraints(pattern=r"^\d{4}$")] = named(
        "کد شعبه", "Branch code"
    )
    payment_year_month: Month = named("سال و ماه پرداخت بیمه", "Year and month of the payment")


class RowOut(Schema):
    """The seven outputs of approval 26-2-1, one row for each person."""

    full_name: str = named("نام و نام خانوادگی", "First and family name")
    national_id: str = named("کد ملی", "National id")
    insurance_number: str = named("شماره بیمه", "Insurance number")
    days_worked: int = named("تعداد روز کارکرد", "Days worked")
    sso_share: int = named("سهم سازمان تأمین اجتماعی", "Share of Social Security")
    premium_year_month: str = named("سال و ماه پرداخت حق بیمه", "Year and month of the premium")
    list_sent_date: date = named("تاریخ ارسال لیست حق بیمه", "Date the list was sent")


class ListOut(Schema):
    rows: list[RowOut] = named("بیمه‌شدگان", "The insured")


@api.post(f"/{SERVICE}", response=answers(ListOut, 404), operation_id=SERVICE)
def insurance_list(request: ExchangeRequest, body: ListIn) -> dict[str, Any]:
    """For whom a workshop paid premium in a month."""
    subject = body.enterprise_national_id
    admit_call(AccessRecord, request.exchange_call, system=SYSTEM, service=SERVICE, subject=subject)
    sent = queries.sent_list(
        enterprise=body.enterprise_national_id,
        workshop=body.workshop_code,
        branch=body.branch_code,
        month=body.payment_year_month,
    )
    of_list = {"premium_year_month": sent.month, "list_sent_date": sent.sent_on}
    columns = ("full_name", "national_id", "insurance_number", "days_worked", "sso_share")
    return {"rows": [row | of_list for row in sent.rows.order_by("national_id").values(*columns)]}
