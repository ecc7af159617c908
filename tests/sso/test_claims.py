"""Who is told what: pairwise subjects, granted claims, the ledger."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from people import (
    claims_of,
    code_for,
    redeem,
    register_client,
    sign_in,
    userinfo,
)

from panjereh.sso.models import Person, Release, Session
from panjereh.sso.provider.claims import CLAIMS, SCOPES, of_scope, releasable
from panjereh.sso.provider.subjects import own_subject

pytestmark = pytest.mark.django_db

FACTS = {"given_name", "family_name", "father_name", "birth_date", "phone_number"}


def test_subjects_are_stable_in_an_agency_and_unlinkable_across(
    browser: Client, person: Person
) -> None:
    for name, agency in (("one", "a"), ("two", "a"), ("three", "b")):
        register_client(name, agency=agency)
    sign_in(browser, person)
    subs = {}
    for name in ("one", "two", "three"):
        tokens = redeem(browser, code_for(browser, client_id=name), client_id=name).json()
        subs[name] = claims_of(browser, tokens["id_token"])["sub"]
        assert userinfo(browser, tokens["access_token"]).json()["sub"] == subs[name]
    assert subs["one"] == subs["two"] != subs["three"]
    assert len({*subs.values(), own_subject(person.id)}) == 3
    assert all(person.national_id not in sub and str(person.id) not in sub for sub in subs.values())


@pytest.mark.req("SSO-08", "SSO-09")
@pytest.mark.parametrize(
    ("granted", "scope", "expected"),
    [
        (["national_id"], "openid profile national_id phone", {"national_id"}),
        (list(CLAIMS), "openid", set()),
        (list(CLAIMS), "openid phone", {"phone_number"}),
        (list(CLAIMS), "openid profile national_id phone", {*FACTS, "national_id"}),
        (list(CLAIMS), "openid profile national_id phone fida", {*FACTS, "national_id"}),
        (list(CLAIMS), "openid age", {"age_over_18"}),
        ([], "openid profile national_id phone", set()),
        (["given_name"], "openid profile everything", {"given_name"}),
    ],
)
def test_a_client_reads_what_was_granted_and_asked_and_it_is_written_down(
    browser: Client, person: Person, granted: list[str], scope: str, expected: set[str]
) -> None:
    register_client(granted_claims=granted)
    sign_in(browser, person)
    token = redeem(browser, code_for(browser, scope=scope)).json()["access_token"]
    assert set(userinfo(browser, token).json()) == expected | {"sub"}
    lines = list(Release.objects.values("client_id", "agency", "claims", "session"))
    if not expected:
        assert lines == []
        return
    assert set(lines[0].pop("claims")) == expected
    sid = Session.objects.get().id
    assert lines == [{"client_id": "window", "agency": "ito", "session": sid}]
    userinfo(browser, token)
    assert Release.objects.count() == 2, "each release has its line"


@given(
    granted=st.sets(st.sampled_from(list(CLAIMS))),
    scope=st.lists(st.sampled_from([*SCOPES, "junk"])),
)
def test_no_scope_ever_widens_a_grant(granted: set[str], scope: list[str]) -> None:
    assert set(releasable(granted, of_scope(" ".join(scope)))) <= granted


def test_no_line_no_release(inside: Client, person: Person) -> None:
    token = redeem(inside, code_for(inside)).json()["access_token"]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE sso_release ADD CONSTRAINT no_room CHECK (false) NOT VALID")
    with pytest.raises(IntegrityError), transaction.atomic():
        userinfo(inside, token)
