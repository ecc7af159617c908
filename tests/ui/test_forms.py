"""The markup of every form: labels, stars, messages, summary."""

import re

import pytest
from django.template import engines
from django.utils import translation
from gallery import EveryField, wrong_data
from support.bidi import misplaced_runs

from panjereh.ui.forms import faults

pytestmark = pytest.mark.usefixtures("persian")


@pytest.fixture
def wrong() -> EveryField:
    return EveryField(wrong_data())


@pytest.mark.req("AGW-11")
def test_a_field_that_must_be_filled_bears_a_star_that_is_also_heard() -> None:
    rendered = EveryField()["name"].as_field_group()
    assert '<span class="app-required" aria-hidden="true">*</span>' in rendered
    assert '<span class="govuk-visually-hidden">(الزامی)</span>' in rendered
    assert "app-required" not in EveryField()["notes"].as_field_group()


@pytest.mark.req("AGW-13")
def test_each_message_stands_at_its_field_and_the_field_names_it(wrong: EveryField) -> None:
    rendered = wrong["national_id"].as_field_group()
    assert 'id="id_national_id_error"' in rendered
    assert 'aria-describedby="id_national_id_helptext id_national_id_error"' in rendered
    assert 'aria-invalid="true"' in rendered


def test_the_summary_leads_to_an_input_that_is_there(wrong: EveryField) -> None:
    page = str(wrong)
    targets = re.findall(r'<a href="#([^"]+)"', page)
    assert len(targets) == len(faults(wrong)) > 8
    assert [t for t in targets if f'id="{t}"' not in page] == []


def test_a_message_that_names_no_field_is_named_in_the_summary(wrong: EveryField) -> None:
    texts = [fault.text for fault in faults(wrong)]
    assert "شهر: این را هم پر کنید" in texts
    assert "</span> این را هم پر کنید</p>" in wrong["city"].as_field_group()


def test_a_form_shows_its_summary_once(wrong: EveryField) -> None:
    template = engines["django"].from_string(
        "{% load panjereh %}{% error_summary form %}{{ form }}"
    )
    assert template.render({"form": wrong}).count('id="error-summary-title"') == 1
    assert str(EveryField(wrong_data())).count('id="error-summary-title"') == 1


def test_a_fault_of_the_whole_form_is_told_without_a_link(wrong: EveryField) -> None:
    wrong.add_error(None, "این دو با هم نمی‌خوانند")
    assert "<li>این دو با هم نمی‌خوانند</li>" in " ".join(str(wrong).split()).replace("> ", ">")


@pytest.mark.req("PER-08")
def test_django_speaks_persian_with_persian_digits(wrong: EveryField) -> None:
    messages = " ".join(fault.text for fault in faults(wrong))
    assert "حداکثر 10 حرف" in messages
    assert "حداکثر ۱۰ حرف" in str(wrong)
    assert "این را هم پر کنید" in messages


def test_browsers_do_not_check_forms_in_a_language_of_their_own() -> None:
    assert " required" not in str(EveryField())


def test_digits_are_typed_left_to_right_with_the_right_keyboard() -> None:
    rendered = str(EveryField()["national_id"])
    for attribute in ('dir="ltr"', 'inputmode="numeric"', 'autocomplete="off"'):
        assert attribute in rendered
    assert 'type="number"' not in str(EveryField())
    assert 'autocomplete="one-time-code"' in str(EveryField()["code"])
    assert 'inputmode="tel"' in str(EveryField()["mobile"])


def test_choices_are_grouped_under_their_question(wrong: EveryField) -> None:
    rendered = wrong["who"].as_field_group()
    assert '<fieldset class="govuk-fieldset" aria-describedby="id_who_error">' in rendered
    assert rendered.count('class="govuk-radios__input"') == 2
    assert "خودم ۱۲" in rendered
    assert wrong["several"].as_field_group().count('class="govuk-checkboxes__input"') == 2


def test_chosen_options_stay_chosen() -> None:
    rendered = str(EveryField({"who": "b", "several": ["a"], "agreed": "on"}))
    assert 'value="b" checked' in rendered
    assert re.search(r'name="several"[^>]*value="a" checked', rendered)
    assert re.search(r'name="agreed"[^>]* checked', rendered)


def test_a_form_has_no_run_that_reads_backwards(wrong: EveryField) -> None:
    assert misplaced_runs(f'<html dir="rtl"><body>{wrong}</body></html>') == []


def test_the_same_form_speaks_english() -> None:
    with translation.override("en"):
        rendered = str(EveryField(wrong_data()))
        assert "One digit of the national ID number is wrong" in rendered
        assert "There is a problem" in rendered
