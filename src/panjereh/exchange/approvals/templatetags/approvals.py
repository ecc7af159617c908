"""Words for deeds and decisions: `{% load approvals %}`."""

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.approvals.models import AgendaItem
from panjereh.ui.templatetags.panjereh import tag

register = template.Library()

DEEDS: dict[str, Promise] = {
    "begun": _("Draft begun"),
    "submitted": _("Submitted"),
    "withdrawn": _("Withdrawn"),
    "agreed": _("The provider agrees"),
    "changes-asked-by-provider": _("The provider asks for changes"),
    "declined": _("The provider declines"),
    "not-answered": _("The provider did not answer in time; the working group decides"),
    "consented": _("The secretariat consents"),
    "changes-asked": _("The secretariat asks for changes"),
    "sent-to-group": _("Sent to the working group"),
    "put-on-agenda": _("Put on the agenda of a session"),
    "postponed": _("The working group postponed it"),
    "group-approved": _("The working group approved it"),
    "group-refused": _("The working group refused it"),
    "group-asked-changes": _("The working group asks for changes"),
    "trial-passed": _("The service was tried, and passed"),
    "trial-failed": _("The service was tried, and did not pass"),
    "drafted-again": _("The contract was drafted again"),
    "granted": _("All have signed; the grant is in force"),
    "reminded": _("A reminder: the term ends soon"),
    "overdue": _("A reminder: the term has passed"),
    "lapsed": _("Lapsed: nothing was done within the term"),
}
COLOURS = {"approved": "green", "refused": "red", "changes": "orange"}


@register.filter
def deed(code: str) -> str:
    return str(DEEDS.get(code, code))


@register.filter
def decision_tag(decision: str) -> str:
    if not decision:
        return tag(str(_("Not decided yet")), "blue")
    return tag(str(AgendaItem.Decision(decision).label), COLOURS.get(decision, "grey"))
