"""The desk of support: who said that it was not them, and what was done about it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from panjereh.sso.safety.forms import SettleForm
from panjereh.sso.safety.queries import open_reports
from panjereh.sso.safety.reporting import SUPPORT, settle_report
from panjereh.sso.staff.doors import officer_page
from panjereh.sso.staff.models import Officer


@require_safe
@officer_page(SUPPORT)
def reports(request: HttpRequest, officer: Officer) -> HttpResponse:
    return render(request, "sso_safety/reports.html", {"reports": open_reports()})


@require_http_methods(["GET", "POST"])
@officer_page(SUPPORT)
def report(request: HttpRequest, officer: Officer, report_id: UUID) -> HttpResponse:
    found = get_object_or_404(open_reports(), id=report_id)
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        settle_report(officer, report_id, **form.cleaned_data)
        return redirect("staff-reports")
    return render(request, "sso_safety/report.html", {"report": found, "form": form})
