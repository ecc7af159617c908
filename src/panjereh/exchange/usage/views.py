"""Pages about looks on the exchange's own site: agencies answer people, the operator sees what
stays unanswered, auditors search."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from panjereh.common import clock
from panjereh.exchange.doors import auditor_page, member_page, operator_page
from panjereh.exchange.models import Grant, Operator, Representative
from panjereh.exchange.usage import actions, told
from panjereh.exchange.usage.forms import AnswerForm, AuditForm
from panjereh.exchange.usage.models import Question, Search
from panjereh.exchange.usage.queries import Asked, grants_with_names

SHOWN = 200


@require_safe
@member_page
def questions(request: HttpRequest, representative: Representative) -> HttpResponse:
    own = Question.objects.filter(member=representative.member)
    context = {
        "waiting": own.filter(answered_at=None).order_by("due_at")[:SHOWN],
        "answered": own.exclude(answered_at=None).order_by("-answered_at")[:20],
        "now": clock.now(),
        "soon": clock.now() + actions.REMINDER,
    }
    return render(request, "usage/questions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page
def question(request: HttpRequest, representative: Representative, pk: UUID) -> HttpResponse:
    """Another agency's question and one that does not exist look the same: not found."""
    own = Question.objects.select_related("grant__service__system__member", "grant__consumer")
    asked = get_object_or_404(own, pk=pk, member=representative.member)
    form = AnswerForm(request.POST or None)
    if not asked.answered_at and form.is_valid() and _answered(representative, asked, form):
        return redirect("question", pk=pk)
    looks = [told.asked(Asked(one, 1, asked.looked_at)) for one in _grants(asked)]
    context = {"question": asked, "looks": looks, "form": form, "now": clock.now()}
    return render(request, "usage/question.html", context)


def _grants(asked: Question) -> list[Grant]:
    """What was asked for that case, the look itself first."""
    found = grants_with_names([asked.grant_id, *asked.grants])
    return sorted(found.values(), key=lambda grant: grant.pk != asked.grant_id)


def _answered(actor: Representative, asked: Question, form: AnswerForm) -> bool:
    try:
        actions.answer_question(actor=actor, question=asked, text=form.cleaned_data["text"])
    except actions.AnsweredAlready:
        form.add_error(None, _("Somebody of your agency has answered in the meantime."))
        return False
    return True


@require_safe
@operator_page
def open_questions(request: HttpRequest, operator: Operator) -> HttpResponse:
    """When was asked and until when; what was asked is between the person and the agency."""
    waiting = Question.objects.filter(answered_at=None).select_related("member")
    context = {"waiting": waiting.order_by("due_at")[:SHOWN], "now": clock.now()}
    return render(request, "usage/open_questions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@auditor_page
def audit(request: HttpRequest, operator: Operator) -> HttpResponse:
    """National ids come in the body only; a page that is loaded again is a search again."""
    form = AuditForm(request.POST or None)
    context: dict[str, object] = {"form": form, "searches": _searches(operator)[:20]}
    if form.is_valid():
        context["findings"] = actions.search_looks(actor=operator, inquiry=form.inquiry())
        context["most"] = actions.MOST_FOUND
    return render(request, "usage/audit.html", context)


def _searches(auditor: Operator) -> QuerySet[Search]:
    return Search.objects.filter(auditor=auditor)
