from django import template
from django.utils.translation import get_language

from panjereh.ui.templatetags.panjereh import digits

register = template.Library()


@register.filter
def grouped(count: int) -> str:
    """In thousands, as the reader's language writes them."""
    if get_language() == "fa":
        return digits(f"{count:,}".replace(",", "٬"))
    return f"{count:,}"
