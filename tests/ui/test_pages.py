"""What every page of every floor has: language, person, appearance, safety, kind failures."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from support.bidi import misplaced_runs

from panjereh.sdk.signin import Person
from panjereh.sdk.signin.person import SESSION_KEY, acr_of, as_kept
from panjereh.ui import health

SOURCES = Path(__file__).parents[2] / "src/panjereh"
pytestmark = [pytest.mark.django_db, pytest.mark.urls("gallery")]


@pytest.mark.req("AGW-19")
def test_the_other_language_is_the_same_page(client: Client) -> None:
    page = client.get("/fa/?wrong=1&x=2").content.decode()
    assert 'href="/en/?wrong=1&amp;x=2" lang="en"' in page
    page = client.get("/en/?wrong=1").content.decode()
    assert 'href="/fa/?wrong=1" lang="fa"' in page
    assert '<html lang="en" dir="ltr"' in page


def test_only_own_files_are_loaded_and_nothing_inline_runs(client: Client) -> None:
    policy = client.get("/fa/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_a_form_may_lead_to_our_own_sites_only(client: Client, settings: object) -> None:
    policy = client.get("/fa/").headers["Content-Security-Policy"]
    allowed = policy.partition("form-action ")[2].split(";")[0].split()
    assert allowed[0] == "'self'"
    assert settings.PUBLIC_URLS["sso"] in allowed  # type: ignore[attr-defined]
    assert any("*.agency.localhost" in source for source in allowed)


def test_a_page_runs_no_script_unless_its_view_says_so(client: Client) -> None:
    assert "script-src 'none'" in client.get("/fa/").headers["Content-Security-Policy"]
    policy = client.get("/fa/scripted/").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy


def test_no_template_of_any_floor_holds_inline_script_or_style() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=[\"']|javascript:")
    found = [
        str(path.relative_to(SOURCES))
        for path in SOURCES.rglob("templates/**/*.html")
        if inline.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_choice_of_large_text_is_kept_without_scripts(client: Client) -> None:
    page = client.get("/fa/?wrong=1").content.decode()
    assert 'href="?wrong=1&amp;text=large"' in page
    answer = client.get("/fa/?wrong=1&text=large")
    assert answer.headers["Location"] == "/fa/?wrong=1"
    cookie = client.cookies["text"]
    assert (cookie.value, cookie["httponly"]) == ("large", True)
    page = client.get("/fa/").content.decode()
    assert "app-large-text" in page
    assert "متن با اندازهٔ معمول" in page
    client.get("/fa/?text=normal&contrast=high")
    page = client.get("/fa/").content.decode()
    assert "app-large-text" not in page
    assert "app-high-contrast" in page


@pytest.mark.parametrize("query", ["text=enormous", "contrast=", "text=large%0d%0aX:1"])
def test_an_appearance_that_does_not_exist_is_not_kept(client: Client, query: str) -> None:
    assert client.get(f"/fa/?{query}").status_code == 200
    assert not {"text", "contrast"} & set(client.cookies)


def test_who_is_signed_in_sees_the_own_name_and_the_way_out(client: Client) -> None:
    assert "ورود از طریق دولت من" in client.get("/fa/").content.decode()
    person = Person(sub="s", acr=acr_of(2), given_name="زهرا", family_name="کریمی")
    session = client.session
    session[SESSION_KEY] = {"person": as_kept(person)}
    session.save()
    page = client.get("/fa/").content.decode()
    assert "زهرا کریمی" in page
    assert '<form class="app-person__leave" method="post" action="/signin/logout">' in page


def test_only_a_sandbox_says_that_it_is_one(client: Client, settings: object) -> None:
    assert "ساختگی‌اند" in client.get("/fa/").content.decode()
    settings.PROFILE = "production"  # type: ignore[attr-defined]
    assert "ساختگی‌اند" not in client.get("/fa/").content.decode()


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("suspicious/", 400, "این نشانی کامل نیست"),
        ("refused/", 403, "شما به این صفحه دسترسی ندارید"),
        ("missing/", 404, "این صفحه پیدا نشد"),
        ("broken/", 500, "مشکلی از سمت ما پیش آمد"),
    ],
)
def test_failures_are_told_in_words_that_help(
    client: Client, path: str, status: int, said: str
) -> None:
    client.raise_request_exception = False
    answer = client.get(f"/fa/{path}")
    page = answer.content.decode()
    assert answer.status_code == status
    assert said in page
    assert '<html lang="fa" dir="rtl"' in page
    assert "broken on purpose" not in page
    assert misplaced_runs(page) == []


def test_a_form_from_elsewhere_is_explained_not_accused() -> None:
    answer = Client(enforce_csrf_checks=True).post("/fa/posted/")
    assert answer.status_code == 403
    assert "لطفاً فرم را یک بار دیگر بفرستید" in answer.content.decode()


@pytest.mark.parametrize("path", ["", "?wrong=1"])
@pytest.mark.req("PER-08")
def test_no_component_prints_a_run_reversed(client: Client, path: str) -> None:
    assert misplaced_runs(client.get(f"/fa/{path}").content.decode()) == []


def test_health_names_floor_and_version(client: Client) -> None:
    answer = client.get("/health").json()
    assert (answer["status"], answer["floor"]) == ("ok", "window")
    assert answer["version"]


def test_health_is_red_when_a_check_of_the_floor_fails(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_checks", [lambda: "", lambda: "the cupboard is bare"])
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["reason"] == "the cupboard is bare"


@pytest.mark.django_db(transaction=True)
def test_health_is_red_when_the_database_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nonexistent")
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json()["reason"] == "the database does not answer"
    assert "nonexistent" not in answer.content.decode()


def test_health_is_asked_not_changed(client: Client) -> None:
    assert client.post("/health").status_code == 405
