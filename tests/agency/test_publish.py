"""Publishing: what is refused, what is kept for ever, and what the nation is told."""

import shutil
from pathlib import Path

import pytest
from conftest import NEWBORN
from django.db import DatabaseError, transaction
from django.test import Client
from people import SERVICE
from playing_exchange import PlayingExchange
from walking import fill_in, submit
from working import work_off

from panjereh.agency.models import Agency, CaseEvent, ServiceVersion
from panjereh.agency.packages.actions import publish
from panjereh.agency.packages.check import check
from panjereh.agency.packages.findings import PackageRefused
from panjereh.common.outbox.models import OutboxEvent


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return Path(shutil.copytree(NEWBORN, tmp_path / "newborn-certificate"))


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_package_of_the_house_has_nothing_to_mend() -> None:
    assert check(NEWBORN) == []


@pytest.mark.req("SMT-12", "AGW-34")
@pytest.mark.django_db
def test_publishing_tells_the_catalogue_and_the_document_register(
    agency: Agency, exchange: PlayingExchange
) -> None:
    version = publish(NEWBORN, actor="editor")
    assert version.published_by == "editor"
    assert [t["kind"] for t in exchange.templates] == ["newborn-certificate"]
    card = exchange.cards[0]
    assert card["id"] == SERVICE
    host = "http://civil-registration.agency.localhost"
    assert card["delivery_link"]["fa"].startswith(host)
    assert card["delivery_link"]["fa"].endswith(f"/fa/services/{SERVICE}/apply/")
    assert OutboxEvent.objects.filter(type="agency.service.published").count() == 1


@pytest.mark.django_db
def test_the_same_version_again_changes_nothing(agency: Agency, exchange: PlayingExchange) -> None:
    first = publish(NEWBORN, actor="editor")
    calls = len(exchange.calls)
    assert publish(NEWBORN, actor="editor") == first
    assert len(exchange.calls) == calls


@pytest.mark.django_db
def test_other_content_under_the_same_version_is_refused(
    agency: Agency, exchange: PlayingExchange, package: Path
) -> None:
    publish(NEWBORN, actor="editor")
    change(package, "texts/fa.yaml", "title: صدور شناسنامه نوزاد", "title: شناسنامه")
    with pytest.raises(PackageRefused, match="raise the version"):
        publish(package, actor="editor")
    change(package, "card.yaml", 'version: "1.0"', 'version: "1.1"')
    assert publish(package, actor="editor").version == "1.1"


@pytest.mark.django_db
def test_an_unknown_agency_cannot_publish(exchange: PlayingExchange) -> None:
    with pytest.raises(PackageRefused, match="no agency"):
        publish(NEWBORN, actor="editor")


@pytest.mark.django_db
def test_what_the_catalogue_refuses_is_not_on_the_air(
    agency: Agency, exchange: PlayingExchange
) -> None:
    exchange.rejecting = {"catalogue/submit-card": "card-invalid"}
    with pytest.raises(PackageRefused, match="card-invalid"):
        publish(NEWBORN, actor="editor")
    assert not ServiceVersion.objects.exists()


@pytest.mark.django_db
def test_a_published_version_and_a_written_event_cannot_be_changed(
    mother: Client, newborn: ServiceVersion
) -> None:
    fill_in(mother)
    submit(mother)
    with pytest.raises(DatabaseError), transaction.atomic():
        ServiceVersion.objects.filter(pk=newborn.pk).update(version="9")
    with pytest.raises(DatabaseError), transaction.atomic():
        CaseEvent.objects.update(kind="other")


@pytest.mark.django_db
def test_a_case_stays_on_the_version_it_began_with(
    mother: Client, newborn: ServiceVersion, exchange: PlayingExchange, package: Path
) -> None:
    fill_in(mother)
    case = submit(mother)
    change(package, "card.yaml", 'version: "1.0"', 'version: "2.0"')
    change(package, "texts/fa.yaml", "delivered: شناسنامه نوزاد صادر شد.", "delivered: نسخه تازه.")
    publish(package, actor="editor")
    work_off()
    case.refresh_from_db()
    assert case.version == newborn
    assert "نسخه تازه" not in str(exchange.reports[case.tracking_id])


