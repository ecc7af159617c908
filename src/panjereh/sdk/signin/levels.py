"""What an assurance level asks of a person, in words for the page of a service (SSO-12)."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WORDS: dict[int, str | Promise] = {
    1: gettext_lazy("Level 1: with a code by SMS"),
    2: gettext_lazy("Level 2: with a photo of your face, which the civil registry compares"),
    3: gettext_lazy("Level 3: with your electronic signature"),
}


def in_words(level: int) -> str:
    """An installation may have levels of its own; those are told by their number."""
    return str(WORDS.get(level) or _("Level %(level)s") % {"level": level})
