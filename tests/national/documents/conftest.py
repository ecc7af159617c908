from typing import Any

import papers
import pytest
from callers import CIVIL

from panjereh.national.documents import actions
from panjereh.national.documents.models import Document, Template
from panjereh.national.messaging.actions import register_sender


@pytest.fixture
def sender(db: None) -> None:
    register_sender(system=CIVIL, name="سازمان ثبت احوال کشور", mask="404011")


@pytest.fixture
def template(sender: None) -> Template:
    return actions.register_template(consumer=CIVIL, **papers.template())


@pytest.fixture
def issue(template: Template) -> Any:
    def issue(key: str = "case-1", **changed: Any) -> Document:
        return actions.issue(consumer=CIVIL, key=key, case=papers.CASE, **papers.order(**changed))

    return issue


@pytest.fixture
def document(issue: Any) -> Document:
    made: Document = issue()
    return made
