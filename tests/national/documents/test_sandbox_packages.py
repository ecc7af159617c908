"""What the sandbox's agencies publish is taken by the catalogue and the register as it stands."""

import json
from pathlib import Path
from typing import Any

import papers
import pytest
import yaml
from callers import CIVIL

from panjereh.national.catalogue.cards import card_flaws
from panjereh.national.documents import actions

SERVICES = Path(__file__).parents[3] / "services"
CARDS = sorted(SERVICES.glob("*/*/card.yaml"))
SCHEMAS = sorted(SERVICES.glob("*/*/documents/*.schema.json"))
LINK = {"fa": "http://agency.localhost/fa/", "en": "http://agency.localhost/en/"}


@pytest.mark.req("CAT-01", "CAT-05")
@pytest.mark.parametrize("path", CARDS, ids=lambda p: p.parent.name)
def test_every_card_is_complete(path: Path) -> None:
    card = yaml.safe_load(path.read_text(encoding="utf-8"))

    assert card_flaws(card | {"delivery_link": LINK}) == []


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda p: p.stem)
def test_every_template_is_taken_and_issued_from(path: Path, sender: None) -> None:
    kind = path.name.removesuffix(".schema.json")
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    source = path.with_name(f"{kind}.typ").read_text(encoding="utf-8")
    actions.register_template(
        consumer=CIVIL, kind=kind, version="1.0", source=source, schema=schema
    )

    document = actions.issue(
        consumer=CIVIL, key="k", **papers.order(kind=kind, data=schema["examples"][0])
    )

    assert document.status == "valid"
