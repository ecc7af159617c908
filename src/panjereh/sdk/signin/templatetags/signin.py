"""`{% load signin %}{% sign_in_button %}`: the button of 002 art 12 (SSO-15)."""

from typing import Any

from django import template

from panjereh.sdk.signin.addresses import login_address

register = template.Library()


@register.inclusion_tag("signin/button.html", takes_context=True)
def sign_in_button(context: dict[str, Any], next_address: str = "") -> dict[str, str]:
    """Leads to the sign-on and back to `next_address`, or to the page it stands on."""
    request = context.get("request")
    here = request.get_full_path() if request else "/"
    return {"address": login_address(next_address or here)}
