from datetime import date
from typing import Any

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from panjereh.common.text import persian_digits
from panjereh.ui import fields, jalali

pytestmark = pytest.mark.usefixtures("persian")


def clean(field: forms.Field, value: Any) -> Any:
    """What a form with this one field makes of the text: its value, or what it says is wrong."""
    form = type("OneField", (forms.Form,), {"it": field})({"it": value})
    return form.cleaned_data["it"] if form.is_valid() else str(form.errors["it"][0])


@pytest.mark.req("AGW-13")
@pytest.mark.parametrize(
    "typed", ["0084575948", "۰۰۸۴۵۷۵۹۴۸", "٠٠٨٤٥٧٥٩٤٨", "008 457 5948", "84575948"]
)
def test_a_national_id_is_taken_in_every_spelling(typed: str) -> None:
    assert clean(fields.NationalIdField(), typed) == "0084575948"


@pytest.mark.req("AGW-13")
@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        (fields.NationalIdField, "", "کد ملی را بنویسید"),
        (fields.NationalIdField, "0084575947", "یکی از رقم‌های کد ملی درست نیست"),
        (fields.NationalIdField, "12345", "کد ملی ۱۰ رقم دارد"),
        (fields.NationalIdField, "1111111111", "این عدد کد ملی نیست"),
        (fields.NationalIdField, "abc", "کد ملی فقط رقم دارد"),
        (fields.MobileField, "", "شمارهٔ تلفن همراه را بنویسید"),
        (fields.MobileField, "02188776655", "با ۰۹ شروع می‌شود"),
        (fields.MobileField, "شماره", "فقط رقم دارد"),
        (fields.PostalCodeField, "", "کد پستی را بنویسید"),
        (fields.PostalCodeField, "123", "کد پستی ۱۰ رقم دارد"),
        (fields.PostalCodeField, "2222222222", "چنین کد پستی"),
        (fields.PostalCodeField, "خیابان", "کد پستی فقط رقم دارد"),
        (fields.LegalIdField, "", "شناسهٔ ملی شرکت را بنویسید"),
        (fields.LegalIdField, "123", "۱۱ رقم دارد"),
        (fields.LegalIdField, "11111111111", "شناسهٔ ملی شرکت نیست"),
        (fields.LegalIdField, "14003778991", "درست نیست"),
        (fields.LegalIdField, "x", "فقط رقم دارد"),
        (fields.CodeField, "", "کدی را که برایتان پیامک شده بنویسید"),
        (fields.CodeField, "12345", "کد ۶ رقم دارد"),
        (fields.CodeField, "۱۲۳۴۵x", "کد ۶ رقم دارد"),
    ],
)
def test_each_flaw_is_named_in_words_that_say_what_to_do(
    field: type[forms.Field], typed: str, said: str
) -> None:
    assert said in clean(field(), typed)


@pytest.mark.parametrize(
    "typed", ["09121234567", "۰۹۱۲ ۱۲۳ ۴۵۶۷", "+98 912 123 4567", "9121234567"]
)
def test_a_mobile_is_kept_in_one_form(typed: str) -> None:
    assert clean(fields.MobileField(), typed) == "+989121234567"


@pytest.mark.parametrize("typed", ["123456", "۱۲۳ ۴۵۶", "١٢٣٤٥٦"])
def test_a_code_is_taken_in_every_spelling(typed: str) -> None:
    assert clean(fields.CodeField(), typed) == "123456"


@pytest.mark.parametrize(
    "field",
    [fields.NationalIdField, fields.MobileField, fields.PostalCodeField, fields.LegalIdField],
)
def test_what_is_not_required_may_be_left_empty(field: type[forms.Field]) -> None:
    assert clean(field(required=False), "  ") == ""


class Birth(forms.Form):
    born_on = fields.JalaliDateField(label="تاریخ تولد", latest=lambda: date(2026, 11, 22))


def birth(day: str, month: str, year: str) -> Birth:
    return Birth({"born_on_0": day, "born_on_1": month, "born_on_2": year})


def test_a_jalali_date_becomes_a_date() -> None:
    form = birth("۲۵", "8", "١٤٠٥")
    assert form.is_valid()
    assert form.cleaned_data == {"born_on": date(2026, 11, 16)}


