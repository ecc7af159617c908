"""The member's own desk: everything about itself, and nothing about others, route by route."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from furnished import Furnished
from nacl.signing import SigningKey
from parties import DESCRIPTION, OPERATOR, OURS, STRANGER, sign_in

from panjereh.exchange.directory.models import Contact, Draft, Inquiry, SideConnection, Withdrawal
from panjereh.exchange.models import Member, PolicyState, Representative, System, SystemKey

PUBLIC_KEY = SigningKey(bytes(32)).verify_key.encode().hex()


def day(name: str, year: str = "1406") -> dict[str, str]:
    return {f"{name}_0": "1", f"{name}_1": "12", f"{name}_2": year}


# Every own page, what it is about, and what is sent to it. A route that is not here fails below.
Arguments = Callable[[Furnished], list[Any]]
SYSTEM: Arguments = lambda f: [f.system.code]  # noqa: E731
SERVICE: Arguments = lambda f: [f.system.code, f.service.code]  # noqa: E731
NOTHING: Arguments = lambda f: []  # noqa: E731
ROUTES: dict[str, tuple[Arguments, dict[str, Any]]] = {
    "member-home": (NOTHING, {}),
    "member-contacts": (
        NOTHING,
        {"role": "legal", "name": "Mina", "post": "Lawyer", "email": "law@example.org"},
    ),
    "member-representatives": (NOTHING, {"national_id": "0067890121", "name": "Colleague"}),
    "member-withdraw-representative": (lambda f: [f.colleague.pk], {}),
    "member-sub-members": (
        NOTHING,
        {
            "name_fa": "شهرداری",
            "name_en": "Town",
            "code": "14003142876",
            "member_class": "MUN",
            "kind": "municipality",
        },
    ),
    "member-leave": (lambda f: [f.sub_member.pk], {}),
    "member-inquiries": (
        NOTHING,
        {
            "card": "c.1",
            "card_title_fa": "الف",
            "card_title_en": "A",
            "name_fa": "ب",
            "name_en": "By letter",
        },
    ),
    "member-match": (lambda f: [f.inquiry.pk], {"service": "1"}),
    "member-side-connections": (
        NOTHING,
        {"other_party": "Port", "what": "Ships", **day("remove_by")},
    ),
    "member-side-connection": (lambda f: [f.side.pk], day("removed_on", "1405")),
    "member-extension": (lambda f: [f.extension.pk], day("until")),
    "member-systems": (NOTHING, {}),
    "member-new-system": (
        NOTHING,
        {"name_fa": "سامانه", "name_en": "System", "code": "our-new-system"},
    ),
    "member-system": (SYSTEM, {"key": PUBLIC_KEY}),
    "member-move": (SYSTEM, {"base_url": "https://services.example.org/x"}),
    "member-system-off": (SYSTEM, {}),
    "member-system-on": (SYSTEM, {}),
    "member-withdraw-key": (lambda f: [f.system.code, f.key.pk], {}),
    "member-provider-key": (SYSTEM, {}),
    "member-description": (SYSTEM, {}),
    "member-fetch": (SYSTEM, {}),
    "member-draft": (SYSTEM, {}),
    "member-take-draft": (SYSTEM, {}),
    "member-discard-draft": (SYSTEM, {}),
    "member-service": (SERVICE, {"legal_basis": "001 art 31", "promise_ms": "250"}),
    "member-service-off": (SERVICE, {"notice": "Back at noon"}),
    "member-service-on": (SERVICE, {}),
    "member-new-example": (
        SERVICE,
        {"name_fa": "الف", "name_en": "A", "question": "{}", "answer": "{}", "status": "200"},
    ),
    "member-remove-example": (lambda f: [*SERVICE(f), f.example.pk], {}),
    "member-withdrawal": (
        SERVICE,
        {**day("ends_on"), "notice_fa": "الف", "notice_en": "A"},
    ),
    "member-cancel-withdrawal": (SERVICE, {}),
}
ABOUT_NOTHING = {name for name, (about, _) in ROUTES.items() if about is NOTHING}
SHOWN = [
    "member-home",
    "member-contacts",
    "member-representatives",
    "member-sub-members",
    "member-inquiries",
    "member-side-connections",
    "member-side-connection",
    "member-extension",
    "member-systems",
    "member-new-system",
    "member-system",
    "member-description",
    "member-draft",
    "member-service",
    "member-new-example",
    "member-withdrawal",
]


def path(name: str, furnished: Furnished) -> str:
    return reverse(name, args=ROUTES[name][0](furnished))


def routes(patterns: list[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from routes(pattern.url_patterns)


def test_every_own_page_is_tried_here() -> None:
    ours = {
        route.name
        for route in routes(get_resolver().url_patterns)
        if getattr(route.callback, "__module__", "").startswith("panjereh.exchange.directory")
        and getattr(route.callback, "door", "") == "member"
    }
    assert ours == set(ROUTES) | {"member-ask-extension"}


@pytest.mark.req("PRV-01")
def test_another_members_representative_finds_and_changes_nothing(
    furnished: Furnished, other: Client
) -> None:
    before = PolicyState.objects.get().version
    for name in ROUTES.keys() - ABOUT_NOTHING:
        at = path(name, furnished)
        for answer in (other.get(at), other.post(at, ROUTES[name][1])):
            assert answer.status_code in {403, 404, 405}, name
            assert furnished.system.base_url not in answer.content.decode(), name
    assert PolicyState.objects.get().version == before


@pytest.mark.req("PRV-01")
def test_pages_about_oneself_are_about_oneself(
    furnished: Furnished, ours: Client, other: Client
) -> None:
    own_words = {
        "member-contacts": "بهرام کاردان",
        "member-representatives": "هما پیشرو",
        "member-systems": furnished.system.code,
        "member-side-connections": "Balances",
        "member-inquiries": "Inquiry A",
    }
    for name in ABOUT_NOTHING:
        at = path(name, furnished)
        mine, theirs = (
            client.get(at).content.decode().partition("<main>")[2] for client in (ours, other)
        )
        assert own_words.get(name, "") in mine
        assert [words for words in own_words.values() if words in theirs] == [], name


@pytest.mark.req("PRV-01")
def test_only_representatives_come_in(furnished: Furnished) -> None:
    callers = (
        (Client(), {302, 303, 405}),
        (sign_in(Client(), STRANGER), {403, 405}),
        (sign_in(Client(), OPERATOR), {403, 405}),
    )
    for name, (_about, given) in ROUTES.items():
        for client, wanted in callers:
            assert client.get(path(name, furnished)).status_code in wanted, name
            assert client.post(path(name, furnished), given).status_code in wanted, name


def test_a_forged_form_changes_nothing(furnished: Furnished) -> None:
    forged = sign_in(Client(enforce_csrf_checks=True), OURS)
    before = PolicyState.objects.get().version
    for name, (_about, given) in ROUTES.items():
        assert forged.post(path(name, furnished), given).status_code in {403, 405}, name
    assert PolicyState.objects.get().version == before


def test_the_own_representative_sees_every_page(furnished: Furnished, ours: Client) -> None:
    for name in SHOWN:
        for language in ("fa", "en"):
            at = path(name, furnished).replace("/en/", f"/{language}/")
            assert ours.get(at).status_code == 200, at


def post(client: Client, page: str, furnished: Furnished, **more: Any) -> Any:
    return client.post(path(page, furnished), ROUTES[page][1] | more)


@pytest.mark.req("PRV-13")
def test_a_key_changes_without_a_pause(furnished: Furnished, ours: Client) -> None:
    assert post(ours, "member-system", furnished).status_code == 302
    accepted = SystemKey.objects.filter(system=furnished.system, withdrawn_at=None)
    assert accepted.count() == 2  # both work until the old one is withdrawn

    post(ours, "member-withdraw-key", furnished)
    assert [key.public_key for key in accepted] == [PUBLIC_KEY]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("zz", "neither an Ed25519"),
        ("", "Enter"),
        ("-----BEGIN PRIVATE KEY-----\nx", "private key"),
        ("-----BEGIN CERTIFICATE-----\nx", "neither"),
    ],
)
def test_what_is_no_public_key_is_refused_in_words(
    furnished: Furnished, ours: Client, key: str, words: str
) -> None:
    body = post(ours, "member-system", furnished, key=key).content.decode()
    assert words in body or "This field is required" in body
    assert SystemKey.objects.filter(system=furnished.system).count() == 1


def test_a_known_key_is_refused(furnished: Furnished, ours: Client) -> None:
    body = post(ours, "member-system", furnished, key=furnished.key.public_key).content.decode()
    assert "known already" in body


def test_a_system_is_added_and_its_code_is_nobody_elses(furnished: Furnished, ours: Client) -> None:
    assert post(ours, "member-new-system", furnished).status_code == 302
    assert System.objects.get(code="our-new-system").member == furnished.parties.ours

    taken = post(ours, "member-new-system", furnished, code=furnished.consumer.code)
    assert "Another system has this code" in taken.content.decode()


@pytest.mark.req("NIX-33")
def test_a_description_is_shown_before_it_holds(furnished: Furnished, ours: Client) -> None:
    more = DESCRIPTION.replace(b"/vehicle:", b"/plates:")
    upload = SimpleUploadedFile("api.yaml", more)

    answer = ours.post(path("member-description", furnished), {"file": upload}, follow=True)

    assert "استعلام خودرو" in answer.content.decode()
    assert not furnished.system.services.filter(code="plates").exists()
    post(ours, "member-take-draft", furnished)
    assert furnished.system.services.filter(code="plates").exists()


def test_a_wrong_description_is_told_by_line(furnished: Furnished, ours: Client) -> None:
    wrong = DESCRIPTION.replace(b"x-name-fa: \xd9\x85\xd8\xaf\xd9\x84, ", b"")
    upload = SimpleUploadedFile("api.yaml", wrong)

    body = ours.post(path("member-description", furnished), {"file": upload}).content.decode()

    assert "Line 46" in body and "x-name-fa" in body


def test_a_system_that_does_not_answer_is_said_so(furnished: Furnished, ours: Client) -> None:
    body = post(ours, "member-fetch", furnished).content.decode()
    assert "Nobody answers" in body


def test_what_breaks_is_shown_and_cannot_be_taken(furnished: Furnished, ours: Client) -> None:
    less = DESCRIPTION.replace(b"        amount_rial: {type: integer}\n", b"")
    upload = SimpleUploadedFile("api.yaml", less)
    body = ours.post(
        path("member-description", furnished), {"file": upload}, follow=True
    ).content.decode()

    assert "Breaks consumers" in body and "vehicle.v2" in body and "Let it hold" not in body
    assert post(ours, "member-take-draft", furnished).url.endswith("/draft/")
    post(ours, "member-discard-draft", furnished)
    assert not Draft.objects.exists()


def test_the_shared_key_is_shown_and_that_is_written_down(
    furnished: Furnished, ours: Client, settings: Any, tmp_path: Any
) -> None:
    settings.KEYS = tmp_path
    (tmp_path / "exchange-providers.secret").write_text("installation")
    before = PolicyState.objects.get().version

    answer = post(ours, "member-provider-key", furnished)

    assert len(answer.context["key"]) == 64
    assert "no-store" in answer["Cache-Control"]
    assert PolicyState.objects.get().version == before + 1


@pytest.mark.req("NIX-33")
def test_the_sheet_is_edited_and_found(furnished: Furnished, ours: Client) -> None:
    post(ours, "member-service", furnished, description_en="Finds wheels")

    furnished.service.sheet.refresh_from_db()
    sheet = furnished.service.sheet
    assert (sheet.legal_basis, sheet.promise_ms) == ("001 art 31", 250)
    assert "wheels" in sheet.search


@pytest.mark.req("NIX-36")
def test_a_service_ends_only_with_notice(furnished: Furnished, ours: Client) -> None:
    post(ours, "member-cancel-withdrawal", furnished)
    assert not Withdrawal.objects.exists()

    soon = day("ends_on", "1405") | {"ends_on_1": "9"}
    body = post(ours, "member-withdrawal", furnished, **soon).content.decode()
    assert "earliest last day" in body and not Withdrawal.objects.exists()

    post(ours, "member-withdrawal", furnished)
    assert Withdrawal.objects.get().service == furnished.service


@pytest.mark.req("NIX-36")
def test_a_consumer_asks_for_more_time_and_the_provider_gives_it(
    furnished: Furnished, ours: Client, other: Client
) -> None:
    ask = reverse("member-ask-extension", args=[furnished.withdrawal.pk, furnished.consumer.code])
    assert other.get(ask).status_code == 200
    assert other.post(ask, {"reason": "Still needed"}).status_code == 302
    assert ours.get(ask).status_code == 404  # not its system
    assert "more time" in ours.get(reverse("member-home")).content.decode()

    post(ours, "member-extension", furnished)

    furnished.extension.refresh_from_db()
    assert furnished.extension.until > furnished.withdrawal.ends_at
    assert "You have it until" in other.get(reverse("member-home")).content.decode()


@pytest.mark.req("NIX-20", "NIX-22")
def test_only_an_exchange_registers_sub_members(
    furnished: Furnished, ours: Client, other: Client
) -> None:
    assert post(ours, "member-sub-members", furnished).status_code == 302
    assert Member.objects.get(code="14003142876").through == furnished.parties.ours
    again = post(ours, "member-sub-members", furnished).content.decode()
    assert "in the directory already" in again

    post(other, "member-sub-members", furnished, code="10861697123")
    assert not Member.objects.filter(code="10861697123").exists()

    other.post(path("member-sub-members", furnished), {"through": furnished.parties.ours.pk})
    furnished.parties.others.refresh_from_db()
    assert furnished.parties.others.through == furnished.parties.ours
    post(ours, "member-leave", furnished)
    furnished.sub_member.refresh_from_db()
    assert furnished.sub_member.through is None


@pytest.mark.req("NIX-34")
def test_a_connection_past_the_exchange_has_a_day_of_removal(
    furnished: Furnished, ours: Client
) -> None:
    post(ours, "member-side-connections", furnished)
    assert SideConnection.objects.filter(other_party="Port").get().removed_on is None

    post(ours, "member-side-connection", furnished)
    furnished.side.refresh_from_db()
    assert furnished.side.removed_on


@pytest.mark.req("NIX-28")
def test_an_inquiry_by_letter_counts_as_missing_until_it_is_matched(
    furnished: Furnished, ours: Client
) -> None:
    post(ours, "member-inquiries", furnished)
    by_letter = Inquiry.objects.get(card="c.1")
    assert by_letter.service is None

    post(ours, "member-match", furnished, service=furnished.service.pk)
    furnished.inquiry.refresh_from_db()
    assert furnished.inquiry.service == furnished.service and furnished.inquiry.matched_at


@pytest.mark.req("PRV-06", "PRV-07")
def test_a_role_has_one_contact_and_an_adviser_a_certificate(
    furnished: Furnished, ours: Client
) -> None:
    post(ours, "member-contacts", furnished, role="technical", name="New")
    standing = Contact.objects.filter(role="technical", ended_at=None)
    assert [contact.name for contact in standing] == ["New"]

    body = post(ours, "member-contacts", furnished, role="security-adviser").content.decode()
    assert "has a certificate" in body


def test_a_representative_who_withdraws_finds_the_door_shut(
    furnished: Furnished, ours: Client
) -> None:
    me = furnished.parties.representative
    ours.post(reverse("member-withdraw-representative", args=[me.pk]))
    assert ours.get(reverse("member-home")).status_code == 403
    assert Representative.objects.filter(member=furnished.parties.ours, active=True).count() == 1
