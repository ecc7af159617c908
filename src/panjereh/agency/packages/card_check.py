"""The service card: complete by itself, and true about the rest of the package.

The national catalogue has the last word on its form when the package is published.
"""

from collections.abc import Iterator
from typing import Any

from panjereh.agency.engine import diagram
from panjereh.agency.operations import registry
from panjereh.agency.packages import located
from panjereh.agency.packages.findings import Finding
from panjereh.agency.packages.model import CARD, PROCESS, Package
from panjereh.agency.packages.texts import LANGUAGES

# What an agency has to state (service_card_fields.json); the catalogue checks the form of each.
REQUIRED = (
    "agency", "title", "standard_title", "summary", "description", "nature", "category",
    "life_events", "audience", "recipients", "synonyms", "legal_basis", "fee", "duration",
    "assurance_level", "channels", "e_delivery_level", "in_person_reasons", "inputs",
    "registry_inputs", "documents_needed", "steps", "units", "owner", "statistics", "smart_status",
)  # fmt: skip
_BILINGUAL = ("title", "standard_title", "summary", "description", "recipients")


def check(package: Package) -> Iterator[Finding]:
    card = located.read(CARD, package.files[CARD])
    for key in REQUIRED:
        if package.card.get(key) in (None, "", {}):
            yield card.finding(key, "the card must state this")
    for key in _BILINGUAL:
        yield from _languages(card, key, package.card.get(key))
    if not package.card.get("legal_basis"):
        yield card.finding("legal_basis", "no service without the law it rests on")
    yield from _identity(package, card)
    yield from _inputs(package, card)


def _languages(card: located.Located, key: str, value: Any) -> Iterator[Finding]:
    if not isinstance(value, dict):
        return
    for language in LANGUAGES:
        if not value.get(language):
            yield card.finding(key, f"has no text in {language}")


def _identity(package: Package, card: located.Located) -> Iterator[Finding]:
    agency = package.card.get("agency")
    if isinstance(agency, dict) and agency.get("code") != package.agency:
        yield card.finding("agency.code", f"the id says that the agency is {package.agency!r}")
    if package.card.get("assurance_level") != package.form.assurance_level:
        yield card.finding("assurance_level", "form.yaml asks for another level")


def _inputs(package: Package, card: located.Located) -> Iterator[Finding]:
    """Field 24 tells what comes from registries: exactly what form and process really ask."""
    stated = {
        (str(entry.get("system")), str(entry.get("service")))
        for entry in package.card.get("registry_inputs") or []
        if isinstance(entry, dict)
    }
    asked = _asked_systems(package)
    for system in sorted(asked - {system for system, _ in stated}):
        yield card.finding(
            "registry_inputs", f"the service asks {system}; the card does not say so"
        )
    for system in sorted({system for system, _ in stated} - asked):
        yield card.finding("registry_inputs", f"the service never asks {system}")
    questions = [f for f in package.form.fields.values() if f.asked and f.type != "record"]
    if questions and not package.card.get("inputs"):
        yield card.finding("inputs", "the form asks the person, and the card says it does not")


def _asked_systems(package: Package) -> set[str]:
    names = [source.operation for source in package.form.sources.values()]
    names += [e.implementation for e in diagram.elements(package.files[PROCESS])]
    found = (registry.find(name) for name in names if name.startswith("nix:"))
    return {operation[0].system for operation in found if operation}
