from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from panjereh.exchange.links import MEMBER, OPERATOR, PUBLIC, Link


class MonitoringConfig(AppConfig):
    name = "panjereh.exchange.monitoring"
    label = "monitoring"
    links = [
        Link(_("Monitoring"), "monitoring", OPERATOR, _("What works, what fails and how fast")),
        Link(_("Our traffic"), "own-traffic", MEMBER, _("How your services and your calls do")),
        Link(_("State of services"), "status", PUBLIC, _("What works at this moment")),
        Link(_("Open data"), "open-data", PUBLIC, _("How much is exchanged, month by month")),
    ]
