"""Judge an answer where it is given, by the decision tables of the package."""

from collections.abc import Mapping
from typing import Any

from panjereh.agency.engine.decisions import Decision, DecisionTable
from panjereh.agency.forms import scope as scopes
from panjereh.agency.forms.definition import Form
from panjereh.agency.forms.view import Known, scope_of

REFUSE = "refuse"


def judge(
    form: Form, known: Known, answers: dict[str, Any], tables: Mapping[str, DecisionTable]
) -> dict[str, Decision]:
    """What the tables refuse, by field. The answers are judged as if they were already given."""
    tried = known.answers
    for field_id, value in answers.items():
        tried = scopes.with_path(tried, field_id, value)
    scope = scope_of(form, Known(known.applicant, tried, known.records))
    refused: dict[str, Decision] = {}
    for field_id in answers:
        for check in form.fields[field_id].checks:
            decision = tables[check.decision].decide(scope)
            if decision.outputs.get("outcome") == REFUSE:
                refused.setdefault(field_id, decision)
    return refused
