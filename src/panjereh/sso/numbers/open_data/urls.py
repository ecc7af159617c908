"""Addresses that stay, without a language."""

from django.urls import re_path

from panjereh.sso.numbers.open_data import views

urlpatterns = [
    re_path(
        r"^open-data/numbers/(?P<month>\d{4}-\d{2})\.(?P<form>json|csv)$",
        views.numbers_file,
        name="open-numbers-file",
    )
]
