from typing import Any

import pytest
from callers import CIVIL
from cards import card

from panjereh.national.catalogue.actions import submit_card


@pytest.fixture
def service(db: None) -> Any:
    return submit_card(consumer=CIVIL, card=card())
