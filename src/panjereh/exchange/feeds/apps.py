from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.links import MEMBER, OPERATOR, Link


class FeedsConfig(AppConfig):
    name = "panjereh.exchange.feeds"
    label = "feeds"
    default_auto_field = "django.db.models.BigAutoField"
    links = [
        Link(_("Publications"), "publications", OPERATOR),
        Link(_("Publications"), "own-publications", MEMBER, _("What you publish and follow")),
    ]
