from django import template
from django.utils.translation import gettext as _

from panjereh.ui.jalali import in_persian
from panjereh.window.models import Agency

register = template.Library()


@register.filter
def article_name(article: str) -> str:
    """A bare number gets its word; what is already in words stays."""
    return _("article %(number)s") % {"number": article} if article.isdigit() else article


@register.filter
def agency_name(agency: Agency) -> str:
    return agency.name_fa if in_persian() else agency.name_en
