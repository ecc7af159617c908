"""A service package in memory, read from the texts of its files."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from panjereh.agency.engine import spiff
from panjereh.agency.engine.decisions import DecisionTable
from panjereh.agency.engine.dmn import Table
from panjereh.agency.forms.definition import Form
from panjereh.agency.operations.registry import Service

CARD, FORM, STEPS, PROCESS = "card.yaml", "form.yaml", "steps.yaml", "process.bpmn"


class StepFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a step of the diagram is given; texts that begin with `=` are expressions."""

    inputs: dict[str, Any] = msgspec.field(name="with", default_factory=dict)


class StepsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """steps.yaml: what the diagram leaves open, so that the diagram stays plain BPMN."""

    decision: str  # the table whose decision the applicant is told
    ends: dict[str, str]  # end event -> delivered or refused
    steps: dict[str, StepFile]


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One recorded exchange of a sample journey; the first that fits a question answers it."""

    operation: str
    inputs: dict[str, Any] = msgspec.field(name="with", default_factory=dict)
    answer: dict[str, Any] | None = None
    reject: str = ""
    down: int = 0  # how often it is unavailable before it answers


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    end: str = ""  # delivered or refused
    hold: str = ""  # the component whose answer held the request
    stop: str = ""  # the stop of the form where it ended
    refused: dict[str, str] = {}  # field -> row of the table that refused it
    decisions: dict[str, str] = {}  # table -> row
    done: list[str] = []  # steps that must have been done


class Journey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    applicant: dict[str, Any]
    answers: dict[str, Any]
    exchange: list[Answered]
    expect: Expected
    later: dict[str, Any] = {}  # answers given once the request is on hold


@dataclass(frozen=True)
class Document:
    kind: str
    source: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class Package:
    files: Mapping[str, str]
    card: dict[str, Any]
    form: Form
    steps: StepsFile
    tables: dict[str, Table]
    documents: dict[str, Document]
    texts: dict[str, dict[str, str]]
    journeys: dict[str, Journey]

    @property
    def service_id(self) -> str:
        return str(self.card["id"])

    @property
    def version(self) -> str:
        return str(self.card["version"])

    @property
    def agency(self) -> str:
        return self.service_id.partition(".")[0]

    @property
    def service(self) -> Service:
        return Service(self.service_id, self.version, self.texts)

    @property
    def sha256(self) -> str:
        return digest(self.files)

    @cached_property
    def diagram(self) -> spiff.Diagram:
        return spiff.read(self.files[PROCESS])

    @cached_property
    def decision_tables(self) -> dict[str, DecisionTable]:
        return {name: DecisionTable(table) for name, table in self.tables.items()}

    def text(self, key: str, language: str) -> str:
        return self.texts[language].get(key, "")

    def in_all_languages(self, key: str) -> dict[str, str]:
        """Empty when the package says nothing under this key."""
        return {lang: texts[key] for lang, texts in self.texts.items() if texts.get(key)}


def digest(files: Mapping[str, str]) -> str:
    canonical = json.dumps(dict(sorted(files.items())), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
