"""The systems an agency asks, in words for the person who waits for their answer."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class System:
    name: Promise
    keeper: Promise
    mend: Promise  # where a wrong entry is put right, for it is never put right here


SYSTEMS = {
    "civil-registry": System(
        _("the civil registry"),
        _("National Organisation for Civil Registration"),
        _("Ask any civil registration office to correct the entry; bring your identity card."),
    ),
    "health-registry": System(
        _("the health registry"),
        _("Ministry of Health"),
        _("Ask the hospital where the child was born to send a corrected birth notice."),
    ),
    "postal-registry": System(
        _("the postal registry"),
        _("Iran National Post Company"),
        _("Ask any post office, or the website of the post, to correct the address."),
    ),
    "residence-registry": System(
        _("the residence registry"),
        _("National Organisation for Civil Registration"),
        _("Announce your new residence to the civil registry."),
    ),
    "documents": System(
        _("the document register"),
        _("Information Technology Organisation"),
        _("Write to us from the page of your request."),
    ),
    "messaging": System(
        _("the messaging system"),
        _("Information Technology Organisation"),
        _("Write to us from the page of your request."),
    ),
    "tracking": System(
        _("the tracking system"),
        _("Information Technology Organisation"),
        _("Write to us from the page of your request."),
    ),
}
