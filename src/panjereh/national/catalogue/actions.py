"""The deeds of the catalogue: submit a card, approve it, return it (001 art 9, CAT-02)."""

from typing import Any

from django.conf import settings
from django.db import connection, transaction

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.common.problems import Problem
from panjereh.national.catalogue.cards import card_flaws
from panjereh.national.catalogue.models import CardVersion, ServiceCard, State
from panjereh.national.check_characters import check_character
from panjereh.national.consumers import member_of

SANDBOX_APPROVER = "sandbox approver"


def submit_card(*, consumer: str, card: dict[str, Any]) -> CardVersion:
    """Take a card for approval. The same card again answers what became of it.

    In the sandbox an approver of that name approves at once; in production it waits for a person.
    """
    if fields := card_flaws(card):
        raise Problem(422, "card-invalid", "check " + ", ".join(fields), extra={"fields": fields})
    with transaction.atomic():
        owned = _owned(consumer, card["id"])
        latest = owned.versions.order_by("-revision").first()
        if latest is not None and latest.body == card:
            return latest
        version = owned.versions.create(
            revision=latest.revision + 1 if latest else 1,
            label=card["version"],
            body=card,
            submitted_by=consumer,
            submitted_at=clock.now(),
        )
        if settings.PROFILE == "sandbox":
            version = approve_card(
                actor=SANDBOX_APPROVER, service_id=card["id"], revision=version.revision
            )
    return version


def approve_card(*, actor: str, service_id: str, revision: int) -> CardVersion:
    """Approve a submitted version; with the first one the service gets its unique number."""
    with transaction.atomic():
        version = _undecided(actor, service_id, revision)
        _decide(version, actor, State.APPROVED, [])
        card = version.card
        card.number = card.number or _new_number()
        card.current = version
        card.save(update_fields=["number", "current"])
        emit("catalogue.card.approved", subject=service_id, data=_told(version))
    return version


def return_card(*, actor: str, service_id: str, revision: int, reasons: list[str]) -> CardVersion:
    """Send a version back to its agency; what was approved before stays in force."""
    if not [r for r in reasons if r.strip()]:
        raise Problem(422, "reason-missing", "a card is returned with at least one reason")
    with transaction.atomic():
        version = _undecided(actor, service_id, revision)
        _decide(version, actor, State.RETURNED, reasons)
    return version


def _owned(consumer: str, service_id: str) -> ServiceCard:
    """The card of this agency, made if it is new; locked, so that revisions count one by one."""
    member, prefix = member_of(consumer), service_id.partition(".")[0]
    if ServiceCard.objects.filter(prefix=prefix).exclude(member=member).exists():
        raise Problem(403, "not-your-card", f"cards under {prefix} belong to another agency")
    ServiceCard.objects.get_or_create(
        service_id=service_id, defaults={"prefix": prefix, "member": member}
    )
    return ServiceCard.objects.select_for_update().get(service_id=service_id)


def _undecided(actor: str, service_id: str, revision: int) -> CardVersion:
    versions = CardVersion.objects.select_for_update(of=("self", "card")).select_related("card")
    version = versions.filter(card__service_id=service_id, revision=revision).first()
    if version is None:
        raise Problem(404, "card-unknown", "there is no such version of a card")
    if not actor.strip() or actor == version.submitted_by:
        raise Problem(403, "not-an-approver", "somebody else than its author decides on a card")
    if version.state != State.SUBMITTED:
        raise Problem(409, "card-decided", f"this version is {version.state}")
    return version


def _decide(version: CardVersion, actor: str, state: State, reasons: list[str]) -> None:
    version.state, version.reasons = state, reasons
    version.decided_by, version.decided_at = actor, clock.now()
    version.save(update_fields=["state", "reasons", "decided_by", "decided_at"])


def _new_number() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('catalogue_card_number')")
        body = str(cursor.fetchone()[0])
    return body + check_character(body, "0123456789")


def _told(version: CardVersion) -> dict[str, Any]:
    number = {"service_card_number": version.card.number}
    return {
        "card": version.body | number,
        "member": version.card.member,
        "version": version.label,
        "revision": version.revision,
    }