@pytest.mark.req("AGW-13", "PER-08")
@pytest.mark.parametrize(
    ("parts", "said", "part"),
    [
        (("", "", ""), "روز، ماه و سال را وارد کنید", 0),
        (("32", "8", "1370"), "روز را با عددی از ۱ تا ۳۱", 0),
        (("x", "8", "1370"), "روز را با عددی از ۱ تا ۳۱", 0),
        (("5", "", "1370"), "ماه را انتخاب کنید", 1),
        (("5", "13", "1370"), "ماه را انتخاب کنید", 1),
        (("5", "8", ""), "سال را با ۴ رقم", 2),
        (("5", "8", "70"), "سال را با ۴ رقم", 2),
        (("5", "8", "1991"), "نه میلادی", 2),
        (("31", "8", "1370"), "چنین روزی ندارد", 0),
        (("30", "12", "1404"), "چنین روزی ندارد", 0),
        (("2", "9", "1405"), "هنوز نرسیده است", 2),
        (("99999", "8", "1370"), "روز را با عددی", 0),
    ],
)
def test_a_wrong_date_says_which_part_is_wrong(
    parts: tuple[str, str, str], said: str, part: int
) -> None:
    form = birth(*parts)
    assert said in str(form.errors["born_on"][0])
    rendered = str(form["born_on"])
    marked = [i for i in range(3) if f'name="born_on_{i}"' in rendered and wrong_at(rendered, i)]
    assert marked == [part]
    assert f'href="#id_born_on_{part}"' in str(form)


def wrong_at(rendered: str, part: int) -> bool:
    begin = rendered.index(f'name="born_on_{part}"')
    return 'aria-invalid="true"' in rendered[begin : rendered.index(">", begin)]


@pytest.mark.parametrize("year", [1403, 1408])
def test_the_last_day_of_a_leap_year_is_a_day(year: int) -> None:
    assert Birth({"born_on_0": "30", "born_on_1": "12", "born_on_2": "1403"}).is_valid()
    assert jalali.to_jalali(jalali.from_jalali(year, 12, 30)) == (year, 12, 30)


def test_a_date_that_is_not_required_may_be_empty() -> None:
    field = fields.JalaliDateField(required=False)
    assert field.clean(["", "", ""]) is None
    assert field.clean(None) is None


def test_a_date_that_was_known_fills_the_three_inputs() -> None:
    rendered = str(Birth(initial={"born_on": date(2026, 11, 16)})["born_on"])
    assert 'value="25"' in rendered
    assert 'value="8" selected' in rendered
    assert 'value="1405"' in rendered


def test_whether_a_date_has_changed_is_seen() -> None:
    field = fields.JalaliDateField()
    assert not field.has_changed(date(2026, 11, 16), ["25", "8", "1405"])
    assert field.has_changed(date(2026, 11, 16), ["26", "8", "1405"])


def test_months_are_named_in_the_readers_language() -> None:
    assert "آبان" in str(Birth())
    with translation.override("en"):
        assert "Aban" in str(Birth())


@given(st.dates(date(1901, 1, 1), date(2100, 12, 31)))
def test_every_day_survives_the_way_through_the_field(day: date) -> None:
    year, month, number = jalali.to_jalali(day)
    typed = [persian_digits(str(number)), str(month), persian_digits(str(year))]
    assert fields.JalaliDateField().clean(typed) == day


@pytest.mark.req("SSO-21")
@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("84575948", "0084575948"),
        ("۹۰۰۰ ۰۰۰۰ ۰۰۱۷", "900000000017"),
        ("٩٠٠٠٠٠٠٠٠٠١٧", "900000000017"),
        ("90000000001", "کد فیدای اتباع خارجی ۱۲ رقم"),
        ("9000000000017", "کد ملی ۱۰ رقم دارد"),
        ("111111111111", "این عدد کد ملی نیست"),
        ("کد", "فقط رقم دارد"),
        ("", "کد ملی را بنویسید"),
    ],
)
def test_one_field_takes_a_national_id_or_a_fida_code(typed: str, taken: str) -> None:
    assert taken in clean(fields.PersonIdField(), typed)


@pytest.mark.req("SSO-21")
@pytest.mark.parametrize(
    ("parts", "taken"),
    [
        (["۹", "10", "۱۹۹۱"], date(1991, 10, 9)),
        (["29", "2", "1992"], date(1992, 2, 29)),
        (["29", "2", "1991"], "چنین روزی"),
        (["9", "10", "1370"], "سال میلادی"),
        (["9", "", "1991"], "ماه"),
        (["9", "10", "91"], "۴ رقم"),
    ],
)
def test_a_date_may_be_that_of_a_passport(parts: list[str], taken: date | str) -> None:
    field = fields.GregorianDateField()
    if isinstance(taken, date):
        assert field.clean(parts) == taken
        assert field.widget.decompress(taken) == [str(taken.day), str(taken.month), str(taken.year)]
        return
    with pytest.raises(forms.ValidationError) as wrong:
        field.clean(parts)
    assert taken in str(wrong.value.messages[0])


@given(day=st.dates(date(1930, 1, 1), date(2030, 1, 1)), years=st.integers(1, 90))
def test_years_later_it_is_the_same_day_of_the_solar_year(day: date, years: int) -> None:
    later = jalali.years_after(day, years)
    year, month, number = jalali.to_jalali(day)
    found = jalali.to_jalali(later)
    leap_day = (month, number) == (12, 30) and found[1:] == (1, 1)
    assert found == (year + years, month, number) or (leap_day and found[0] == year + years + 1)
