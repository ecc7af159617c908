"""What a person is told: by agency and case, in words, newest first; nobody else's, nothing
confidential, nothing that only the records need."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from calling import Gateway
from collector import Collector, call_about
from nation import CASE, CLERK, FATHER, MOTHER, WINDOW, Nation

from panjereh.common import clock
from panjereh.exchange.usage import law, queries, words
from panjereh.exchange.usage.queries import PAGE_GROUPS
from panjereh.sandbox.keys import exchange_description

BANK = "IR-TEST/GOV/14000000019"


def looks(gateway: Gateway, user: str = MOTHER, **asked: Any) -> Any:
    answer = gateway.post("looks", asked, user=user)
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.req("PRV-02", "PRV-15", "NIX-39")
def test_calls_for_one_case_are_told_together_in_words(
    nation: Nation, collector: Collector, gateway: Gateway
) -> None:
    about = {"user": MOTHER, "case": CASE}
    collector.keep(
        call_about(MOTHER, grant=nation.person, minutes_ago=3, **about),
        call_about(MOTHER, grant=nation.person, minutes_ago=2, **about),
        call_about(MOTHER, grant=nation.birth, minutes_ago=1, **about),
        call_about(MOTHER, grant=nation.tracking, minutes_ago=4, **about),
    )

    (group,) = looks(gateway)["groups"]

    assert group["agency"] == {"fa": "سازمان ثبت احوال کشور", "en": "Civil Registration"}
    assert (group["case"], group["calls"], group["acted"]) == (CASE, 4, "you")
    birth, person, tracking = group["asked"]
    assert birth["custodian"]["fa"] == "وزارت بهداشت"
    assert birth["data"] == [
        {
            "of": None,
            "items": [{"fa": "زمان تولد نوزاد", "en": "time of birth of the newborn"}],
        }
    ]
    assert person["times"] == 2
    assert [part["of"] and part["of"]["fa"] for part in person["data"]] == [None, "فرزندان شما"]
    assert tracking["data"] == []
    assert person["purpose"]["fa"] == "صدور شناسنامهٔ نوزاد"
    assert person["approval_number"] == "94763"
    assert "مادهٔ 10 بند 2" in person["legal_basis"][0]["fa"]


def test_the_newest_group_stands_first_and_pages_have_no_gap(
    nation: Nation, collector: Collector, gateway: Gateway
) -> None:
    count = PAGE_GROUPS * 2 + 3
    collector.keep(
        *(
            call_about(MOTHER, grant=nation.person, case=f"case-{n}", minutes_ago=count - n)
            for n in range(count)
        )
    )

    told: list[str] = []
    before = ""
    while True:
        page = looks(gateway, before=before)
        told += [group["case"] for group in page["groups"]]
        if not (before := page["older"]):
            break

    assert told == [f"case-{n}" for n in reversed(range(count))]


def test_looks_of_the_same_moment_are_told_once_each(
    nation: Nation, collector: Collector, gateway: Gateway
) -> None:
    at = clock.now() - timedelta(minutes=1)
    count = PAGE_GROUPS + 5
    collector.keep(
        *(call_about(MOTHER, grant=nation.person, case=f"case-{n}", at=at) for n in range(count))
    )

    first = looks(gateway)
    second = looks(gateway, before=first["older"])

    told = [group["case"] for group in first["groups"] + second["groups"]]
    assert sorted(told) == sorted(f"case-{n}" for n in range(count))


def test_a_cursor_that_is_none_of_ours_is_refused(nation: Nation, gateway: Gateway) -> None:
    for before in ("x", "1.x", "9" * 40 + ".0"):
        answer = gateway.post("looks", {"before": before}, user=MOTHER)
        assert answer.status_code == 422


@pytest.mark.req("PRV-01")
def test_nobody_sees_another_persons_looks(
    nation: Nation, collector: Collector, gateway: Gateway
) -> None:
    call = call_about(MOTHER, grant=nation.person, case=CASE)
    collector.keep(call)

    assert looks(gateway, user=FATHER)["groups"] == []
    assert gateway.post("look", {"look": call.request_id}, user=FATHER).status_code == 404
    asked = {"look": call.request_id, "text": "چرا نگاه کردید؟"}
    assert gateway.post("ask-why", asked, user=FATHER).status_code == 404


@pytest.mark.req("PRV-01")
@pytest.mark.parametrize("service", ["looks", "look", "summary", "ask-why"])
def test_without_a_user_or_the_exchanges_signature_nothing_is_told(
    nation: Nation, gateway: Gateway, service: str
) -> None:
    body = {"look": "5b1d5b1d-5b1d-4b1d-8b1d-5b1d5b1d5b1d", "text": "چرا نگاه کردید؟"}
    wanted = {name: body[name] for name in NEEDED.get(service, ())}

    assert gateway.post(service, wanted, user="").json()["code"] == "user-missing"
    unsigned = gateway.client.post(
        f"/exchange-records/{service}", json.dumps(wanted), content_type="application/json"
    )
    assert unsigned.status_code == 401


NEEDED = {"look": ("look",), "ask-why": ("look", "text")}


@pytest.mark.req("NIX-39")
def test_looks_of_a_confidential_activity_are_not_told_but_counted(
    nation: Nation, collector: Collector, gateway: Gateway
) -> None:
    secret = call_about(MOTHER, grant=nation.crime)
    collector.keep(secret, call_about(MOTHER, grant=nation.person))

    told = looks(gateway)

    assert [group["agency"]["en"] for group in told["groups"]] == ["Civil Registration"]
    assert "Sample Police" not in json.dumps(told)
    assert told["confidential_activities"] == 1
    assert gateway.post("look", {"look": secret.request_id}, user=MOTHER).status_code == 404


def test_what_people_look_at_themselves_through_the_window_stands_apart(
    nation: Nation, collector: Collector, gateway: Gateway
) -> None:
    collector.keep(
        call_about(MOTHER, grant=nation.own_family, user=MOTHER),
        call_about(MOTHER, grant=nation.own_family, user=FATHER),
        call_about(MOTHER, grant=nation.person, user=MOTHER),
    )

    others, own = looks(gateway), looks(gateway, whose="own")

    assert others["own_calls"] == 1
    assert sorted(group["acted"] for group in others["groups"]) == ["another", "you"]
    (group,) = own["groups"]
    assert group["asked"][0]["service"]["en"] == "Service family"


def test_it_is_told_who_acted(nation: Nation, collector: Collector, gateway: Gateway) -> None:
    collector.keep(
        call_about(MOTHER, grant=nation.person, user=CLERK, case="a"),
        call_about(MOTHER, grant=nation.person, case="b"),
        call_about(MOTHER, grant=nation.person, user=MOTHER, case="c"),
        call_about(MOTHER, grant=nation.birth, user=CLERK, case="c"),
    )

    told = {group["case"]: group["acted"] for group in looks(gateway)["groups"]}

    assert told == {"a": "another", "b": "nobody", "c": "another"}


def test_agency_and_time_can_be_chosen(
    nation: Nation, collector: Collector, gateway: Gateway
) -> None:
    old = clock.now() - timedelta(days=40)
    collector.keep(
        call_about(MOTHER, grant=nation.person, case="now"),
        call_about(MOTHER, grant=nation.person, case="then", at=old),
        call_about(MOTHER, grant=nation.credit, case="bank"),
    )
    week_ago = (clock.now() - timedelta(days=7)).date().isoformat()

    of_bank = looks(gateway, agency=BANK)["groups"]
    this_week = looks(gateway, since=week_ago)["groups"]
    before = looks(gateway, until=week_ago)["groups"]
    of_nobody = looks(gateway, agency="IR-TEST/GOV/1")["groups"]

    assert [group["case"] for group in of_bank] == ["bank"]
    assert {group["case"] for group in this_week} == {"now", "bank"}
    assert [group["case"] for group in before] == ["then"]
    assert of_nobody == []
    assert {a["name"]["en"]: a["calls"] for a in looks(gateway)["agencies"]} == {
        "Civil Registration": 2,
        "Sample Bank": 1,
    }


def test_an_attestation_said_only_yes_or_no(
    nation: Nation, collector: Collector, gateway: Gateway
) -> None:
    collector.keep(call_about(MOTHER, grant=nation.credit))

    (asked,) = looks(gateway)["groups"][0]["asked"]

    assert asked["yes_or_no"]
    assert asked["data"][0]["items"][0]["fa"] == "در قید حیات بودن"


@pytest.mark.req("NIX-20")
def test_a_member_that_was_spoken_for_is_the_one_that_looked(
    nation: Nation, collector: Collector, gateway: Gateway
) -> None:
    collector.keep(call_about(MOTHER, grant=nation.person, represented=BANK))

    (group,) = looks(gateway)["groups"]

    assert group["agency"]["en"] == "Sample Bank"


def test_looks_without_a_case_are_gathered_by_system_and_day(
    nation: Nation, collector: Collector, gateway: Gateway
) -> None:
    noon = clock.now().replace(hour=8, minute=30) - timedelta(days=2)
    collector.keep(
        call_about(MOTHER, grant=nation.person, at=noon),
        call_about(MOTHER, grant=nation.birth, at=noon + timedelta(hours=1)),
        call_about(MOTHER, grant=nation.person, at=noon + timedelta(days=1)),
    )

    assert [group["calls"] for group in looks(gateway)["groups"]] == [1, 2]


@pytest.mark.req("PRV-03", "PRV-04")
def test_the_summary_tells_by_kind_which_registry_told_whom(
    nation: Nation, collector: Collector, gateway: Gateway
) -> None:
    collector.keep(
        call_about(MOTHER, grant=nation.person),
        call_about(MOTHER, grant=nation.credit),
        call_about(MOTHER, grant=nation.birth),
        call_about(MOTHER, grant=nation.crime),
        call_about(MOTHER, grant=nation.tracking),
    )

    kinds = gateway.post("summary", {}, user=MOTHER).json()["kinds"]

    told = {
        kind["kind"]: [
            (source["registry"]["en"], {a["en"] for a in source["agencies"]}, source["times"])
            for source in kind["sources"]
        ]
        for kind in kinds
    }
    civil, health = "System civil-registry", "System health-registry"
    assert told == {
        "identity": [(civil, {"Civil Registration", "Sample Bank"}, 2)],
        "family": [(civil, {"Civil Registration"}, 1)],
        "birth": [(health, {"Civil Registration"}, 1)],
    }


@pytest.fixture
def slow_days(nation: Nation, collector: Collector) -> Iterator[None]:
    """Looks of the whole term, some of them past it."""
    days = range(0, 300, 20)
    now = clock.now() - timedelta(hours=1)
    collector.keep(
        *(
            call_about(MOTHER, grant=nation.person, case=f"{n:03}", at=now - timedelta(days=n))
            for n in days
        )
    )
    yield


def test_half_a_year_is_found_by_the_names_of_its_months(slow_days: None, gateway: Gateway) -> None:
    first = looks(gateway)

    assert [group["case"] for group in first["groups"]] == [f"{n:03}" for n in range(0, 200, 20)]
    assert first["older"] == ""
    assert first["kept_since"][:10] == queries.kept_since().date().isoformat()


def test_every_item_of_the_sandbox_that_people_meet_has_words() -> None:
    described = exchange_description()
    for grant in described["grants"]:
        system, _, service = grant["service"].partition("/")
        if described["systems"][system]["services"][service].get("subjects"):
            kinds = words.kinds(grant["items"])
            wanted = f"words for {grant['service']} {grant['items']} in usage/data/items.yaml"
            assert "other" not in kinds, wanted


def test_an_item_without_words_is_told_by_its_code() -> None:
    (told,) = words.told(["/shoe_size"])

    assert told.items == [{"fa": "shoe size", "en": "shoe size"}]


@pytest.mark.parametrize(
    ("cited", "persian", "english"),
    [
        ("002 art 10(2)", "مادهٔ 10 بند 2", "article 10(2)"),
        ("002 art 16 and note", "مادهٔ 16 و تبصرهٔ آن", "article 16 and note"),
        ("002 art 6 note", "مادهٔ 6 تبصرهٔ آن", "article 6, note"),
        ("001 art 36 note 1", "مادهٔ 36 تبصرهٔ 1", "article 36, note 1"),
        ("000 A1.3-4", "مصوبهٔ 1، بند 3-4", "resolution 1, item 3-4"),
        ("004 T2.5", "جدول 2، ردیف 5", "table 2, row 5"),
        ("قانون ثبت احوال، مادهٔ ۱۲", "قانون ثبت احوال، مادهٔ ۱۲", "قانون ثبت احوال، مادهٔ ۱۲"),
    ],
)
def test_a_law_is_cited_in_words(cited: str, persian: str, english: str) -> None:
    (found,) = law.in_words(cited)

    assert found["fa"].endswith(persian)
    assert found["en"].endswith(english)


def test_every_citation_of_the_sandbox_is_read() -> None:
    for purpose in exchange_description()["purposes"].values():
        for names in law.in_words(purpose["legal_basis"]):
            assert "art" not in names["fa"].split()
            assert not names["fa"].startswith("00")


def test_the_national_window_of_the_sandbox_is_who_these_tests_call_as() -> None:
    described = exchange_description()
    assert described["systems"]["national-window"]["member"] in WINDOW
