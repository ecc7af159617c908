"""People to try things with: always the same, until a journey has used them."""

from datetime import date
from itertools import islice

import pytest
from births import enter

from panjereh.common.identifiers import parse_mobile, parse_national_id, parse_postal_code
from panjereh.registries.civil.queries import family
from panjereh.registries.custody.queries import outage
from panjereh.registries.health.models import BirthNotice
from panjereh.registries.health.queries import notices_of_mother
from panjereh.registries.telecom.queries import owns
from panjereh.sandbox import people, registries
from panjereh.sandbox.seed.registries import seed

pytestmark = pytest.mark.django_db


@pytest.fixture
def nation() -> None:
    seed(800)


@pytest.mark.usefixtures("nation")
def test_the_next_mother_can_walk_the_whole_journey() -> None:
    mother = people.next_mother()

    assert parse_national_id(mother["national_id"]) == mother["national_id"]
    assert owns(mother["national_id"], parse_mobile(mother["mobile"]))
    assert parse_postal_code(mother["postal_code"])
    assert date.fromisoformat(mother["birth_date"]).year < 2010
    assert mother["birth_date_jalali"].startswith("13")
    assert mother["husband"]["vital_status"] == "alive" and mother["husband"]["mobile"]
    assert [n.notice_id for n in notices_of_mother(mother["national_id"])] == [mother["notice_id"]]


@pytest.mark.usefixtures("nation")
def test_the_next_mother_is_the_same_until_her_newborn_is_entered() -> None:
    first, second = people.next_mother(), people.next_mother(skip=1)
    assert first == people.next_mother() != second

    child = enter(first)

    assert people.next_mother() == second
    assert family(first["national_id"]).children[-1] == child


@pytest.mark.usefixtures("nation")
def test_no_special_case_is_among_the_next_mothers() -> None:
    special = {
        people.cast_ids()[role] for role in ("widow", "mother-of-twins", "mother-of-old-notice")
    }
    assert not special & {mother["national_id"] for mother in people.waiting_mothers()}


@pytest.mark.usefixtures("nation")
def test_when_all_newborns_are_entered_another_is_born() -> None:
    BirthNotice.objects.all().delete()

    mother = people.next_mother()

    assert people.next_mother() == mother
    assert enter(mother).mother_id == mother["national_id"]
    assert people.next_mother()["national_id"] != mother["national_id"]


@pytest.mark.usefixtures("nation")
def test_operator_and_staff_are_persons_with_mobiles() -> None:
    for facts, national_id in (
        (people.operator(), people.operator_national_id()),
        (people.staff(), people.staff_national_id()),
    ):
        assert facts["national_id"] == national_id
        assert owns(national_id, parse_mobile(facts["mobile"]))
    assert people.operator_national_id() != people.staff_national_id()


def test_someone_stays_the_same_when_the_nation_grows() -> None:
    seed(500)
    before = [people.someone(n) for n in (0, 5, 40)]

    seed(1_000)

    assert [people.someone(n) for n in (0, 5, 40)] == before
    assert all(person["mobile"] and person["vital_status"] == "alive" for person in before)


@pytest.mark.usefixtures("nation")
def test_the_cast_covers_the_cases_that_need_care() -> None:
    cast = people.cast()

    assert cast["without-mobile"]["mobile"] == ""
    assert cast["late-husband"]["vital_status"] == "deceased"
    assert family(cast["widow"]["national_id"]).spouse is None
    assert len(notices_of_mother(cast["mother-of-twins"]["national_id"])) == 2
    assert notices_of_mother(cast["mother-of-old-notice"]["national_id"]) == []
    assert [c.national_id for c in family(cast["mother"]["national_id"]).children] == [
        cast["child"]["national_id"]
    ]


@pytest.mark.usefixtures("nation")
def test_two_namesakes_are_two_people() -> None:
    one, other = (people.cast()[role] for role in ("namesake", "other-namesake"))

    assert (one["given_name"], one["family_name"]) == (other["given_name"], other["family_name"])
    assert one["national_id"] != other["national_id"]


def test_without_a_nation_one_is_told_how_to_get_it() -> None:
    for ask in (people.operator, lambda: people.someone(0)):
        with pytest.raises(people.NobodyFound, match="panjereh up"):
            ask()
    with pytest.raises(people.NobodyFound):
        people.next_mother()


@pytest.mark.usefixtures("nation")
def test_mothers_are_listed_lazily() -> None:
    assert len(list(islice(people.waiting_mothers(), 2))) == 2


def test_a_registry_of_the_sandbox_can_be_paused_and_resumed() -> None:
    registries.pause("health-registry")
    assert outage("health-registry") is not None

    assert registries.resume("health-registry")
    assert outage("health-registry") is None
