"""What a room puts into the site's navigation. Free of models: an `AppConfig` imports it.

    links = [Link(_("Register of approvals"), "register", PUBLIC, _("Who may ask whom for what"))]

The audience is PUBLIC, MEMBER, or an office of `Operator.Role`.
"""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

PUBLIC, MEMBER = "public", "member"
OPERATOR, SECRETARIAT, GROUP, AUDITOR = "operator", "secretariat", "working-group", "auditor"


@dataclass(frozen=True)
class Link:
    text: str | Promise
    url_name: str
    audience: str
    hint: str | Promise = ""
    minor: bool = False  # on the front page and the desk, not in the header

    @property
    def url(self) -> str:
        return reverse(self.url_name)
