from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.links import GROUP, MEMBER, PUBLIC, SECRETARIAT, Link


class ApprovalsConfig(AppConfig):
    name = "panjereh.exchange.approvals"
    label = "approvals"
    links = [
        Link(
            _("Register of approvals"),
            "register",
            PUBLIC,
            _("Who may ask whom for what, by which decision"),
        ),
        Link(
            _("Requests for access"),
            "my-requests",
            MEMBER,
            _("What you ask of others, and others of you"),
        ),
        Link(_("Requests and sessions"), "secretariat", SECRETARIAT, _("What waits, how long")),
        Link(_("Grants nobody uses"), "idle-grants", SECRETARIAT, _("To be given up"), minor=True),
        Link(
            _("Agreements on secrecy"),
            "agreements",
            SECRETARIAT,
            _("With which party, until when"),
            minor=True,
        ),
        Link(
            _("Business plans"),
            "plans",
            SECRETARIAT,
            _("Of access and service operators"),
            minor=True,
        ),
        Link(_("Sessions of the working group"), "group", GROUP, _("Agenda and decisions")),
    ]
