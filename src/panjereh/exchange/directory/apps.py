from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.links import MEMBER, OPERATOR, PUBLIC, Link


class DirectoryConfig(AppConfig):
    name = "panjereh.exchange.directory"
    label = "directory"
    default_auto_field = "django.db.models.BigAutoField"
    links = [
        Link(_("Directory"), "directory", PUBLIC, _("Who takes part, and who does not yet")),
        Link(
            _("Services of the exchange"),
            "catalogue",
            PUBLIC,
            _("What can be asked of whom, by which law, with a trial without a key"),
        ),
        Link(
            _("Interoperability framework"),
            "egif",
            PUBLIC,
            _("Types, names and versions that all services share"),
        ),
        Link(_("My member"), "member-home", MEMBER, _("What needs doing, and everything else")),
        Link(_("Systems and keys"), "member-systems", MEMBER, _("Keys, services, addresses")),
        Link(_("Contacts"), "member-contacts", MEMBER, _("Whom others turn to"), minor=True),
        Link(
            _("Representatives"),
            "member-representatives",
            MEMBER,
            _("Who may act for your member"),
            minor=True,
        ),
        Link(
            _("Inquiries"),
            "member-inquiries",
            MEMBER,
            _("What your services ask of other agencies"),
            minor=True,
        ),
        Link(
            _("Past the exchange"),
            "member-side-connections",
            MEMBER,
            _("What does not go over the exchange yet"),
            minor=True,
        ),
        Link(
            _("Sub-members"),
            "member-sub-members",
            MEMBER,
            _("Who calls through whom"),
            minor=True,
        ),
        Link(_("Gaps"), "gaps", OPERATOR, _("What still goes past the exchange"), minor=True),
    ]
