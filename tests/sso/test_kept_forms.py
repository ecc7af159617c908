"""A form that came without the sign-in it needs: kept for its person, and for an hour only."""

import json
from typing import Any

import pytest
from conftest import Clock
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from panjereh.sdk.signin.kept_forms import LONGEST, MOST_KEPT, find_form, keep_form
from panjereh.sdk.signin.person import Person

ME, OTHER = Person(sub="me", acr=""), Person(sub="other", acr="")
PAGE = "/fa/order/"


def sent(session: dict[str, Any], **typed: Any) -> HttpRequest:
    request = RequestFactory().post(PAGE, {"csrfmiddlewaretoken": "t" * 64} | typed)
    request.session = session  # type: ignore[assignment]
    return request


def test_everything_typed_is_kept_in_its_order_and_the_token_is_not() -> None:
    request = sent({}, what=["bread", "milk"], note="دو تا «بربری»\n<b>")
    form = find_form(request, keep_form(request, ME, page=PAGE), ME)
    assert form
    assert form.fields == [["what", "bread"], ["what", "milk"], ["note", "دو تا «بربری»\n<b>"]]
    assert (form.path, form.page) == (PAGE, PAGE)
    json.dumps(request.session["signin-forms"])


def test_a_form_of_a_known_person_is_nobody_elses() -> None:
    request = sent({}, what="bread")
    key = keep_form(request, ME, page=PAGE)
    assert find_form(request, key, OTHER) is None
    assert find_form(request, key, ME)
    assert find_form(request, "another-key", ME) is None


def test_a_form_of_nobody_belongs_to_the_first_who_signs_in_for_it() -> None:
    request = sent({}, what="bread")
    key = keep_form(request, None, page=PAGE)
    assert find_form(request, key, ME)
    assert find_form(request, key, OTHER) is None
    assert find_form(request, key, ME), "pressing back does no harm"


def test_it_is_kept_for_an_hour(clock: Clock) -> None:
    request = sent({}, what="bread")
    key = keep_form(request, ME, page=PAGE)
    clock.forward(minutes=59)
    assert find_form(request, key, ME)
    clock.forward(minutes=2)
    assert find_form(request, key, ME) is None


def test_a_browser_keeps_a_few_and_the_newest() -> None:
    session: dict[str, Any] = {}
    keys = [keep_form(sent(session, what=str(n)), ME, page=PAGE) for n in range(MOST_KEPT + 2)]
    found = [find_form(sent(session), key, ME) is not None for key in keys]
    assert found == [False, False, *[True] * MOST_KEPT]


@pytest.mark.parametrize(
    "typed",
    [{"what": "x" * (LONGEST + 1)}, {"scan": SimpleUploadedFile("scan.pdf", b"%PDF")}],
)
def test_what_cannot_be_kept_is_not_kept_in_part(typed: dict[str, Any]) -> None:
    request = sent({}, **typed)
    assert keep_form(request, ME, page=PAGE) == ""
    assert not request.session


def test_a_confirmation_without_fields_is_kept_and_what_is_no_form_is_not() -> None:
    assert keep_form(sent({}), ME, page=PAGE)
    machine = RequestFactory().post(PAGE, "{}", content_type="application/json")
    machine.session = {}  # type: ignore[assignment]
    assert keep_form(machine, ME, page=PAGE) == ""
