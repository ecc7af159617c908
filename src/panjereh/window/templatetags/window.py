from django import template

from panjereh.ui.jalali import in_persian
from panjereh.window.models import Agency

register = template.Library()


@register.filter
def agency_name(agency: Agency) -> str:
    return agency.name_fa if in_persian() else agency.name_en
