from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.links import MEMBER, PUBLIC, Link


class EvidenceConfig(AppConfig):
    name = "panjereh.exchange.evidence"
    label = "evidence"
    links = [
        Link(_("Log of calls"), "log", PUBLIC, _("How a call is proved without its content")),
        Link(_("Our calls"), "member-calls", MEMBER, _("Calls of your systems, with their proofs")),
    ]
