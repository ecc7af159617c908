"""A person's requests: list, timeline, rating."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from panjereh.sdk.exchange import ExchangeError
from panjereh.window import actions, queries
from panjereh.window.forms import RatingForm, TrackingForm
from panjereh.window.views.people import person_of, shared_page


@shared_page
@require_http_methods(["GET", "HEAD", "POST"])
def requests(request: HttpRequest) -> HttpResponse:
    """All requests; a tracking code is looked up among the person's own only."""
    person = person_of(request)
    form = TrackingForm(request.POST or None)
    if form.is_valid():
        found = queries.request_seen_by(person, form.cleaned_data["tracking_id"])
        if found:
            return redirect("request", found.request.tracking_id)
        form.not_found()
    context = {"form": form, "requests": queries.requests_seen_by(person)}
    return render(request, "window/requests.html", context)


@shared_page
@require_http_methods(["GET", "HEAD", "POST"])
def timeline(request: HttpRequest, tracking_id: str) -> HttpResponse:
    """Another person's request and one that does not exist look the same: not found."""
    tracked = queries.request_seen_by(person_of(request), tracking_id)
    if tracked is None:
        raise Http404
    form = RatingForm(request.POST or None) if tracked.can_be_rated else None
    if form and form.is_valid() and _rated(request, tracked, form):
        return redirect("request", tracking_id)
    return render(request, "window/request.html", {"tracked": tracked, "form": form})


def _rated(request: HttpRequest, tracked: queries.Tracked, form: RatingForm) -> bool:
    try:
        actions.rate_request(
            person=person_of(request),
            request=tracked.request,
            stars=form.cleaned_data["stars"],
            comment=form.cleaned_data["comment"],
        )
    except ExchangeError as error:
        return _explained(tracked, form, error)
    return True


def _explained(tracked: queries.Tracked, form: RatingForm, error: ExchangeError) -> bool:
    """Say why the rating was not taken. True when it had been taken before."""
    if error.code == "rated-already":
        actions.mark_rated(tracked.request, form.cleaned_data["stars"])
        return True
    if error.code == "not-delivered":
        form.add_error(None, _("This request is not delivered yet; rate it afterwards."))
    else:
        form.add_error(
            None,
            _("Your rating could not be sent just now. What you wrote is kept here; try again."),
        )
    return False
