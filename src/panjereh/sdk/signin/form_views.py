"""Back from the sign-on with a form that was sent too early: it is sent again with one press."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from panjereh.sdk.signin.addresses import login_address, page_language
from panjereh.sdk.signin.kept_forms import find_form
from panjereh.sdk.signin.person import person_in


@never_cache
@require_safe
def kept_form(request: HttpRequest, key: str) -> HttpResponse:
    person = person_in(request.session)
    if person is None:
        return HttpResponseRedirect(login_address(request.get_full_path()))
    form = find_form(request, key, person)
    with translation.override(page_language(request, form.page if form else "")):
        return render(request, "signin/kept_form.html", {"kept": form}, status=200 if form else 410)
