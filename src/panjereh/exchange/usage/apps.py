from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.links import AUDITOR, MEMBER, OPERATOR, Link


class UsageConfig(AppConfig):
    name = "panjereh.exchange.usage"
    label = "usage"
    links = [
        Link(_("Questions of people"), "questions", MEMBER, _("Why you looked at their data")),
        Link(_("Unanswered questions"), "open-questions", OPERATOR),
        Link(_("Who read what"), "audit", AUDITOR, _("Search of looks for an audit or court case")),
    ]
