from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.links import OPERATOR, Link


class ExchangeConfig(AppConfig):
    name = "panjereh.exchange"
    label = "exchange"
    links = [
        Link(_("Today"), "desk", OPERATOR),
        Link(_("Members"), "members", OPERATOR),
        Link(_("Systems"), "systems", OPERATOR),
        Link(_("Services"), "services", OPERATOR),
        Link(_("Grants"), "grants", OPERATOR),
        Link(_("Traffic"), "traffic", OPERATOR),
    ]
