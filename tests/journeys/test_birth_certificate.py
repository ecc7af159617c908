"""One request, from the hospital's notice to the signed certificate in the e-box."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.browser import assert_accessible, assert_reflows
from support.citizen import SERVICE, Citizen

pytestmark = [pytest.mark.journey, pytest.mark.browser]


@pytest.mark.req("SMT-12", "WIN-01", "WIN-03", "SSO-01", "SSO-02", "SSO-03", "AGW-38", "TRK-07")
@pytest.mark.req("AGW-03", "AGW-06", "DOC-01", "DOC-02", "DOC-03", "DOC-22", "MSG-07", "WIN-09")
@pytest.mark.req("FBK-01", "FBK-02", "WIN-23", "TRK-01", "TRK-03", "TRK-04", "SMT-09", "WIN-20")
def test_a_mother_gets_the_birth_certificate_of_her_newborn(
    mother: Citizen, citizen: Callable[..., Citizen], tmp_path: Path
) -> None:
    facts = mother.facts
    mother.finds_the_service()
    mother.starts()
    mother.registers()

    # No second login: she is at the agency's window, known by name.
    assert "civil-registration.agency.localhost" in mother.page.url
    assert facts["family_name"] in mother.page.inner_text("header")

    # What the registries know is shown with its source and cannot be edited.
    assert not mother.page.locator("main input[type=text]").count()
    mother.confirms_the_birth()
    for parent in (facts, facts["husband"]):
        assert parent["given_name"] in mother.reads()
    assert not mother.page.locator("main input[type=text]").count()
    assert "ثبت احوال" in mother.reads()
    mother.presses()

    mother.answers(child_name=mother.child_name)
    mother.presses()
    assert not mother.page.locator("main input[type=text]").count(), "the address is read-only"
    mother.page.locator("main input[type=radio][value=yes]").check()
    mother.presses()
    assert mother.child_name in mother.reads()
    tracking_id = mother.sends()

    assert tracking_id in mother.page.content()
    assert tracking_id in mother.phone.wait_for(tracking_id)
    mother.waits_until("#document-link")
    assert "مهلت" in mother.reads(), "the row that decided is told"
    address = mother.page.get_attribute("#document-link", "href") or ""

    pdf = _opens_the_e_box(mother, tmp_path)
    _a_stranger_verifies(citizen(facts), address)
    if shutil.which("pdfsig"):
        said = subprocess.run(
            ["pdfsig", "-nocert", pdf], capture_output=True, text=True, check=False
        )
        assert "Signature is Valid" in said.stdout
        assert "Total document signed" in said.stdout

    _rates(mother, tracking_id)
    _the_father_sees_the_child(citizen(facts["husband"]), mother.child_name)


def _opens_the_e_box(mother: Citizen, folder: Path) -> Path:
    mother.open("window", "ebox/")
    mother.opens_the_first_letter()
    link = mother.page.get_attribute("main a[href*='/documents/']", "href") or ""
    answer = mother.page.request.get(
        mother.platform.public_urls["window"].replace("window.localhost", "127.0.0.1") + link,
        headers={"Host": "window.localhost", "Cookie": _cookies(mother)},
    )
    file = folder / "certificate.pdf"
    file.write_bytes(answer.body())
    assert file.read_bytes().startswith(b"%PDF")
    return file


def _cookies(person: Citizen) -> str:
    kept = person.page.context.cookies(person.page.url)
    return "; ".join(f"{c.get('name')}={c.get('value')}" for c in kept)


def _a_stranger_verifies(stranger: Citizen, address: str) -> None:
    stranger.page.goto(address)
    assert "معتبر" in stranger.reads()
    assert stranger.facts["national_id"] not in stranger.page.content()


def _rates(mother: Citizen, tracking_id: str) -> None:
    mother.open("window", f"requests/{tracking_id}/")
    mother.waits_until("main input[name=stars]")
    mother.page.locator("main input[name=stars][value='4']").check()
    mother.presses()
    mother.open("window", f"services/{SERVICE}/")
    mother.waits_until("main .app-stars")


def _the_father_sees_the_child(father: Citizen, child: str) -> None:
    father.open("window", "me/family/")
    father.registers()
    assert child in father.reads()


@pytest.mark.req("AGW-07")
def test_an_address_that_is_not_hers_holds_the_request_until_the_right_one(
    mother: Citizen, citizen: Callable[..., Citizen]
) -> None:
    mother.arrives_at_the_form()
    mother.reaches_the_address()
    mother.presses()
    mother.page.locator("main input[type=radio][value=no]").check()
    mother.presses()
    assert "منتظر نشانی" in mother.reads()
    mother.page.locator("main a[href*='/review/']").click()
    mother.sends()

    # She has her tracking id and the request waits, visibly.
    mother.waits_until("a[href*='/answer/']")
    assert not mother.page.locator("#document-link").count()
    page = mother.page.url
    mother.page.locator("a[href*='/answer/']").first.click()
    mother.answers(**{_postal_field(mother): mother.facts["husband"]["postal_code"]})
    mother.page.locator("main input[type=radio][value=yes]").check()
    mother.presses()

    mother.page.goto(page)
    mother.waits_until("#document-link")


def _postal_field(person: Citizen) -> str:
    return person.page.locator("main input[inputmode=numeric]").first.get_attribute("name") or ""


@pytest.mark.parametrize(("lang", "width"), [("fa", 1280), ("fa", 320), ("en", 320)])
@pytest.mark.req("AGW-16", "AGW-19", "AGW-20", "PER-08", "PER-16", "WIN-27")
def test_every_page_of_the_journey_is_sound(
    mother_facts: dict[str, Any], citizen: Callable[..., Citizen], lang: str, width: int
) -> None:
    """Accessible, without sideways scrolling, without a run that would be printed backwards."""
    from support.bidi import misplaced_runs

    mother = citizen(mother_facts, lang, width, scripts=True)

    def look() -> None:
        assert_accessible(mother.page)
        assert_reflows(mother.page)
        assert not misplaced_runs(mother.page.content())

    def ticks_yes() -> None:
        mother.page.locator("main input[type=radio][value=yes]").check()

    steps: list[Callable[[], object]] = [
        mother.finds_the_service,
        mother.starts,
        mother.begins_registration,
        mother.types_the_code,
        mother.presses,
        mother.confirms_the_birth,
        mother.presses,
        lambda: mother.answers(child_name="دکتر"),
        lambda: mother.answers(child_name=mother.child_name),
        mother.presses,
        ticks_yes,
        mother.presses,
        mother.sends,
        lambda: mother.waits_until("#document-link"),
        mother.follows_the_document,
        lambda: mother.open("window", "me/"),
        lambda: mother.open("window", "me/family/"),
        lambda: mother.open("window", "ebox/"),
        mother.opens_the_first_letter,
        lambda: mother.open("window", "requests/"),
        lambda: mother.open("sso", "account/"),
    ]
    for step in steps:
        step()
        look()


@pytest.mark.req("PRV-01")
def test_no_identifier_of_hers_is_in_a_log_or_an_address(
    mother: Citizen, logs: Callable[[], str]
) -> None:
    addresses: list[str] = []
    mother.page.on("request", lambda request: addresses.append(request.url))
    mother.arrives_at_the_form()
    mother.reaches_the_address()
    mother.confirms_the_address()
    mother.sends()
    mother.waits_until("#document-link")

    private = [
        mother.facts["national_id"],
        mother.facts["mobile"],
        mother.facts["mobile"].removeprefix("0"),
        mother.facts["husband"]["national_id"],
        mother.facts["family_name"],
    ]
    told = logs() + "\n".join(addresses)
    assert re.search(r"\S", told)
    assert [p for p in private if p in told] == []
