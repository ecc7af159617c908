"""Who looked at my data: the list, the overview, and the question why."""

from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from panjereh.sdk import usage
from panjereh.sdk.exchange import ExchangeError, Rejected
from panjereh.window.forms import LooksFilter, WhyForm
from panjereh.window.looks import late_since, shown
from panjereh.window.views.people import not_now, own_page, person_of
from panjereh.window.views.releases import newest


@own_page
@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    person = person_of(request).identifier
    form = LooksFilter(request.GET)
    whose = "own" if request.GET.get("whose") == "own" else "others"
    try:
        found = usage.looks(
            user=person,
            whose="own" if whose == "own" else "others",
            agency=form.wanted_agency,
            since=form.since,
            before=request.GET.get("before", "")[:80],
        )
    except Rejected as error:
        raise Http404 from error
    except ExchangeError:
        return not_now(request, _("the records of the exchange"))
    form.offer(found.agencies)
    context = {
        "form": form,
        "found": found,
        "shown": shown(found.groups, person),
        "whose": whose,
        "released": newest(request) if whose == "others" else None,
        "late_since": late_since(found),
        "filtered": bool(form.wanted_agency or form.since),
        "older": _older(request, found.older),
        "register_url": f"{settings.PUBLIC_URLS['operator']}/{get_language()}/approvals/",
    }
    return render(request, "window/looks.html", context)


def _older(request: HttpRequest, cursor: str) -> str:
    if not cursor:
        return ""
    kept = [(name, value) for name, value in request.GET.items() if name != "before" and value]
    return "?" + urlencode([*kept, ("before", cursor)])


@own_page
@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """What government knows and uses (PRV-03): by kind of data, which registry told whom."""
    person = person_of(request).identifier
    try:
        found = usage.summary(user=person)
    except ExchangeError:
        return not_now(request, _("the records of the exchange"))
    return render(request, "window/looks_data.html", {"summary": found})


@own_page
@require_http_methods(["GET", "HEAD", "POST"])
def why(request: HttpRequest, look: UUID) -> HttpResponse:
    person = person_of(request).identifier
    form = WhyForm(request.POST or None)
    try:
        group = usage.look(str(look), user=person)
        if group.question is None and form.is_valid() and _asked(request, look, form):
            return redirect("look-why", look=look)
    except Rejected as error:
        raise Http404 from error
    except ExchangeError:
        return not_now(request, _("the records of the exchange"))
    (one,) = shown([group], person)
    return render(request, "window/look_why.html", {"one": one, "form": form})


def _asked(request: HttpRequest, look: UUID, form: WhyForm) -> bool:
    """False with the reason at the form; what was written stays there."""
    language = "en" if get_language() == "en" else "fa"
    person = person_of(request).identifier
    try:
        usage.ask_why(str(look), form.cleaned_data["text"], user=person, language=language)
    except ExchangeError as error:
        if error.code == "too-many-questions":
            form.add_error(
                None, _("Many of your questions wait for an answer. Wait for some of them first.")
            )
        else:
            form.add_error(
                None,
                _("Your question could not be sent now. What you wrote is kept here; try again."),
            )
        return False
    return True
