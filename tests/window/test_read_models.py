import asyncio
import itertools
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import jsonschema
import msgspec
import nats
import pytest
from django.conf import settings
from django.core.management import call_command
from nation import (
    MOTHER,
    NOW,
    SERVICE,
    TRACKING,
    card,
    card_approved,
    deliver,
    rated,
    step,
    unread,
)
from nats.js.api import StreamConfig

from panjereh.common.events import Event
from panjereh.window import actions, queries, rebuilding
from panjereh.window.models import Agency, Request, Service, Step

pytestmark = pytest.mark.django_db


@pytest.mark.req("WIN-17")
def test_a_card_that_is_approved_again_replaces_the_one_before() -> None:
    deliver(card_approved(), card_approved(version="1.1.0", category="family"))
    shown = Service.objects.get()
    assert (shown.version, shown.category) == ("1.1.0", "family")


def test_an_older_card_that_arrives_late_changes_nothing() -> None:
    deliver(card_approved(version="1.10.0"), card_approved(version="1.9.0", category="family"))
    shown = Service.objects.get()
    assert (shown.version, shown.category) == ("1.10.0", "identity")


def test_the_agency_of_a_card_is_found_in_the_published_list_by_its_name() -> None:
    actions.enter_agencies([agency("interior", "وزارت کشور"), agency("civil-registry")])
    deliver(card_approved())
    assert Service.objects.get().agency == "civil-registry"
    assert Agency.objects.count() == 2


def test_an_agency_that_no_list_names_is_entered_with_its_first_card() -> None:
    deliver(card_approved())
    assert Agency.objects.get().slug == "civil-registration"


@pytest.mark.req("WIN-12")
def test_an_agency_is_connected_from_the_first_service_that_can_be_begun() -> None:
    deliver(card_approved(delivery_link=None))
    assert Agency.objects.get().connected_at is None
    deliver(card_approved(version="2.0.0"))
    assert Agency.objects.get().connected_at == NOW


def test_entering_the_list_again_keeps_since_when_an_agency_is_connected() -> None:
    actions.enter_agencies([agency("civil-registry")])
    deliver(card_approved())
    actions.enter_agencies([agency("civil-registry", name_en="Renamed")])
    known = Agency.objects.get()
    assert (known.name_en, known.connected_at) == ("Renamed", NOW)


def test_the_greater_count_of_ratings_is_the_later_news() -> None:
    deliver(rated(4.5, 2), rated(5.0, 1))
    assert queries.stars_of([SERVICE])[SERVICE] == queries.Stars(4.5, 2)


def test_a_rating_may_come_before_the_card() -> None:
    deliver(rated(4.0, 1), card_approved())
    assert queries.listed(Service.objects.all())[0].stars.count == 1


@pytest.mark.req("WIN-09", "WIN-21")
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_steps_in_any_order_make_the_same_timeline(order: tuple[int, ...]) -> None:
    steps = [step("received"), step("in-progress", minutes=1), step("delivered", minutes=2)]
    deliver(*(steps[i] for i in order))
    tracked = queries.request_of(MOTHER.national_id, TRACKING)
    assert tracked is not None
    assert [s.state for s in tracked.steps] == ["received", "in-progress", "delivered"]
    assert not tracked.running


def test_a_step_that_is_delivered_twice_is_one_step() -> None:
    once = step("received")
    deliver(once, once)
    actions.take_step(event_id=once.id, step=once.data)
    assert Step.objects.count() == 1


def test_an_older_count_of_unread_letters_is_ignored() -> None:
    deliver(unread(2), unread(1, at=NOW - timedelta(minutes=1)))
    assert queries.unread_of(MOTHER.national_id) == 2


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """A stream of this test's own; gives the deed that publishes events to it."""
    name = f"REBUILD-{uuid.uuid4().hex[:8]}"
    monkeypatch.setattr(rebuilding, "STREAM", name)
    monkeypatch.setattr(rebuilding, "SUBJECT_PREFIX", f"{name}.")
    with asyncio.Runner() as runner:
        client = runner.run(nats.connect(settings.NATS_URL))
        jetstream = client.jetstream()
        runner.run(jetstream.add_stream(StreamConfig(name=name, subjects=[f"{name}.>"])))

        def publish(*news: Event) -> None:
            for one in news:
                body = msgspec.json.encode(one)
                runner.run(jetstream.publish(f"{name}.{one.type}", body))

        yield publish
        runner.run(jetstream.delete_stream(name))
        runner.run(client.close())


def test_read_models_are_built_again_from_the_stream(stream: Callable[..., None]) -> None:
    # Given a stream, a window whose tables have gone wrong, and a rating that was given here
    news = [card_approved(), step("received"), step("delivered", minutes=3), rated(4.0, 1)]
    stream(*news)
    deliver(*news, card_approved(id="gone.service"))
    Request.objects.update(rated_stars=5, agency="wrong")
    # When they are built again
    told = StringIO()
    call_command("rebuild", stdout=told)
    assert told.getvalue() == f"{len(news)} events read\n"
    # Then they say what the stream says, and the person's own mark is kept
    assert [s.service_id for s in Service.objects.all()] == [SERVICE]
    restored = Request.objects.get()
    assert (restored.agency, restored.rated_stars) == ("civil-registration", 5)
    assert Step.objects.count() == 2


def agency(slug: str, name_fa: str = "سازمان ثبت احوال کشور", **more: str) -> dict[str, str]:
    usual = {"name_en": slug, "kind": "", "parent": "", "reported_status": "", "reported_as_of": ""}
    return usual | {"slug": slug, "name_fa": name_fa} | more


def test_the_card_of_these_tests_is_one_the_catalogue_would_approve() -> None:
    schema = Path(__file__).parents[2] / "src/panjereh/national/catalogue/card_schema.json"
    jsonschema.validate(card(), json.loads(schema.read_text()))
