"""A document is made, sealed, registered and delivered, all or nothing."""

import base64
import json
import os
import subprocess
import sys
import threading
import time
from typing import Any

import papers
import pytest
from callers import CIVIL, HEALTH, WINDOW
from django.db import connection, connections

from panjereh.common.outbox.models import OutboxEvent
from panjereh.common.problems import Problem
from panjereh.national.documents import actions, queries
from panjereh.national.documents.models import Document, Template
from panjereh.national.messaging.models import Letter, Message


@pytest.mark.req("DOC-01", "DOC-05")
def test_an_agency_registers_a_template_and_issues_from_it(
    sender: None, exchange_post: Any
) -> None:
    registered = exchange_post("documents", "register-template", papers.template())
    assert registered.status_code == 200, registered.content

    answer = exchange_post("documents", "issue", papers.order(), case=papers.CASE)

    assert answer.status_code == 200, answer.content
    issued = answer.json()
    row = Document.objects.get()
    assert issued == {
        "document_id": str(row.id),
        "human_id": row.human_id,
        "verify_url": f"http://national.localhost:8106/fa/d/{row.id}/",
        "sha256": queries.sha256(bytes(row.pdf)),
    }
    assert (row.tracking_id, row.service_id, row.holder) == (
        papers.CASE,
        papers.SERVICE,
        papers.MOTHER,
    )
    [event] = OutboxEvent.objects.filter(type="documents.document.issued")
    assert json.loads(bytes(event.body))["data"] == {
        "document_id": str(row.id),
        "kind": papers.KIND,
        "tracking_id": papers.CASE,
    }


@pytest.mark.req("DOC-03")
def test_the_holder_gets_a_letter_with_the_document_and_a_notice(document: Document) -> None:
    letter = Letter.objects.get()

    assert letter.document_id == str(document.id)
    assert letter.case == papers.CASE
    assert letter.mailbox.person == papers.MOTHER
    assert Message.objects.get().mobile == papers.MOBILE


def test_an_issue_takes_less_than_the_agreed_time_of_a_processor(issue: Any) -> None:
    """300 ms of one core; the first issue of a process also loads fonts and certificates."""
    issue("first")

    begun = time.process_time()
    for number in range(3):
        issue(f"later {number}")

    assert (time.process_time() - begun) / 3 < 0.3


def test_without_a_mobile_the_letter_comes_without_a_notice(issue: Any) -> None:
    issue(notify="")

    assert Letter.objects.count() == 1
    assert not Message.objects.exists()


def test_the_same_key_gives_the_same_document(issue: Any) -> None:
    first, second = issue(), issue()

    assert first == second
    assert Document.objects.count() == Letter.objects.count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"data": papers.DATA | {"given_name": "نیکا"}},
        {"holder": "0012345679"},
        {"service_id": "another.service"},
    ],
)
def test_a_key_is_not_reused_for_another_document(issue: Any, changed: dict[str, Any]) -> None:
    issue()

    with pytest.raises(Problem) as refused:
        issue(**changed)

    assert refused.value.code == "idempotency-key-reused"


def test_another_agency_may_use_the_same_key(issue: Any) -> None:
    issue(key="same")

    assert queries.made_with(CIVIL, "same")
    assert not queries.made_with(HEALTH, "same")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_make_one_document_and_one_letter(issue: Any) -> None:
    made: list[Any] = []
    together = threading.Barrier(2)

    def ask() -> None:
        together.wait()
        try:
            made.append(issue().id)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 2
    assert len(set(made)) == 1
    assert Document.objects.count() == Letter.objects.count() == Message.objects.count() == 1
    assert OutboxEvent.objects.filter(type="documents.document.issued").count() == 1


