"""What several pages of requests share: words for checks, a line told once, late deeds."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from panjereh.exchange.approvals import queries
from panjereh.exchange.approvals.contract import ContractRefused
from panjereh.exchange.approvals.models import AccessRequest
from panjereh.exchange.approvals.states import NotNow

_TOLD = "approvals-told"
_CHECKS: dict[str, str | Promise] = {
    "described": gettext_lazy("The service has a description"),
    "items-known": gettext_lazy("Every item asked for is in the description"),
    "has-test-data": gettext_lazy("The provider gave test data"),
    "key-at-hand": gettext_lazy("The sandbox can call in the name of the consumer"),
    "answered": gettext_lazy("The service answers its own test data"),
    "is-json": gettext_lazy("The answer is JSON"),
    "nothing-beyond": gettext_lazy("Nothing comes back that was not asked for"),
    "complete": gettext_lazy("Everything that is promised comes back"),
    "as-described": gettext_lazy("The answer is as its description says"),
}


def tell(request: HttpRequest, text: str) -> None:
    """Shown once, on the next page."""
    request.session[_TOLD] = text


def told(request: HttpRequest) -> str:
    return str(request.session.pop(_TOLD, ""))


def check_words(code: str) -> str:
    return str(_CHECKS.get(code, code))


def named_items(asked: AccessRequest) -> list[tuple[str, Any]]:
    """Pointers with the names that the description gives them."""
    known = {item.place: item.name for item in queries.items_of(asked.service)}
    return [(place, known.get(place)) for place in asked.data_items]


def attempt(request: HttpRequest, deed: Callable[[], Any]) -> None:
    """Somebody else may have been quicker, or keys may have changed: that is told, not raised."""
    try:
        deed()
    except NotNow:
        tell(request, _("This request has moved on meanwhile; nothing was done."))
    except ContractRefused as error:
        tell(request, _("It cannot come into force: %s") % error)
