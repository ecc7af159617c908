"""Apply for a service: walk through its form, review, submit."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panjereh.agency.agencies import agency_of
from panjereh.agency.cases.actions import NotComplete, submit_request
from panjereh.agency.cases.queries import wait_while_moving
from panjereh.agency.cases.signatures import NotSigned, must_be_signed
from panjereh.agency.drafts import actions
from panjereh.agency.holds.queries import ServiceHeld
from panjereh.agency.holds.showing import refused
from panjereh.agency.models import Draft, ServiceVersion
from panjereh.agency.operations.systems import SYSTEMS
from panjereh.agency.packages.queries import package_of, version_on_air
from panjereh.agency.pages.applicants import only_for
from panjereh.agency.pages.showing import review_rows
from panjereh.agency.pages.walk import Walk, go_on, show_page
from panjereh.sdk import exchange
from panjereh.sdk.signin import not_for_another, signed_in
from panjereh.sdk.signin.signing import ToSign
from panjereh.sdk.signin.views import to_sign


def for_applicants(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only people whom the sign-on knows as surely as the service asks."""

    @wraps(view)
    def guarded(request: HttpRequest, service_id: str, **kwargs: Any) -> HttpResponse:
        package = package_of(_version(request, service_id))
        admitted = only_for(package.form.applicants)(_covered(view))
        level = package.form.assurance_level
        return signed_in(min_level=level)(admitted)(request, service_id, **kwargs)

    return guarded


def _covered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Who acts for another does so within the services of the mandate."""

    @wraps(view)
    def guarded(request: HttpRequest, service_id: str, **kwargs: Any) -> HttpResponse:
        person = request.person  # type: ignore[attr-defined]
        if person.national_id and person.may_use(service_id):
            return view(request, service_id, **kwargs)
        return not_for_another(request)

    return guarded


@never_cache
@require_safe
@for_applicants
def begin(request: HttpRequest, service_id: str) -> HttpResponse:
    return go_on(_walk(request, service_id))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_applicants
def page(request: HttpRequest, service_id: str, page_id: str) -> HttpResponse:
    return show_page(request, _walk(request, service_id), page_id)


@never_cache
@require_safe
@for_applicants
def hold(request: HttpRequest, service_id: str) -> HttpResponse:
    """The address was not confirmed: nothing is lost, and there are two ways on (AGW-07)."""
    walk = _walk(request, service_id)
    component = walk.look().view.hold
    if not component:
        return go_on(walk)
    form = walk.read.package.form
    context = {
        "title": walk.read.text(f"holds.{component}.title"),
        "text": walk.read.text(f"holds.{component}.text"),
        "service_title": walk.read.text("title"),
        "again_url": walk.page_url(form.pages_for(component)[0]),
        "review_url": walk.review_url,
    }
    return render(request, "agency/form_hold.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_applicants
def review(request: HttpRequest, service_id: str) -> HttpResponse:
    walk = _walk(request, service_id)
    looked = walk.look()
    if not looked.view.complete:
        return redirect(walk.next_url(looked))
    if request.method == "POST":
        back = reverse("apply-signed", args=[service_id])
        return _submit(
            request, walk, unsigned=lambda wanted: to_sign(request, wanted, next_address=back)
        )
    return _review(request, walk)


def _review(request: HttpRequest, walk: Walk, trouble: str = "") -> HttpResponse:
    looked = walk.look()
    context = {
        "parts": review_rows(walk.read, looked.view, walk.page_url),
        "service_title": walk.read.text("title"),
        "hold": looked.view.hold and walk.read.text(f"holds.{looked.view.hold}.title"),
        "trouble": trouble,
        "signs": must_be_signed(walk.read.package),
    }
    status = 503 if trouble else 200
    return render(request, "agency/form_review.html", context, status=status)


@never_cache
@require_safe
@for_applicants
def signed(request: HttpRequest, service_id: str) -> HttpResponse:
    """Back from the signature, which was given to send exactly this request."""
    walk = _walk(request, service_id)
    if not walk.look().view.complete:
        return redirect(walk.next_url(walk.look()))
    return _submit(request, walk, unsigned=lambda _: redirect(walk.review_url))


def _submit(
    request: HttpRequest, walk: Walk, unsigned: Callable[[ToSign], HttpResponse]
) -> HttpResponse:
    try:
        case = submit_request(draft=walk.draft, actor=walk.actor)
    except NotSigned as missing:
        return unsigned(missing.wanted)
    except NotComplete:
        return go_on(walk)
    except ServiceHeld:
        return refused(request, walk.draft.version.service_id, walk.read.text("title"))
    except exchange.ExchangeError:
        # Without a tracking id there is no request; the answers stay, and the key is the same.
        return _review(request, walk, trouble=str(SYSTEMS["tracking"].name))
    # Most answers come within a second: she reads the result, not "in progress".
    wait_while_moving(case, seconds=settings.ANSWER_PATIENCE_SECONDS)
    return redirect("request", tracking_id=case.tracking_id)


@never_cache
@require_POST
@for_applicants
def withdraw(request: HttpRequest, service_id: str) -> HttpResponse:
    walk = _walk(request, service_id)
    actions.withdraw_draft(draft=walk.draft, actor=walk.actor)
    return redirect("requests")


def _walk(request: HttpRequest, service_id: str) -> Walk:
    person = request.person  # type: ignore[attr-defined]
    draft: Draft = actions.begin_draft(
        version=_version(request, service_id),
        actor=person,
        language=(get_language() or "fa")[:2],
    )
    return Walk(
        draft=draft,
        actor=person,
        page_url=lambda page_id: reverse("apply-page", args=[service_id, page_id]),
        review_url=reverse("apply-review", args=[service_id]),
        hold_url=reverse("apply-hold", args=[service_id]),
        back_url=reverse("service", args=[service_id]),
    )


def _version(request: HttpRequest, service_id: str) -> ServiceVersion:
    found = version_on_air(agency_of(request).pk, service_id)
    if found is None:
        raise Http404("no such service")
    return found
