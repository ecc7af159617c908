"""Every component and every kind of field on a page, and pages that fail: a URL conf for tests."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django import forms
from django.conf.urls.i18n import i18n_patterns
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.urls import include, path

from panjereh.ui import fields
from panjereh.ui.health import health
from panjereh.ui.scripts import runs_scripts

TEMPLATE = Path(__file__).parent / "gallery.html"
CHOICES = [("a", "خودم ۱۲"), ("b", "دیگری")]


class EveryField(forms.Form):
    national_id = fields.NationalIdField(label="کد ملی", help_text="۱۰ رقم، پشت کارت ملی")
    born_on = fields.JalaliDateField(label="تاریخ تولد", latest=date.today)
    mobile = fields.MobileField(label="تلفن همراه")
    postal_code = fields.PostalCodeField(label="کد پستی")
    legal_id = fields.LegalIdField(label="شناسهٔ ملی شرکت", required=False)
    code = fields.CodeField(label="کد پیامک‌شده")
    name = forms.CharField(label="نام", max_length=10, min_length=2)
    notes = forms.CharField(label="توضیح", widget=forms.Textarea, required=False)
    who = forms.ChoiceField(label="برای چه کسی", choices=CHOICES, widget=forms.RadioSelect)
    several = forms.MultipleChoiceField(
        label="چند مورد", choices=CHOICES, widget=forms.CheckboxSelectMultiple
    )
    city = forms.ChoiceField(label="شهر", choices=CHOICES, help_text="از فهرست")
    paper = forms.FileField(label="مدرک", required=False)
    agreed = forms.BooleanField(label="درست است")
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)


def wrong_data() -> dict[str, Any]:
    return {
        "national_id": "۰۰۸۴۵۷۵۹۴۷",
        "born_on_0": "۳۱",
        "born_on_1": "8",
        "born_on_2": "1370",
        "mobile": "0215555",
        "postal_code": "1234",
        "code": "12",
        "name": "بسیار بسیار بلند",
    }


def components() -> dict[str, Any]:
    moment = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
    texts = {"fa": "درخواست 1405-88 رسید.", "en": "Received."}
    return {
        "steps": [
            {"at": moment, "state": state, "unit": "ثبت ولادت", "text": texts}
            for state in ("received", "in-progress", "delivered")
        ],
        "rows": [
            ("نام", "نازنین"),
            {"key": "تولد", "value": "۲۵ آبان", "source": "ثبت احوال، ساعت 12:30"},
            {"key": "نشانی", "value": "تهران", "link": "/fa/", "link_text": "تغییر"},
        ],
        "mobile": "+989121234567",
        "tracking_id": "14050901-7K3M-2QX9",
        "moment": moment,
    }


def gallery(request: HttpRequest) -> HttpResponse:
    form = EveryField(wrong_data() if "wrong" in request.GET else None)
    template = engines["django"].from_string(TEMPLATE.read_text())
    return HttpResponse(template.render({"form": form, **components()}, request))


def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose")


def posted(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/page.html")


urlpatterns = [
    path("health", health),
    path("signin/", include("panjereh.sdk.signin.urls")),
    *i18n_patterns(
        path("", gallery),
        path("refused/", refused),
        path("suspicious/", suspicious),
        path("missing/", missing),
        path("broken/", broken),
        path("posted/", posted),
        path("scripted/", runs_scripts(posted)),
        prefix_default_language=True,
    ),
]