_DIE_BEFORE_COMMIT = """
import json, os, signal, sys
import django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from panjereh.national.documents import actions
real = actions.{function}
def dying(*args, **kwargs):
    real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
actions.{function} = dying
actions.issue(**json.load(sys.stdin))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("function", ["_sealed", "deposit_letter", "emit"])
def test_a_process_killed_before_the_commit_leaves_nothing(
    template: Template, function: str
) -> None:
    """Killed after rendering, after the letter, after the event: there is no document."""
    order = papers.order() | {"consumer": CIVIL, "key": "k", "case": papers.CASE}
    name = str(connection.settings_dict["NAME"])

    died = subprocess.run(
        [sys.executable, "-c", _DIE_BEFORE_COMMIT.format(function=function), name],
        input=json.dumps(order).encode(),
        env=os.environ,
        check=False,
        capture_output=True,
    )

    assert died.returncode == -9, died.stderr
    assert not Document.objects.exists()
    assert not Letter.objects.exists()
    assert not Message.objects.exists()
    assert not OutboxEvent.objects.filter(type__startswith="documents.").exists()


def test_without_a_letter_there_is_no_document(issue: Any, monkeypatch: Any) -> None:
    def full(**_: Any) -> None:
        raise Problem(503, "box-full")

    monkeypatch.setattr(actions, "deposit_letter", full)

    with pytest.raises(Problem):
        issue()

    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"given_name": None}, ["given_name"]),
        ({"given_name": ""}, ["given_name"]),
        ({"birth_date": "1405/08/29"}, ["birth_date"]),
        ({"national_id": "12"}, ["national_id"]),
        ({"colour": "red"}, ["colour"]),
    ],
)
def test_wrong_data_are_named_by_field_and_never_repeated(
    template: Template, exchange_post: Any, changed: dict[str, Any], fields: list[str]
) -> None:
    answer = exchange_post("documents", "issue", papers.order(data=papers.DATA | changed))

    assert answer.status_code == 422
    assert answer.json()["code"] == "data-invalid"
    assert answer.json()["fields"] == fields
    assert "1405" not in answer.text


def test_missing_data_are_named(template: Template, exchange_post: Any) -> None:
    answer = exchange_post("documents", "issue", papers.order(data={"given_name": "باران"}))

    assert answer.json()["fields"] == ["birth_date", "national_id", "postal_code"]


def test_data_that_the_schema_lets_through_but_the_template_needs_are_named(
    sender: None, exchange_post: Any
) -> None:
    loose = {"type": "object", "examples": [papers.EXAMPLE]}
    exchange_post("documents", "register-template", papers.template(schema=loose))

    answer = exchange_post("documents", "issue", papers.order(data={"given_name": "باران"}))

    assert answer.json()["code"] == "data-invalid"
    assert answer.json()["fields"] == ["national_id"]


@pytest.mark.parametrize("field", ["holder", "notify", "kind", "title"])
def test_a_wrong_order_is_refused_by_field(
    template: Template, exchange_post: Any, field: str
) -> None:
    answer = exchange_post("documents", "issue", papers.order(**{field: "1 2"}))

    assert answer.status_code == 422
    assert field in answer.json()["detail"]


def test_an_unknown_template_is_refused(template: Template, exchange_post: Any) -> None:
    answer = exchange_post("documents", "issue", papers.order(version="2.0"))

    assert (answer.status_code, answer.json()["code"]) == (404, "template-unknown")


def test_an_agency_without_a_seal_is_refused(template: Template, exchange_post: Any) -> None:
    answer = exchange_post("documents", "issue", papers.order(), consumer=HEALTH)

    assert (answer.status_code, answer.json()["code"]) == (403, "no-seal")


def test_the_kinds_of_another_agency_are_unknown(template: Template, exchange_post: Any) -> None:
    answer = exchange_post("documents", "issue", papers.order(), consumer=WINDOW)

    assert (answer.status_code, answer.json()["code"]) == (404, "template-unknown")


def test_an_issue_without_a_key_is_refused(template: Template, exchange_post: Any) -> None:
    answer = exchange_post("documents", "issue", papers.order(), key="")

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")


def test_a_key_without_end_is_refused(template: Template, exchange_post: Any) -> None:
    answer = exchange_post("documents", "issue", papers.order(), key="k" * 201)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-too-long")


@pytest.mark.parametrize("case", ["7K3Q", "x" * 300])
def test_a_case_that_is_no_tracking_id_is_refused(
    template: Template, exchange_post: Any, case: str
) -> None:
    answer = exchange_post("documents", "issue", papers.order(), case=case)

    assert (answer.status_code, answer.json()["code"]) == (422, "tracking-id-invalid")
    assert not Document.objects.exists()


def test_only_the_exchange_may_call(template: Template, exchange_post: Any, client: Any) -> None:
    bare = client.post("/documents/issue", papers.order(), content_type="application/json")
    forged = exchange_post("documents", "issue", papers.order(), **{"x-road-client": WINDOW})

    assert bare.status_code == forged.status_code == 401


def test_the_holder_fetches_the_file(document: Document, exchange_post: Any) -> None:
    body = {"document_id": str(document.id), "person": papers.MOTHER}

    answer = exchange_post("documents", "file", body, consumer=WINDOW, user=papers.MOTHER)

    assert answer.status_code == 200
    assert answer.json()["name"] == f"{document.human_id}.pdf"
    assert base64.b64decode(answer.json()["pdf_base64"]) == bytes(document.pdf)


@pytest.mark.parametrize(
    ("person", "user"),
    [
        ("0012345679", "0012345679"),  # not hers
        (papers.MOTHER, "0012345679"),  # acts for somebody else
        ("0012345679", papers.MOTHER),
        (papers.MOTHER, ""),  # nobody acts
    ],
)
def test_nobody_else_learns_that_there_is_a_document(
    document: Document, exchange_post: Any, person: str, user: str
) -> None:
    body = {"document_id": str(document.id), "person": person}

    answer = exchange_post("documents", "file", body, consumer=WINDOW, user=user)

    assert (answer.status_code, answer.json()["code"]) == (404, "document-unknown")


def test_a_document_with_a_broken_id_is_unknown(template: Template, exchange_post: Any) -> None:
    body = {"document_id": "nonsense", "person": papers.MOTHER}

    answer = exchange_post("documents", "file", body, consumer=WINDOW, user=papers.MOTHER)

    assert answer.json()["code"] == "document-unknown"
