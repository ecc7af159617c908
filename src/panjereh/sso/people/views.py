"""A guardian opens the account of a child: choose, look at the data, say yes (SSO-22)."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from panjereh.sso.account.views import own_page
from panjereh.sso.models import Person
from panjereh.sso.people.actions import ChildRefused, register_child
from panjereh.sso.people.asking import asks_registry
from panjereh.sso.people.forms import ChildForm
from panjereh.sso.people.minors import comes_of_age, rule
from panjereh.sso.people.queries import Child, children_of, minors_of
from panjereh.sso.sessions.actions import LiveSession


@require_http_methods(["GET", "POST"])
@asks_registry(again="children")
def children(request: HttpRequest, guardian: Person) -> HttpResponse:
    """Choose one; the page behind it shows the data. Nothing of a child is in an address."""
    found = children_of(guardian)
    mine = {child.id for child in minors_of(guardian.id)}
    missing = [one for one in found if one.account is None or one.account.id not in mine]
    form = ChildForm(missing, request.POST if request.method == "POST" else None)
    if form.is_valid():
        chosen = form.cleaned_data["child"]
        return _confirm(request, next(one for one in missing if one.national_id == chosen))
    context = {
        "form": form,
        "missing": missing,
        "registered": [one for one in found if one not in missing],
        "foreigner": guardian.kind == Person.Kind.FIDA,
        "of_age": rule().of_age,
    }
    return render(request, "sso_people/children.html", context)


def _confirm(request: HttpRequest, child: Child) -> HttpResponse:
    context = {
        "child": child,
        "ground": rule().guardians[child.ground],
        "until": comes_of_age(child.birth_date),
    }
    return render(request, "sso_people/confirm_child.html", context)


@require_POST
@asks_registry(again="children")
def register(request: HttpRequest, guardian: Person) -> HttpResponse:
    try:
        account = register_child(guardian, national_id=request.POST.get("child", ""))
    except ChildRefused as refused:
        context = {"reason": refused.reason}
        return render(request, "sso_people/child_refused.html", context, status=409)
    return redirect("child-registered", account.id)


@require_GET
@own_page
def registered(request: HttpRequest, session: LiveSession, child_id: UUID) -> HttpResponse:
    child = next((one for one in minors_of(session.person_id) if one.id == child_id), None)
    if child is None:
        raise Http404
    context = {"child": child, "until": comes_of_age(child.birth_date)}
    return render(request, "sso_people/child_registered.html", context)
