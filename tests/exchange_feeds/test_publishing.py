"""The publisher's side: told with the deed, numbered without gaps, on the day, to whom it may."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from conftest import Clock
from country import CHANGED, DECEASED, Country, carry, change, person, publish
from django.db import connection, transaction
from django.utils.timezone import get_current_timezone, localdate
from nacl.signing import SigningKey

from panjereh.common.outbox.models import OutboxEvent
from panjereh.common.problems import Problem
from panjereh.registries.civil import amendments
from panjereh.registries.civil.models import Amendment, IdentityCard, Marriage
from panjereh.sdk.feeds.publishing import actions, queries
from panjereh.sdk.feeds.publishing.models import Change, Day, Epoch, Feed, Page, Subscriber
from panjereh.sdk.feeds.tokens import open_sealed, token

BANK, POLICE = "IR-TEST/GOV/14000000001/bank", "IR-TEST/GOV/14000000002/police"
TODAY = date(2026, 11, 22)


def noon(day: date = TODAY) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=get_current_timezone())


@pytest.fixture(autouse=True)
def at_noon(clock: Clock) -> Clock:
    clock.at(noon())
    return clock


@pytest.fixture
def feed(at_noon: Clock, country: Country) -> Feed:
    """Opened anew at noon of a known day, with everyone in its only phase."""
    Feed.objects.filter(pk=CHANGED).update(closed_day=TODAY - timedelta(days=1))
    Feed.objects.get(pk=CHANGED).phases.all().delete()
    actions.open_phase(feed_name=CHANGED, number=1, opens_on=TODAY, members=[])
    return Feed.objects.get(pk=CHANGED)


def subscriber(consumer: str, feed_name: str = CHANGED, **more: Any) -> Subscriber:
    from panjereh.common import clock

    facts = {"public_keys": [], "granted": True, "told_at": clock.now()} | more
    actions.know_subscriber(feed_name=feed_name, consumer=consumer, **facts)
    return Subscriber.objects.get(feed=feed_name, consumer=consumer)


def tokens(of: Subscriber, sequence: int) -> list[str]:
    return [e.national_id_token for e in queries.file_of(of, sequence).changes]


def test_a_change_is_told_inside_the_transaction_of_its_deed_or_not_at_all(feed: Feed) -> None:
    with pytest.raises(RuntimeError):
        actions.publish_change(CHANGED, "0012345679")


def test_a_deed_that_fails_tells_nothing(feed: Feed) -> None:
    who = person()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        change(who)
        _ = 1 / 0

    assert not Change.objects.exists()
    assert not Amendment.objects.exists()


@pytest.mark.req("NIX-11", "PRV-16")
def test_a_file_says_who_and_when_and_never_what(feed: Feed) -> None:
    bank = subscriber(BANK)
    one, other = person(), person()
    change(one, family_name="دیگر")
    change(other, birth_date=date(1990, 1, 1), birth_place="شیراز")

    answer = json.dumps(_plain(queries.file_of(bank, publish())), default=str)

    for secret in ("دیگر", "شیراز", "1990", "family", "birth", one.pk, other.pk):
        assert secret not in answer
    columns = {key for entry in json.loads(answer)["changes"] for key in entry}
    assert columns == {"national_id_token", "change_date"}


def _plain(file: Any) -> Any:
    import msgspec

    return msgspec.to_builtins(file)


def test_every_kind_of_change_makes_the_same_entry(feed: Feed) -> None:
    """One bit more would tell which datum it was."""
    bank = subscriber(BANK)
    sizes = set()
    for data in (
        {"given_name": "نو"},
        {"sex": "male"},
        {"father_name": "نو", "given_name": "تازه"},
    ):
        change(person(), **data)
        file = queries.file_of(bank, publish())
        sizes.add((len(file.changes), *{len(e.national_id_token) for e in file.changes}))
    assert sizes == {(16, 32)}


@pytest.mark.req("NIX-12")
def test_two_subscribers_cannot_join_their_files(feed: Feed) -> None:
    bank, police = subscriber(BANK), subscriber(POLICE)
    people = [person() for _ in range(40)]
    for who in people:
        change(who)
    number = publish()

    ours, theirs = tokens(bank, number), tokens(police, number)

    assert not set(ours) & set(theirs)
    assert len(ours) == len(theirs) == 48
    keys = [queries.key_of(s.epochs.get()) for s in (bank, police)]
    place = {
        who.pk: [_place(number, s, k, who.pk) for s, k in zip((bank, police), keys, strict=True)]
        for who in people
    }
    assert sum(one == other for one, other in place.values()) < len(people) / 3


def _place(number: int, of: Subscriber, key: bytes, national_id: str) -> int:
    return tokens(of, number).index(token(key, national_id).hex())


@pytest.mark.req("NIX-12")
def test_a_file_of_one_change_is_filled_with_tokens_of_nobody(feed: Feed) -> None:
    """Else the two single entries of one number would be one person."""
    bank, police = subscriber(BANK), subscriber(POLICE)
    who = person()
    change(who)
    number = publish()

    for of in (bank, police):
        key = queries.key_of(of.epochs.get())
        found = tokens(of, number)
        assert len(found) == queries.FILLED_TO
        assert found.count(token(key, who.pk).hex()) == 1
        assert tokens(of, number) == found  # the same however often it is asked for
        # With the subscriber's own key nothing tells an entry of nobody from one of a stranger.
        assert not {token(key, str(n)).hex() for n in range(20)} & set(found)


def test_numbers_have_no_gap_however_many_close_files_at_once(feed: Feed) -> None:
    def deed(_: int) -> None:
        try:
            change(who=person())
            actions.publish_waiting(CHANGED)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(deed, range(24)))
    actions.publish_waiting(CHANGED)

    numbers = list(Page.objects.order_by("sequence").values_list("sequence", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert Change.objects.filter(page=None).count() == 0
    assert Change.objects.count() == 24


def test_a_file_that_was_closed_never_changes(feed: Feed) -> None:
    bank = subscriber(BANK)
    change(person())
    before = queries.file_of(bank, publish())
    change(person())
    actions.rotate_keys(feed_name=CHANGED, starts_on=TODAY + timedelta(days=1))
    publish()

    assert queries.file_of(bank, before.sequence) == before


@pytest.mark.req("NIX-15")
def test_a_change_is_told_on_its_own_day_also_a_moment_before_midnight(
    feed: Feed, clock: Clock
) -> None:
    bank = subscriber(BANK)
    clock.at(noon() + timedelta(hours=11, minutes=59, seconds=59))
    change(person())
    clock.forward(seconds=10)  # a new day has begun, the file of the old one is not closed yet
    assert localdate(clock.now()) == TODAY + timedelta(days=1)
    assert actions.close_days(CHANGED) == []
    change(person())

    first, second = publish(), publish()
    clock.forward(minutes=2)
    closed = actions.close_days(CHANGED)

    assert [queries.file_of(bank, n).day for n in (first, second)] == [
        TODAY,
        TODAY + timedelta(days=1),
    ]
    assert [(d.day, d.last_sequence) for d in closed] == [(TODAY, first)]
    assert not _late()


@pytest.mark.req("NIX-15")
def test_a_change_that_is_told_after_its_day_is_counted_as_late(feed: Feed, clock: Clock) -> None:
    change(person())
    clock.forward(days=1)
    with connection.cursor() as cursor:  # a publisher that stood still over midnight
        cursor.execute("UPDATE feed_publishing_feed SET closed_day = %s", [TODAY])

    publish_one = actions.publish_waiting(CHANGED)

    assert publish_one is not None and publish_one.day == TODAY + timedelta(days=1)
    assert _late() == [1]


def _late() -> list[int]:
    told = OutboxEvent.objects.filter(type="feed.page.published").order_by("pk")
    counts = [json.loads(bytes(row.body))["data"]["late"] for row in told]
    return [count for count in counts if count]


def test_a_day_without_changes_is_closed_as_well_and_days_away_in_order(
    feed: Feed, clock: Clock
) -> None:
    clock.at(noon(TODAY + timedelta(days=3)))

    closed = actions.close_days(CHANGED)

    assert [d.day for d in closed] == [TODAY + timedelta(days=n) for n in range(3)]
    assert actions.close_days(CHANGED) == []
    assert Day.objects.count() == 3


def test_no_day_is_closed_before_what_waits_of_it_is_told(feed: Feed, clock: Clock) -> None:
    change(person())
    clock.at(noon(TODAY + timedelta(days=1)))

    assert actions.close_days(CHANGED) == []
    number = publish()
    assert [d.last_sequence for d in actions.close_days(CHANGED)] == [number]
    assert not _late()


def test_a_key_changes_with_a_day_that_has_not_begun(feed: Feed, clock: Clock) -> None:
    bank, who = subscriber(BANK), person()
    with pytest.raises(ValueError, match="not begun"):
        actions.rotate_keys(feed_name=CHANGED, starts_on=TODAY)
    change(who)
    before = publish()
    (epoch,) = actions.rotate_keys(feed_name=CHANGED, starts_on=TODAY + timedelta(days=1))
    change(who)
    same_day = publish()
    clock.at(noon(TODAY + timedelta(days=1)))
    actions.close_days(CHANGED)
    change(who)
    after = publish()

    assert [queries.file_of(bank, n).epoch for n in (before, same_day, after)] == [1, 1, 2]
    assert epoch.number == 2
    assert not set(tokens(bank, before)) & set(tokens(bank, after))
    assert [k.starts_on for k in queries.manifest(bank, 0).keys] == [
        TODAY,
        TODAY + timedelta(days=1),
    ]


def test_a_key_of_a_year_is_changed_with_two_weeks_notice(feed: Feed, clock: Clock) -> None:
    bank = subscriber(BANK)
    clock.at(noon(TODAY + timedelta(days=340)))
    assert actions.rotate_old_keys(CHANGED) == []
    clock.at(noon(TODAY + timedelta(days=352)))

    assert len(actions.rotate_old_keys(CHANGED)) == Subscriber.objects.filter(feed=CHANGED).count()
    assert actions.rotate_old_keys(CHANGED) == []
    assert bank.epochs.latest("number").starts_on == TODAY + timedelta(days=366)


def test_no_key_is_kept_in_the_database(feed: Feed) -> None:
    bank = subscriber(BANK)
    key = queries.key_of(bank.epochs.get())

    for row in Epoch.objects.values_list("salt", flat=True):
        assert bytes(row) not in (key, key[:16])


@pytest.mark.req("NIX-14")
def test_who_is_not_in_an_open_phase_is_refused(feed: Feed, clock: Clock) -> None:
    bank, police = subscriber(BANK), subscriber(POLICE)
    for number, member, day in ((1, bank.member, TODAY), (2, police.member, TODAY + timedelta(30))):
        actions.open_phase(feed_name=CHANGED, number=number, opens_on=day, members=[member])

    assert queries.subscriber_for(CHANGED, BANK) == bank
    assert _refusal(POLICE) == (403, "phase-not-open")
    clock.forward(days=30)
    assert queries.subscriber_for(CHANGED, POLICE) == police


def test_who_has_no_grant_any_more_is_refused_and_who_is_new_comes_again(feed: Feed) -> None:
    subscriber(BANK)
    assert _refusal(POLICE) == (503, "subscription-on-its-way")
    subscriber(BANK, granted=False)

    assert _refusal(BANK) == (403, "subscription-ended")
    subscriber(BANK)
    assert queries.subscriber_for(CHANGED, BANK)


def _refusal(consumer: str) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        queries.subscriber_for(CHANGED, consumer)
    return caught.value.status, caught.value.code


def test_news_of_a_subscriber_that_come_late_change_nothing(feed: Feed, clock: Clock) -> None:
    old = clock.now()
    clock.forward(seconds=5)
    subscriber(BANK, granted=False)

    subscriber(BANK, told_at=old, public_keys=["00" * 32])

    assert _refusal(BANK) == (403, "subscription-ended")


def test_a_key_is_sealed_only_to_a_key_that_the_exchange_knows(feed: Feed) -> None:
    ours, foreign = SigningKey.generate(), SigningKey.generate()
    bank = subscriber(BANK, public_keys=[ours.verify_key.encode().hex()])

    answer = queries.sealed_key(bank, 1, ours.verify_key.encode().hex())

    assert open_sealed(answer.sealed_key, ours) == queries.key_of(bank.epochs.get())
    for epoch, public_key in ((1, foreign.verify_key.encode().hex()), (2, bank.public_keys[0])):
        with pytest.raises(Problem):
            queries.sealed_key(bank, epoch, public_key)


def test_what_was_before_the_subscription_is_not_handed_out(feed: Feed) -> None:
    change(person())
    earlier = publish()
    bank = subscriber(BANK)

    assert queries.manifest(bank, 0).after == earlier
    with pytest.raises(Problem):
        queries.file_of(bank, earlier)
    with pytest.raises(Problem):
        queries.file_of(bank, earlier + 1)


def test_the_first_phase_is_that_of_the_approval(country: Country) -> None:
    """As the sandbox opens it: whom session 26 names first, then its own (000 A4 note 3)."""
    first, second = Feed.objects.get(pk=CHANGED).phases.all()
    assert "IR-TEST/GOV/14003711204" in first.members  # health insurance
    assert first.opens_on < second.opens_on
    assert set(second.members) == {"IR-TEST/GOV/14002763106", "IR-TEST/GOV/14003778990"}


def test_a_change_of_identity_brings_a_new_card_and_keeps_what_was(feed: Feed) -> None:
    who = person(family_name="پیشین")
    change(who, family_name="تازه")
    first = IdentityCard.objects.get(person=who, withdrawn_at=None)
    change(who, family_name="تازه‌تر")

    assert IdentityCard.objects.get(person=who, withdrawn_at=None).serial != first.serial
    kept = [a.before["family_name"] for a in Amendment.objects.order_by("pk")]
    assert kept == ["پیشین", "تازه"]


@pytest.mark.parametrize(
    "data",
    [{}, {"family_name": "مهرجو"}, {"national_id": "0012345679"}, {"given_name": "ا" * 61}],
)
def test_what_is_no_change_of_identity_is_refused_and_told_to_nobody(
    feed: Feed, data: dict[str, Any]
) -> None:
    who = person(family_name="مهرجو")
    with pytest.raises(amendments.Refused):
        amendments.record_identity_change(national_id=who.pk, data=data, actor="a", reason="r")
    assert not Change.objects.exists()


def test_a_death_ends_the_marriage_and_its_withdrawal_restores_it(feed: Feed, clock: Clock) -> None:
    wife, husband = person(), person(sex="male")
    marriage = Marriage.objects.create(wife=wife, husband=husband, married_on=date(2018, 5, 1))
    today = localdate(clock.now())

    amendments.record_death(national_id=wife.pk, died_on=today, actor="a", reason="r")
    marriage.refresh_from_db()
    assert marriage.ended_on == today
    with pytest.raises(amendments.Refused):
        amendments.record_death(national_id=wife.pk, died_on=today, actor="a", reason="r")
    amendments.withdraw_death(national_id=wife.pk, actor="a", reason="somebody else")

    marriage.refresh_from_db()
    wife.refresh_from_db()
    assert (marriage.ended_on, wife.died_on) == (None, None)
    told = list(Change.objects.filter(feed=DECEASED).order_by("pk").values_list("state", flat=True))
    assert told == ["deceased", "alive"]


@pytest.mark.parametrize("days", [1, -20_000])
def test_nobody_dies_in_the_future_or_before_the_birth(feed: Feed, clock: Clock, days: int) -> None:
    day = localdate(clock.now()) + timedelta(days=days)
    with pytest.raises(amendments.Refused):
        amendments.record_death(national_id=person().pk, died_on=day, actor="a", reason="r")
    with pytest.raises(amendments.Refused):
        amendments.record_death(national_id="0000000018", died_on=TODAY, actor="a", reason="r")
    with pytest.raises(amendments.Refused):
        amendments.withdraw_death(national_id=person().pk, actor="a", reason="r")


def test_no_event_carries_an_identifier(feed: Feed) -> None:
    """They travel over the stream of all floors: counts, dates and digests only (NIX-03)."""
    subscriber(BANK)
    who = person()
    change(who)
    publish()
    actions.close_days(CHANGED)

    bodies = b"".join(bytes(row.body) for row in OutboxEvent.objects.all())
    assert b"feed.page.published" in bodies
    assert who.pk.encode() not in bodies
    assert who.family_name.encode() not in bodies


def test_what_was_carried_is_carried_once(feed: Feed) -> None:
    change(person())
    publish()
    assert carry() == []
