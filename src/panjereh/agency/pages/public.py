"""Pages that need no sign-in: the services of an agency, and who keeps which data."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from panjereh.agency.agencies import agency_of, staff_member
from panjereh.agency.models import ServiceVersion
from panjereh.agency.operations.systems import SYSTEMS
from panjereh.agency.packages.model import Package
from panjereh.agency.packages.queries import on_air, package_of, version_on_air
from panjereh.agency.pages.showing import reader
from panjereh.common.text import fold
from panjereh.sdk.signin.levels import in_words
from panjereh.ui.templatetags.panjereh import digits


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    agency = agency_of(request)
    asked = request.GET.get("q", "").strip()[:100]
    services = [_entry(version) for version in on_air(agency.pk)]
    context = {
        "asked": asked,
        "services": [s for s in services if not asked or _fits(s["words"], asked)],
        "is_staff": staff_member(agency, getattr(request, "person", None)) is not None,
    }
    return render(request, "agency/home.html", context)


def _entry(version: ServiceVersion) -> dict[str, str]:
    package = package_of(version)
    read = reader(package)
    return {
        "id": package.service_id,
        "title": read.text("title"),
        "summary": package.card["summary"][read.language],
        "words": _words(package),
    }


def _words(package: Package) -> str:
    """What the search of the window looks through: titles and everyday words (AGW-09)."""
    card = package.card
    parts = [*card["title"].values(), *card["summary"].values()]
    for words in card["synonyms"].values():
        parts += words
    return fold(" ".join(parts))


def _fits(words: str, asked: str) -> bool:
    return all(word in words for word in fold(asked).split())


@require_safe
def service(request: HttpRequest, service_id: str) -> HttpResponse:
    agency = agency_of(request)
    version = version_on_air(agency.pk, service_id)
    if version is None:
        raise Http404("no such service")
    package = package_of(version)
    read = reader(package)
    context = {
        "card": package.card,
        "service_id": service_id,
        "title": read.text("title"),
        "intro": read.text("intro"),
        "facts": _facts(package),
        "updated_at": version.published_at,
    }
    return render(request, "agency/service.html", context)


def _facts(package: Package) -> list[tuple[object, object]]:
    language = reader(package).language
    card = package.card
    level = package.form.assurance_level
    sign_in = [(_("How you sign in"), digits(in_words(level)))] if level > 1 else []
    return [
        (_("Who can apply"), card["recipients"][language]),
        *sign_in,
        (_("How long it takes"), card["duration"]["text"][language]),
        (_("Who answers for it"), card["owner"]["post"][language]),
    ]


@require_safe
def source(request: HttpRequest, system: str) -> HttpResponse:
    """«Wrong? Correct it at the source»: who keeps these data, and where to have them mended."""
    agency_of(request)
    if system not in SYSTEMS:
        raise Http404("no such source")
    return render(request, "agency/source.html", {"source": SYSTEMS[system]})


@require_safe
def brand(request: HttpRequest) -> HttpResponse:
    """The agency's colour, as a file of its own: no page carries style (AGW-34)."""
    agency = agency_of(request)
    css = f".app-header{{border-top:4px solid {agency.colour}}}"
    response = HttpResponse(css, content_type="text/css")
    response["Cache-Control"] = "public, max-age=3600"
    return response
