"""Deeds at a site in the reader's language."""

from datetime import datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.sso.portal.models import Site

SHOWN = 20

DEEDS: dict[str, str | Promise] = {
    "site.entered": _("Site entered, test client made"),
    "site.adopted": _("Site taken over from the installation"),
    "site.changed": _("Site and test client changed"),
    "local-registration.kept": _("Reported: people can still register at the site"),
    "local-registration.ended": _("Reported: people no longer register at the site"),
    "test.secret-made": _("New secret for the test client"),
    "test.secret-dropped": _("Old secret of the test client dropped"),
    "test.keys-changed": _("Keys of the test client changed"),
    "test.closed": _("Test client closed"),
    "live.secret-made": _("New secret for the live client"),
    "live.secret-dropped": _("Old secret of the live client dropped"),
    "live.keys-changed": _("Keys of the live client changed"),
    "live.closed": _("Live client closed"),
    "live.asked": _("Asked for everybody's sign-in"),
    "live.withdrawn": _("Application taken back"),
    "live.approved": _("Approved by the registrar"),
    "live.returned": _("Returned by the registrar"),
    "live.refused": _("Refused by the registrar"),
    "live.claims-cut": _("Data cut to a new decision"),
}


class DeedRow(NamedTuple):
    text: str | Promise
    name: str
    at: datetime


def deeds_of(site: Site) -> list[DeedRow]:
    """The newest first."""
    return [
        DeedRow(DEEDS.get(row.deed, row.deed), row.name, row.at) for row in site.deeds.all()[:SHOWN]
    ]
