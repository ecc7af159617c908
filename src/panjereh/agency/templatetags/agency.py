"""`{% load agency %}`: whose window this page is in."""

from typing import Any

from django import template
from django.http import Http404
from django.utils.translation import gettext as _

from panjereh.agency.agencies import agency_of
from panjereh.ui.templatetags.panjereh import in_language

register = template.Library()


@register.simple_tag(takes_context=True)
def agency_name(context: dict[str, Any]) -> str:
    """The name of the agency in the reader's language; error pages may be in no agency's window."""
    request = context.get("request")
    try:
        return in_language(agency_of(request).name) if request else _("Agency window")
    except Http404:
        return _("Agency window")
