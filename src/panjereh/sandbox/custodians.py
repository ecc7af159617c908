"""Fill the smaller registries out of the nation that is there: skills, certificates, degrees,
military service, insurance lists.

What somebody has follows from a digest of the national id, so every installation with the same
people has the same records, however often and in whatever steps the nation grew.
"""

from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.utils.timezone import localdate

from panjereh.common import clock
from panjereh.registries.insurance.models import SentList
from panjereh.registries.privatisation.months import month_of
from panjereh.sandbox.nation.facts import facts

MONTHS = 3


def _digest(salt: str, of: str = "p.national_id") -> str:
    """A number of a person for one question; numbers of two questions have nothing in common."""
    return f"(('x' || substr(md5({of} || ':{salt}'), 1, 7))::bit(28)::int)"


def _one_of(words: str, salt: str) -> str:
    return f"(%({words})s::text[])[1 + {_digest(salt)} %% cardinality(%({words})s::text[])]"


_AGE = "extract(year FROM age(%(today)s, p.birth_date))"
_LIVING = "FROM civil_person p WHERE p.died_on IS NULL"

_SKILLS = f"""
    INSERT INTO skills_certificate (number, national_id, trade, level, issued_on, withdrawn_on)
    SELECT upper(substr(md5(p.national_id || ':skill-number'), 1, 10)), p.national_id,
           {_one_of("trades", "trade")}, 1 + {_digest("level")} %% 3,
           %(today)s - {_digest("issued")} %% 3000,
           CASE WHEN {_digest("withdrawn")} %% 40 = 0 THEN %(today)s END
    {_LIVING} AND {_AGE} BETWEEN 18 AND 65 AND {_digest("skilled")} %% 8 = 0
    ON CONFLICT DO NOTHING
"""
_CERTIFICATES = f"""
    INSERT INTO judiciary_certificate (number, national_id, issued_on, valid_until)
    SELECT upper(substr(md5(p.national_id || ':judicial-number'), 1, 12)), p.national_id,
           %(today)s - {_digest("asked-on")} %% 80,
           %(today)s - {_digest("asked-on")} %% 80 + 90
    {_LIVING} AND {_AGE} >= 18 AND {_digest("asked")} %% 12 = 0
    ON CONFLICT DO NOTHING
"""
_LEVEL = "(ARRAY['associate', 'bachelor', 'bachelor', 'master', 'doctorate'])"
_DEGREES = f"""
    INSERT INTO education_degree (national_id, level, field, university, graduated_on)
    SELECT p.national_id, {_LEVEL}[1 + {_digest("degree")} %% 5], {_one_of("fields", "field")},
           {_one_of("universities", "university")},
           (p.birth_date + interval '23 years' + interval '1 day' * ({_digest("day")} %% 300))::date
    {_LIVING} AND {_AGE} >= 25 AND {_digest("graduate")} %% 3 = 0
    ON CONFLICT DO NOTHING
"""
_STUDENTS = f"""
    INSERT INTO education_enrolment (national_id, level, field, university, began_on)
    SELECT p.national_id, (ARRAY['associate', 'bachelor', 'master'])[1 + {_digest("study")} %% 3],
           {_one_of("fields", "study-field")}, {_one_of("universities", "study-university")},
           %(today)s - {_digest("began")} %% 900
    {_LIVING} AND {_AGE} BETWEEN 18 AND 29 AND {_digest("student")} %% 4 = 0
    ON CONFLICT DO NOTHING
"""
_SERVICE = f"""
    INSERT INTO conscription_service (national_id, standing, since, card_number)
    SELECT p.national_id, standing, %(today)s - {_digest("since")} %% 600,
           CASE WHEN standing IN ('completed', 'exempt')
                THEN upper(substr(md5(p.national_id || ':card'), 1, 8)) ELSE '' END
    FROM civil_person p, LATERAL (SELECT CASE
        WHEN {_digest("exempt")} %% 4 = 0 THEN 'exempt'
        WHEN {_AGE} >= 25 AND {_digest("owes")} %% 20 > 0 THEN 'completed'
        WHEN {_AGE} < 25 AND {_digest("serves")} %% 3 = 0 THEN 'serving'
        ELSE 'owed' END AS standing) s
    WHERE p.died_on IS NULL AND p.sex = 'male' AND {_AGE} BETWEEN 18 AND 65
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - no value is put in
_WORKSHOPS = f"""
    INSERT INTO insurance_workshop (code, branch_code, enterprise_id)
    SELECT lpad({_digest("workshop", "c.legal_id")}::text, 10, '0'),
           lpad(({_digest("branch", "c.legal_id")} %% 1000)::text, 4, '0'), c.legal_id
    FROM legal_company c
    WHERE c.legal_id NOT IN (SELECT enterprise_id FROM insurance_workshop)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - no value is put in
