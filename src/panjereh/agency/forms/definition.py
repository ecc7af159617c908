"""form.yaml: sources, pages and fields.

A field is either shown, out of a source, or asked of the person. The component `postal-address`
unfolds into two pages: the postal code, and the address it stands for (002 art 15).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import msgspec

FieldType = Literal[
    "shown", "record", "text", "person-name", "choice", "date", "postal-code", "confirm",
    "postal-address",
]  # fmt: skip
ItemFormat = Literal["text", "date", "date-time", "number", "identifier", "value"]

POSTAL_OPERATION = "nix:postal-registry.address"


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where data come from: an operation and what it is given. `list` names what is chosen from."""

    operation: str
    inputs: dict[str, Any] = msgspec.field(name="with", default_factory=dict)
    list: str = ""
    key: str = ""
    when: str = ""


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One datum of a source that is shown."""

    item: str
    format: ItemFormat = msgspec.field(name="as", default="text")


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A decision table that judges the answer: it refuses by the output `outcome` = refuse."""

    decision: str


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    type: FieldType
    source: str = ""
    items: list[Item] = []
    prefill: str = ""
    checks: list[Check] = []
    choices: list[str] = []
    required: bool = True
    max_length: int = 60
    reason: str = ""  # why a person is asked for what a registry holds (AGW-39)

    @property
    def asked(self) -> bool:
        return self.type != "shown"

    @property
    def name(self) -> str:
        """Its name on the page: the last part of the id."""
        return self.id.rpartition(".")[2]


class Stop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When it is no use to go on, say so kindly, with `stops.<id>` of the texts."""

    id: str
    when: str


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    fields: list[Field]
    when: str = ""
    stops: list[Stop] = []


class Applicants(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a service is for, where a law limits it (004 107(j)). Companies have no age."""

    minimum_age: int = 0
    law: dict[str, str] = {}  # by language; what limits it


class FormFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    assurance_level: int
    sources: dict[str, Source]
    pages: list[Page]
    applicants: Applicants = Applicants()


@dataclass(frozen=True)
class Form:
    """A form ready to be viewed: components unfolded."""

    assurance_level: int
    sources: dict[str, Source]
    pages: tuple[Page, ...]
    components: dict[str, tuple[str, ...]]  # field id of a component -> its pages
    judged_by: dict[str, frozenset[str]]  # field id -> facts that its decision tables read
    applicants: Applicants

    @cached_property
    def fields(self) -> dict[str, Field]:
        return {field.id: field for page in self.pages for field in page.fields}

    @cached_property
    def page_of(self) -> dict[str, Page]:
        return {page.id: page for page in self.pages}

    def pages_for(self, subject: str) -> tuple[str, ...]:
        """The pages of a step `form:<subject>`: a component's, or the page of that name."""
        return self.components.get(subject, (subject,))


def unfolded(file: FormFile, table_facts: Mapping[str, frozenset[str]]) -> Form:
    """`table_facts`: what each decision table of the package reads."""
    sources = dict(file.sources)
    pages: list[Page] = []
    components: dict[str, tuple[str, ...]] = {}
    for page in file.pages:
        addresses = [field for field in page.fields if field.type == "postal-address"]
        if not addresses:
            pages.append(page)
            continue
        field = addresses[0]
        sources[field.id] = _address_source(field)
        made = _address_pages(page, field)
        components[field.id] = tuple(p.id for p in made)
        pages.extend(made)
    judged_by = {
        field.id: frozenset().union(*(table_facts.get(c.decision, ()) for c in field.checks))
        for page in pages
        for field in page.fields
        if field.checks
    }
    return Form(
        assurance_level=file.assurance_level,
        sources=sources,
        pages=tuple(pages),
        components=components,
        judged_by=judged_by,
        applicants=file.applicants,
    )


def _address_source(field: Field) -> Source:
    return Source(
        operation=POSTAL_OPERATION, inputs={"postal_code": f"= answers.{field.id}.postal_code"}
    )


def _address_pages(page: Page, field: Field) -> list[Page]:
    """AGW-06: only the postal code is asked; the address comes from the registry, read-only."""
    code = Field(
        id=f"{field.id}.postal_code", type="postal-code", prefill=field.prefill, reason=field.reason
    )
    shown = Field(
        id=f"{field.id}.shown", type="shown", source=field.id, items=[Item(item="description")]
    )
    confirmed = Field(id=f"{field.id}.confirmed", type="confirm", source=field.id)
    return [
        Page(id=page.id, fields=[code], when=page.when, stops=page.stops),
        Page(id=f"{page.id}-confirm", fields=[shown, confirmed], when=page.when),
    ]
