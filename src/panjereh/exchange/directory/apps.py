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
        Link(_("Systems and keys"), "member-systems", MEMBER),
        Link(_("Contacts"), "member-contacts", MEMBER),
        Link(_("Representatives"), "member-representatives", MEMBER),
        Link(_("Inquiries"), "member-inquiries", MEMBER),
        Link(_("Past the exchange"), "member-side-connections", MEMBER),
        Link(_("Sub-members"), "member-sub-members", MEMBER),
        Link(_("Gaps"), "gaps", OPERATOR),
    ]
