"""An issued document is suspended, revoked or replaced by somebody, for a reason, and told."""

import json
import uuid
from typing import Any

import papers
import pytest

from panjereh.common.outbox.models import OutboxEvent
from panjereh.common.problems import Problem
from panjereh.national.documents import actions
from panjereh.national.documents.models import Document, Status, StatusChange

WHO = {"actor": "registrar 17", "reason": "wrong sex entered"}


def _status(document: Document) -> str:
    return Document.objects.get(id=document.id).status


def test_a_change_is_kept_with_its_actor_and_reason_and_told(document: Document) -> None:
    actions.revoke(document_id=document.id, **WHO)

    [change] = StatusChange.objects.all()
    assert (change.actor, change.reason, change.status) == (*WHO.values(), "revoked")
    event = OutboxEvent.objects.get(type="documents.document.status-changed")
    told = json.loads(bytes(event.body))["data"]
    assert (told["document_id"], told["status"]) == (str(document.id), "revoked")
    assert "wrong sex" not in bytes(event.body).decode()


def test_a_suspended_document_is_reinstated(document: Document) -> None:
    actions.suspend(document_id=document.id, **WHO)
    assert _status(document) == Status.SUSPENDED

    actions.reinstate(document_id=document.id, **WHO)

    assert _status(document) == Status.VALID
    assert StatusChange.objects.count() == 2


@pytest.mark.parametrize("change", [actions.revoke, actions.suspend, actions.reinstate])
def test_a_revoked_document_stays_revoked(document: Document, change: Any) -> None:
    actions.revoke(document_id=document.id, **WHO)

    with pytest.raises(Problem, match="status-final"):
        change(document_id=document.id, **WHO)


@pytest.mark.parametrize("missing", ["actor", "reason"])
def test_nobody_changes_a_status_without_name_and_reason(document: Document, missing: str) -> None:
    with pytest.raises(Problem, match="reason-missing"):
        actions.suspend(document_id=document.id, **(WHO | {missing: " "}))

    assert _status(document) == Status.VALID


def test_a_replaced_document_names_its_successor(issue: Any) -> None:
    old, new = issue("one"), issue("two")

    actions.supersede(document_id=old.id, successor_id=new.id, **WHO)

    kept = Document.objects.get(id=old.id)
    assert (kept.status, kept.successor) == (Status.SUPERSEDED, new)


@pytest.mark.parametrize("unfit", ["another holder", "itself"])
def test_only_a_document_of_the_same_holder_and_kind_replaces_one(issue: Any, unfit: str) -> None:
    old = issue("one")
    other = issue("two", holder="0012345679") if unfit == "another holder" else old

    with pytest.raises(Problem, match="successor-unfit"):
        actions.supersede(document_id=old.id, successor_id=other.id, **WHO)

    assert _status(old) == Status.VALID
    assert not StatusChange.objects.exists()


def test_the_holder_still_fetches_a_revoked_document(document: Document) -> None:
    """It is theirs; the check says what it is worth."""
    actions.revoke(document_id=document.id, **WHO)

    handed = actions.hand_out(document_id=document.id, person=papers.MOTHER, acting=papers.MOTHER)

    assert handed == document
    assert isinstance(handed.id, uuid.UUID)
