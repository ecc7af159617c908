"""A walk through a form, page by page: the same for a new request and for a waiting one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from panjereh.agency.drafts import actions
from panjereh.agency.drafts.fetching import Looked, look
from panjereh.agency.drafts.queries import call_of, known_of
from panjereh.agency.forms import scope as scopes
from panjereh.agency.forms.fields import PageForm, page_form
from panjereh.agency.forms.judging import judge
from panjereh.agency.forms.view import Known, PageView
from panjereh.agency.models import Draft
from panjereh.agency.operations.systems import SYSTEMS
from panjereh.agency.packages.queries import package_of
from panjereh.agency.pages.showing import Reader, option_text, reader, shown_records
from panjereh.sdk.signin import Person


@dataclass(frozen=True)
class Walk:
    """A draft and the addresses of its pages."""

    draft: Draft
    actor: Person
    page_url: Callable[[str], str]
    review_url: str
    hold_url: str
    back_url: str

    @property
    def read(self) -> Reader:
        return reader(package_of(self.draft.version))

    def look(self) -> Looked:
        """Fetch what the next page needs, and keep it."""
        found = look(self.read.package.form, known_of(self.draft), call_of(self.draft))
        actions.keep_records(draft=self.draft, known=found.known)
        return found

    def next_url(self, looked: Looked) -> str:
        if looked.view.hold and not self.draft.answering_id:
            return self.hold_url
        current = looked.view.current
        return self.page_url(current.page.id) if current else self.review_url


def go_on(walk: Walk) -> HttpResponse:
    """To the page where the person left off."""
    return redirect(walk.next_url(walk.look()))


def show_page(request: HttpRequest, walk: Walk, page_id: str) -> HttpResponse:
    looked = walk.look()
    page = looked.view.page(page_id)
    if page is None or page.state == "later":
        return redirect(walk.next_url(looked))
    if looked.troubles and page.state == "current":
        return _trouble(request, walk, looked, page)
    if page.stop:
        return _stopped(request, walk, page)
    form = _form(walk, looked, page, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (after := _accepted(walk, looked, form)):
        return redirect(walk.next_url(after))
    return _render(request, walk, looked, page, form)


def _form(walk: Walk, looked: Looked, page: PageView, data: Mapping[str, Any] | None) -> PageForm:
    read = walk.read
    return page_form(
        page,
        looked.view,
        text=read.text,
        option_text=lambda field, entry: option_text(read, field, entry),
        data=data,
    )


def _accepted(walk: Walk, looked: Looked, form: PageForm) -> Looked | None:
    """Keep the answers, once tables and registries have nothing against them."""
    package, answers = walk.read.package, form.answers
    refused = judge(package.form, looked.known, answers, package.decision_tables)
    for field_id, decision in refused.items():
        reason = walk.read.text(f"decisions.{decision.table}.rows.{decision.row}")
        law = walk.read.text(f"laws.{decision.law}")
        form.add_error(package.form.fields[field_id].name, f"{reason} ({law})" if law else reason)
    if refused or not _known_at_registries(walk, looked, form, answers):
        return None
    draft = actions.answer_page(
        draft=walk.draft, page_id=form.page.page.id, answers=answers, actor=walk.actor
    )
    return replace(walk, draft=draft).look()


def _known_at_registries(
    walk: Walk, looked: Looked, form: PageForm, answers: dict[str, Any]
) -> bool:
    """A postal code that the post does not know is wrong here, not on the next page."""
    codes = [f for f in answers if form.page.page.fields and _is_code(walk, f)]
    if not codes:
        return True
    tried = looked.known
    for field_id, value in answers.items():
        tried = replace(tried, answers=scopes.with_path(tried.answers, field_id, value))
    found = look(walk.read.package.form, tried, call_of(walk.draft))
    rejected = [trouble for trouble in found.troubles if trouble.rejected]
    if rejected:
        name = walk.read.package.form.fields[codes[0]].name
        form.add_error(name, _("The post knows no such postal code; check it on a bill"))
        return False
    _take_records(walk.draft, found.known)
    return True


def _is_code(walk: Walk, field_id: str) -> bool:
    return walk.read.package.form.fields[field_id].type == "postal-code"


def _take_records(draft: Draft, known: Known) -> None:
    actions.keep_records(draft=draft, known=known)


def _render(
    request: HttpRequest, walk: Walk, looked: Looked, page: PageView, form: PageForm
) -> HttpResponse:
    read = walk.read
    several = any(len(field.options) > 1 for field in page.fields)
    lead = read.text(f"pages.{page.page.id}.choose") if several else ""
    context = {
        "form": form,
        "title": read.text(f"pages.{page.page.id}.title"),
        "lead": lead or read.text(f"pages.{page.page.id}.lead"),
        "records": shown_records(read, page),
        "service_title": read.text("title"),
        "dropped": [read.text(f"fields.{f}.label") for f in walk.draft.dropped],
        "back_url": _back(walk, looked, page),
        "has_fields": bool(form.fields),
    }
    return render(request, "agency/form_page.html", context)


def _back(walk: Walk, looked: Looked, page: PageView) -> str:
    pages = [p.page.id for p in looked.view.pages]
    place = pages.index(page.page.id)
    return walk.page_url(pages[place - 1]) if place else walk.back_url


def _trouble(request: HttpRequest, walk: Walk, looked: Looked, page: PageView) -> HttpResponse:
    """PER-13: say what does not answer; everything given so far is kept."""
    names = [SYSTEMS[trouble.system].name for trouble in looked.troubles]
    context = {
        "systems": list(dict.fromkeys(str(name) for name in names)),
        "away": bool(looked.away),
        "again": walk.page_url(page.page.id),
        "service_title": walk.read.text("title"),
    }
    status = 503 if looked.away else 409
    return render(request, "agency/form_trouble.html", context, status=status)


def _stopped(request: HttpRequest, walk: Walk, page: PageView) -> HttpResponse:
    read = walk.read
    context = {
        "title": read.text(f"stops.{page.stop}.title"),
        "text": read.text(f"stops.{page.stop}.text"),
        "service_title": read.text("title"),
        "back_url": walk.back_url,
    }
    return render(request, "agency/form_stop.html", context)
