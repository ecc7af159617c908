"""What the sign-on told sites about the person (SSO-09): beside who looked over the exchange."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from panjereh.sdk import releases as ledger
from panjereh.sdk.signin.access import access_address
from panjereh.window.forms import ReleasesFilter
from panjereh.window.views.people import not_now, own_page, person_of


@own_page
@require_safe
def releases(request: HttpRequest) -> HttpResponse:
    if person_of(request).acting:
        return render(request, "window/releases_of_another.html")
    form = ReleasesFilter(request.GET)
    try:
        found = ledger.releases(
            request, agency=form.wanted_agency, since=form.since, before=_line(request)
        )
    except ledger.NoToken:
        return _for_token(request)
    except ledger.Away:
        return not_now(request, _("the sign-on"))
    form.offer_names({one.code: one.name for one in found.agencies})
    older = request.GET.copy()
    older["before"] = str(found.older or "")
    context = {
        "form": form,
        "found": found,
        "older": older.urlencode() if found.older else "",
        "files": f"{settings.PUBLIC_URLS['sso']}/{get_language()}/account/releases/",
        "filtered": bool(form.wanted_agency or form.since),
    }
    return render(request, "window/releases.html", context)


def newest(request: HttpRequest, most: int = 3) -> list[ledger.Line] | None:
    """For the page of looks: only with a token that is there anyway."""
    try:
        return ledger.releases(request, most=most).lines
    except (ledger.NoToken, ledger.Away):
        return None


def _for_token(request: HttpRequest) -> HttpResponse:
    """Through the sign-on, which asks nothing while the person is signed in there, and back."""
    return redirect(access_address(request.get_full_path(), ledger.SCOPE))


def _line(request: HttpRequest) -> str:
    before = request.GET.get("before", "")
    return before if before.isascii() and before.isdigit() and len(before) < 19 else ""
