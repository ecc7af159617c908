"""The deeds of the register: take over what publishers tell, tell them who subscribes, and enter
the periods of published lists."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from panjereh.common import clock
from panjereh.common.identifiers import parse_legal_id
from panjereh.common.outbox.actions import emit
from panjereh.common.problems import Problem
from panjereh.exchange.feeds.models import (
    ListEntry,
    ListPeriod,
    Phase,
    Publication,
    PublishedDay,
    PublishedList,
    PublishedPage,
    Subscription,
)
from panjereh.exchange.feeds.queries import granted_systems, keys_of
from panjereh.exchange.feeds.tokens import list_token
from panjereh.exchange.gateway.snapshot import CHANNEL
from panjereh.exchange.models import PolicyChange, PolicyState, System


def enter_sheet(name: str, sheet: dict[str, Any], *, at: datetime) -> Publication | None:
    """The sheet as its publisher announces it; None when no such system is connected."""
    code, _, service = name.partition("/")
    system = System.objects.filter(code=code).exclude(base_url="").first()
    if system is None:
        return None
    facts = {
        "kind": sheet["kind"],
        "title_fa": sheet["title"]["fa"],
        "title_en": sheet["title"]["en"],
        "told_fa": sheet["told"]["fa"],
        "told_en": sheet["told"]["en"],
        "frequency": sheet["frequency"],
        "same_day": sheet["same_day"],
        "columns": sheet["columns"],
        "approval_row": sheet["approval_row"],
        "announced_at": at,
    }
    with transaction.atomic():
        publication, _ = Publication.objects.select_for_update().update_or_create(
            system=system, code=service, defaults=facts
        )
        _enter_phases(publication, sheet.get("phases", []))
        if publication.kind == Publication.Kind.LIST:
            PublishedList.objects.get_or_create(code=service, defaults={"publication": publication})
    return publication


def _enter_phases(publication: Publication, phases: Sequence[dict[str, Any]]) -> None:
    publication.phases.exclude(number__in=[phase["number"] for phase in phases]).delete()
    for phase in phases:
        Phase.objects.update_or_create(
            publication=publication,
            number=phase["number"],
            defaults={
                "opens_on": date.fromisoformat(phase["opens_on"]),
                "members": phase["members"],
            },
        )


def enter_page(publication: Publication, told: dict[str, Any]) -> PublishedPage:
    """A file was published. Told twice it is entered once."""
    page, _ = PublishedPage.objects.get_or_create(
        publication=publication,
        sequence=told["sequence"],
        defaults={
            "day": date.fromisoformat(told["day"]),
            "changes": told["changes"],
            "late": told["late"],
            "published_at": datetime.fromisoformat(told["published_at"]),
            "digests": told["digests"],
        },
    )
    return page


def enter_day(publication: Publication, told: dict[str, Any]) -> PublishedDay:
    day, _ = PublishedDay.objects.get_or_create(
        publication=publication,
        day=date.fromisoformat(told["day"]),
        defaults={
            "last_sequence": told["last_sequence"],
            "changes": told["changes"],
            "closed_at": datetime.fromisoformat(told["closed_at"]),
        },
    )
    return day


def enter_position(publication: Publication, told: dict[str, Any]) -> None:
    """How far a subscriber has come. News that comes late does not turn it back."""
    asked_at = datetime.fromisoformat(told["asked_at"])
    with transaction.atomic():
        for kept in Subscription.objects.select_for_update().filter(publication=publication):
            if kept.consumer.x_road_id == told["consumer"] and _is_newer(kept, asked_at):
                _take_position(kept, told, asked_at)


def _is_newer(kept: Subscription, asked_at: datetime) -> bool:
    return kept.asked_at is None or kept.asked_at < asked_at


def _take_position(kept: Subscription, told: dict[str, Any], asked_at: datetime) -> None:
    if kept.trouble != told["trouble"]:
        kept.trouble, kept.trouble_since = told["trouble"], asked_at if told["trouble"] else None
    kept.sequence, kept.asked_at = told["taken"], asked_at
    kept.save(update_fields=["trouble", "trouble_since", "sequence", "asked_at"])


def tell_subscribers() -> int:
    """Tell publishers of every subscriber whose grant or keys have changed. Returns how many.

    The truth are grants and keys; what was told last is kept beside them, so nothing is missed
    however the change came about.
    """
    publications = Publication.objects.select_related("system__member")
    return sum(_tell_subscribers_of(p) for p in publications)


def _tell_subscribers_of(publication: Publication) -> int:
    with transaction.atomic():
        granted = granted_systems(publication)
        for system in granted:
            Subscription.objects.get_or_create(
                publication=publication, consumer=system, defaults={"began_at": clock.now()}
            )
        kept = Subscription.objects.select_for_update(of=("self",)).filter(publication=publication)
        ids = {system.pk for system in granted}
        return sum(_tell(s, s.consumer_id in ids) for s in kept.select_related("consumer__member"))


def _tell(subscription: Subscription, granted: bool) -> int:
    news = {
        "feed": f"{subscription.publication.system.code}/{subscription.publication.code}",
        "consumer": subscription.consumer.x_road_id,
        "public_keys": keys_of(subscription.consumer) if granted else [],
        "granted": granted,
    }
    digest = hashlib.sha256(json.dumps(news, sort_keys=True).encode()).hexdigest()
    if digest == subscription.told:
        return 0
    subscription.told = digest
    subscription.ended_at = None if granted else subscription.ended_at or clock.now()
    subscription.save(update_fields=["told", "ended_at"])
    if subscription.publication.kind == Publication.Kind.FEED:  # a list has no keys to seal
        emit("exchange.subscriber.changed", subject=str(subscription.pk), data=news)
    return 1


@dataclass(frozen=True, kw_only=True)
class Period:
    """What a publisher sends of a period of its list: ids to check calls against, and counts."""

    list_code: str
    period: str
    identifiers: Sequence[str]
    rows: int
    exceptions: int
    exceptions_due_on: date | None
    digest: str


def publish_period(publisher: str, sent: Period) -> ListPeriod:
    """Enter a period, or revise the current one. Of its ids only tokens are kept (NIX-03, 10).

    `publisher` is the X-Road id of the calling system. A gateway checks calls against the new
    entries within two seconds. Raises `Problem`; `InvalidIdentifier` when a check digit is wrong.
    """
    secret = settings.LIST_SECRET
    tokens = {list_token(secret, sent.list_code, parse_legal_id(i)) for i in sent.identifiers}
    with transaction.atomic():
        entered = _list_of(publisher, sent.list_code)
        current = entered.periods.filter(state=ListPeriod.State.CURRENT).first()
        if current and current.period > sent.period:
            raise Problem(409, "period-past", "a later period of this list is published already")
        if current is None or current.period != sent.period:
            current = _begin_period(entered, current, sent)
        elif not _differs(current, tokens, sent):
            return current
        _revise(current, tokens, sent)
        _new_version(publisher, "list.published", f"{sent.list_code} {sent.period}")
    return current


def _list_of(publisher: str, code: str) -> PublishedList:
    found = PublishedList.objects.select_for_update().filter(pk=code).first()
    if found is None:
        raise Problem(
            503, "sheet-on-its-way", "the sheet of this list was not announced yet", retry_in=2
        )
    if found.publication.system.x_road_id != publisher:
        raise Problem(403, "not-its-publisher", "another system publishes this list")
    return found


def _begin_period(entered: PublishedList, before: ListPeriod | None, sent: Period) -> ListPeriod:
    if before:
        ListPeriod.objects.filter(pk=before.pk).update(state=ListPeriod.State.PAST)
    now = clock.now()
    return ListPeriod(
        list=entered, period=sent.period, revision=0, published_at=now, revised_at=now
    )


def _differs(current: ListPeriod, tokens: set[bytes], sent: Period) -> bool:
    kept = {bytes(token) for token in current.entries.values_list("token", flat=True)}
    return kept != tokens or current.digest != sent.digest


def _revise(current: ListPeriod, tokens: set[bytes], sent: Period) -> None:
    current.revision += 1
    current.rows, current.exceptions = sent.rows, sent.exceptions
    current.exceptions_due_on, current.digest = sent.exceptions_due_on, sent.digest
    current.revised_at = clock.now()
    current.save()
    current.entries.all().delete()
    ListEntry.objects.bulk_create(ListEntry(period=current, token=t) for t in sorted(tokens))


def _new_version(publisher: str, deed: str, subject: str) -> None:
    """A system changes the policy here, not a person; else as `exchange.actions.new_version`."""
    state = PolicyState.objects.select_for_update().get()
    version = state.version + 1
    PolicyState.objects.filter(pk=state.pk).update(version=version)
    PolicyChange.objects.create(version=version, actor=publisher, deed=deed, subject=subject)
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
