"""docs/write-a-service.md tells the truth: its files make a package that can be published."""

import re
from pathlib import Path

import pytest
from playing_exchange import PlayingExchange

from panjereh.agency.models import Agency
from panjereh.agency.packages.actions import publish
from panjereh.agency.packages.check import check

PAGE = Path(__file__).parents[2] / "docs" / "write-a-service.md"
FILE = re.compile(r"<!-- file: (?P<name>\S+) -->\n```\w+\n(?P<text>.*?)```", re.DOTALL)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "address-letter"
    for found in FILE.finditer(PAGE.read_text()):
        path = folder / found["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found["text"])
    return folder


@pytest.mark.req("AGW-34")
def test_the_package_of_the_page_has_nothing_to_mend(package: Path) -> None:
    assert [str(finding) for finding in check(package)] == []


@pytest.mark.django_db
def test_the_package_of_the_page_is_published(
    package: Path, agency: Agency, exchange: PlayingExchange
) -> None:
    assert publish(package, actor="reader").service_id == "civil-registration.address-letter"
