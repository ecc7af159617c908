from django import template

from panjereh.sso.account.rows import CLAIM_NAMES

register = template.Library()


@register.filter
def claim_name(claim: str) -> str:
    return str(CLAIM_NAMES.get(claim, claim))
