"""Pages of the third party."""

from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.urls import include, path

from panjereh.sdk.signin import Person, signed_in


def public(request: HttpRequest) -> HttpResponse:
    page = engines["django"].from_string(
        '{% extends "ui/page.html" %}{% load signin %}{% block content %}'
        "<p>Shop of {{ person.family_name }}</p>{% sign_in_button %}{% endblock %}"
    )
    return HttpResponse(page.render({"request": request}, request))


@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    person: Person = request.person  # type: ignore[attr-defined]
    return JsonResponse(
        {
            "sub": person.sub,
            "national_id": person.national_id,
            "family_name": person.family_name,
            "birth_date": person.birth_date and person.birth_date.isoformat(),
            "mobile": person.mobile,
            "level": person.level,
            "session": request.session.session_key,
            "basket": request.session.get("basket", []),
        }
    )


@signed_in(min_level=2)
def vault(request: HttpRequest) -> HttpResponse:
    return HttpResponse("treasure")


@signed_in(min_level=9)
def crypt(request: HttpRequest) -> HttpResponse:
    return HttpResponse("nobody comes here")


@signed_in
def order(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"ordered {_what(request)}" if request.method == "POST" else "the form")


@signed_in(min_level=2)
def will(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"sealed {_what(request)}" if request.method == "POST" else "the form")


def _what(request: HttpRequest) -> str:
    return ", ".join(request.POST.getlist("what"))


def basket(request: HttpRequest) -> HttpResponse:
    request.session["basket"] = ["bread"]
    return HttpResponse("kept")


urlpatterns = [
    path("signin/", include("panjereh.sdk.signin.urls")),
    *i18n_patterns(
        path("", public),
        path("mine/", mine),
        path("vault/", vault),
        path("crypt/", crypt),
        path("order/", order),
        path("will/", will),
        path("basket/", basket),
        prefix_default_language=True,
    ),
]
