"""Reports by month and year. A member gets its own, the operator everybody's, the auditor too."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from panjereh.common import clock
from panjereh.exchange.doors import member_page, operator_page
from panjereh.exchange.models import Member, Operator, Representative
from panjereh.exchange.monitoring.document import year_document
from panjereh.exchange.monitoring.names import names
from panjereh.exchange.monitoring.periods import (
    Period,
    month_before,
    month_name,
    parse_month,
    year_of,
)
from panjereh.exchange.monitoring.reports import MemberReport, as_csv, as_data, member_report
from panjereh.exchange.monitoring.yearly import Year, year_report

MONTHS_OFFERED = 12


@require_safe
@operator_page
def reports(request: HttpRequest, operator: Operator) -> HttpResponse:
    """Every member's report of the last month, and the years."""
    year, number = month_before(clock.now())
    context = {
        "members": Member.objects.all(),
        "month": f"{year}-{number:02}",
        "month_name": month_name(year, number),
        "years": [year, year - 1],
    }
    return render(request, "monitoring/reports.html", context)


@require_safe
@operator_page
def report(
    request: HttpRequest, operator: Operator, pk: int, month: str, form: str = ""
) -> HttpResponse:
    found = get_object_or_404(Member, pk=pk)
    return _answer(request, member_report(found, _month(month), names()), form, f"{pk}/")


@require_safe
@member_page
def own_report(
    request: HttpRequest, representative: Representative, month: str = "", form: str = ""
) -> HttpResponse:
    wanted = month or "{}-{:02}".format(*month_before(clock.now()))
    found = member_report(representative.member, _month(wanted), names())
    return _answer(request, found, form)


@require_safe
@operator_page
def year(request: HttpRequest, operator: Operator, number: int) -> HttpResponse:
    context = {"year": number, "report": _year(number)}
    return render(request, "monitoring/year.html", context)


@require_safe
@operator_page
def year_pdf(request: HttpRequest, operator: Operator, number: int) -> HttpResponse:
    name = f'attachment; filename="exchange-{number}.pdf"'
    headers = {"Content-Disposition": name}
    pdf = year_document(number, _year(number))
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _year(number: int) -> Year:
    try:
        return year_report(year_of(number), year_of(number - 1), names())
    except ValueError as error:
        raise Http404 from error


def _month(text: str) -> Period:
    try:
        return parse_month(text)
    except ValueError as error:
        raise Http404 from error


def _answer(request: HttpRequest, found: MemberReport, form: str, at: str = "") -> HttpResponse:
    """`at` is where the operator reads it; a member has one report only."""
    name = f"traffic-{found.member.code}-{found.period.code}.{form}"
    attached = {"Content-Disposition": f'attachment; filename="{name}"'}
    if form == "csv":
        text = as_csv([*found.provided, *found.consumed])
        return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=attached)
    if form == "json":
        return JsonResponse(as_data(found), headers=attached)
    if form:
        raise Http404
    year_, _, number = found.period.code.partition("-")
    context = {
        "report": found,
        "month_name": month_name(int(year_), int(number)),
        "months": _months_offered(),
        "operator_reads": bool(at),
    }
    return render(request, "monitoring/report.html", context)


def _months_offered() -> list[tuple[str, str]]:
    year_, number = month_before(clock.now())
    found = []
    for back in range(MONTHS_OFFERED):
        years, index = divmod(number - 1 - back, 12)
        found.append((f"{year_ + years}-{index + 1:02}", month_name(year_ + years, index + 1)))
    return found