HOSPITALS = "operation: nix:health-registry.birth-notices"
NAMING = "        checks: [{decision: %s}]"
DELIVERED = "  delivered: The birth certificate is issued. Congratulations!\n"
PLACE = "Tracking ID {tracking_id}\n  held"
FAULTS = [
    ("card.yaml", "legal_basis:", "legal_base:", "no service without the law"),
    ("card.yaml", "system: postal-registry", "system: shahkar", "the card does not say so"),
    ("card.yaml", "assurance_level: 1", "assurance_level: 2", "asks for another level"),
    ("form.yaml", "type: person-name", "type: name", "Invalid enum value"),
    ("form.yaml", HOSPITALS, "operation: nix:nobody.x", "is not known"),
    ("form.yaml", NAMING % "naming", NAMING % "x", "no table"),
    ("form.yaml", "- id: child_name", "- id: father_name", "asks for father's name"),
    ("steps.yaml", "  refused: refused\n", "", "is not in both"),
    ("steps.yaml", "      notice_id: \"= chosen.notice.notice_id\"\n", "", "needs 'notice_id'"),
    ("steps.yaml", "= applicant.mobile", "= __import__('os')", "not an expression"),
    ("process.bpmn", "doc:issue.newborn-certificate", "nix:nobody.does", "is not known"),
    ("process.bpmn", 'default="is-refused"', "", "needs a default flow"),
    ("process.bpmn", 'name="صدور شناسنامه"', 'name="issue"', "no Persian name"),
    ("decisions/eligibility.dmn", "&gt; 15", "&gt; 20", "no row says what happens when"),
    ("decisions/eligibility.dmn", "FIRST", "UNIQUE", "both decide the same case"),
    ("decisions/eligibility.dmn", "FIRST", "COLLECT", "outside the subset"),
    ("decisions/naming.dmn", "&lt; 2", "string length(x)", "outside the subset"),
    ("decisions/naming.dmn", "&gt; 30", "&lt; 1", "can never decide"),
    ("texts/en.yaml", DELIVERED, "", "missing"),
    ("texts/en.yaml", PLACE, "Tracking ID\n  held", "places} to fill"),
    ("texts/fa.yaml", "title: صدور شناسنامه نوزاد", "title: شناسنامه کودكان", "write ی and ک"),
    ("texts/fa.yaml", "title: صدور شناسنامه نوزاد", "title: &a صدور\nagain: *a", "anchors"),
    ("documents/newborn-certificate.schema.json", "{", "", "not JSON"),
    ("journeys/in-time.yaml", "on-time", "late", "expected late, found on-time"),
    ("journeys/boy-name-for-girl.yaml", "رستم", "نیلوفر", "refused: expected"),
    ("journeys/no-notice.yaml", "stop: no-notice", "stop: father-applies", "expected father"),
    ("journeys/hospital-down.yaml", "down: 3", "reject: gone", "was refused: gone"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "told"), FAULTS)
def test_what_is_wrong_is_found_and_named_with_its_file(
    package: Path, file: str, old: str, new: str, told: str
) -> None:
    change(package, file, old, new)
    findings = check(package)
    assert any(told in finding.message for finding in findings), [str(f) for f in findings]


@pytest.mark.req("AGW-38", "AGW-39")
def test_a_question_that_a_registry_answers_needs_a_recorded_reason(package: Path) -> None:
    asked = "- id: mobile\n        type: text\n      - id: child_name"
    change(package, "form.yaml", "- id: child_name", asked)
    found = [f.message for f in check(package)]
    assert any("mobile" in message and "shahkar" in message for message in found)
    change(
        package,
        "form.yaml",
        "type: text",
        "type: text\n        reason: the law asks for a second number",
    )
    assert not any("shahkar" in f.message for f in check(package))


@pytest.mark.parametrize(
    "file", ["card.yaml", "form.yaml", "steps.yaml", "process.bpmn", "texts/en.yaml"]
)
def test_a_missing_file_is_named(package: Path, file: str) -> None:
    (package / file).unlink()
    assert any(f.file == file and "missing" in f.message for f in check(package))


def test_a_finding_says_its_line(package: Path) -> None:
    change(package, "form.yaml", "type: person-name", "type: name")
    finding = check(package)[0]
    line = (package / "form.yaml").read_text().splitlines().index("        type: name") + 1
    assert (finding.file, finding.line) == ("form.yaml", line)


def test_a_link_out_of_the_package_is_refused(package: Path) -> None:
    (package / "texts" / "xx.yaml").symlink_to("/etc/hostname")
    assert any("plain one" in f.message for f in check(package))