_SENT = """
    INSERT INTO insurance_sentlist (workshop_id, month, sent_on)
    SELECT code, %(month)s, %(sent_on)s FROM insurance_workshop
    ON CONFLICT DO NOTHING
"""
# Everybody works at one workshop; those who came with a growing nation at the newest ones.
_INSURED = f"""
    WITH places AS (
        SELECT s.id, row_number() OVER (ORDER BY s.workshop_id) - 1 AS place,
               count(*) OVER () AS places
        FROM insurance_sentlist s
        WHERE s.month = %(month)s
          AND s.id NOT IN (SELECT sent_id FROM insurance_insured)
    )
    INSERT INTO insurance_insured
        (sent_id, national_id, full_name, insurance_number, days_worked, sso_share)
    SELECT places.id, p.national_id, p.given_name || ' ' || p.family_name,
           lpad({_digest("insurance-number")}::text, 10, '0'), days, days * wage * 3 / 10
    FROM civil_person p
    JOIN places ON places.place = {_digest("works-at")} %% places.places
    CROSS JOIN LATERAL (
        SELECT CASE WHEN {_digest("days")} %% 5 = 0 THEN 10 + {_digest("few")} %% 20 ELSE 30 END
               AS days, 5000000::bigint + {_digest("wage")} %% 20000000 AS wage) w
    WHERE p.died_on IS NULL AND {_AGE} BETWEEN 20 AND 60 AND {_digest("employed")} %% 5 < 2
      AND p.national_id NOT IN (
        SELECT i.national_id FROM insurance_insured i JOIN insurance_sentlist s ON s.id = i.sent_id
        WHERE s.month = %(month)s)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - no value is put in
_FILLED = (_SKILLS, _CERTIFICATES, _DEGREES, _STUDENTS, _SERVICE, _WORKSHOPS)


def fill_registries() -> None:
    """After the nation has grown; what stands is left alone."""
    today = localdate(clock.now())
    known: dict[str, Any] = {"today": today, **facts("custodians")}
    with connection.cursor() as cursor:
        for statement in _FILLED:
            cursor.execute(statement, known)
        for month, sent_on in _months(today):
            cursor.execute(_SENT, {"month": month, "sent_on": sent_on})
            cursor.execute(_INSURED, known | {"month": month})


def lists_are_sent() -> bool:
    """Whether the newest month that is over has its lists."""
    newest, _ = _months(localdate(clock.now()))[0]
    return SentList.objects.filter(month=newest).exists()


def _months(today: date) -> list[tuple[str, date]]:
    """The newest Jalali months that are over; lists are sent a few days into the next."""
    found: list[tuple[str, date]] = []
    first = _first_day(today)
    for _ in range(MONTHS):
        sent_on = first + timedelta(days=9)
        last = first - timedelta(days=1)
        found.append((month_of(last), min(sent_on, today)))
        first = _first_day(last)
    return found


def _first_day(day: date) -> date:
    while month_of(day - timedelta(days=1)) == month_of(day):
        day -= timedelta(days=1)
    return day
