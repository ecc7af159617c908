"""`{% load signin %}{% sign_in_button %}`: the button of 002 art 12 (SSO-15)."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from panjereh.sdk.signin.addresses import login_address
from panjereh.sdk.signin.levels import in_words

register = template.Library()

MANDATES = {
    "guardian": _("guardian"),
    "chief-executive": _("chief executive"),
    "staff": _("sent by the chief executive"),
    "helper": _("helper"),
    "clerk": _("clerk of a counter"),
}


@register.filter
def mandate_name(kind: str) -> str:
    """On what ground somebody acts for another."""
    return str(MANDATES.get(kind, kind))


@register.inclusion_tag("signin/button.html", takes_context=True)
def sign_in_button(context: dict[str, Any], next_address: str = "") -> dict[str, str]:
    """Leads to the sign-on and back to `next_address`, or to the page it stands on."""
    request = context.get("request")
    here = request.get_full_path() if request else "/"
    return {"address": login_address(next_address or here)}


@register.filter
def sign_in_level(level: int) -> str:
    return in_words(level)
