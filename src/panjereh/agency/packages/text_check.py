"""The texts: every language says the same things, everything shown has a text, and it is short."""

import re
from collections.abc import Iterator

from panjereh.agency.engine import diagram
from panjereh.agency.packages import located
from panjereh.agency.packages.findings import Finding
from panjereh.agency.packages.model import PROCESS, Package
from panjereh.agency.packages.texts import LANGUAGES, places

MAX_WORDS = 32  # in a sentence; longer ones are not read to their end

_SENTENCE_END = re.compile(r"[.!?؟;؛:\n]")
_ARABIC_LETTERS = re.compile(r"[يك]")


def check(package: Package) -> Iterator[Finding]:
    wanted = set(expected_keys(package))
    every = {key for texts in package.texts.values() for key in texts} | wanted
    for language in LANGUAGES:
        texts = package.texts[language]
        file = f"texts/{language}.yaml"
        where = located.read(file, package.files[file])
        for key in sorted(every):
            if not texts.get(key):
                yield where.finding(key, "this text is missing")
            else:
                yield from (where.finding(key, flaw) for flaw in _flaws(language, texts[key]))
    for key in sorted(every):
        yield from _same_places(package, key)


def _flaws(language: str, text: str) -> Iterator[str]:
    if any(len(sentence.split()) > MAX_WORDS for sentence in _SENTENCE_END.split(text)):
        yield f"a sentence has more than {MAX_WORDS} words"
    if language == "fa" and _ARABIC_LETTERS.search(text):
        yield "Arabic ي or ك; write ی and ک"


def _same_places(package: Package, key: str) -> Iterator[Finding]:
    found = {language: places(package.text(key, language)) for language in LANGUAGES}
    if len({frozenset(names) for names in found.values()}) > 1:
        yield Finding("texts", 0, key, "the languages have different {places} to fill")


def expected_keys(package: Package) -> Iterator[str]:
    # Every request is answered by an SMS with its id (TRK-07), a held one with what it waits for.
    yield from ("title", "intro", "messages.received")
    if package.form.components:
        yield "messages.held"
    yield from _form_keys(package)
    for table in package.tables.values():
        yield f"decisions.{table.name}.title"
        for row in table.rows:
            yield f"decisions.{table.name}.rows.{row.id}"
            if law := row.annotations.get("law"):
                yield f"laws.{law}"
    for end in package.steps.ends:
        yield f"ends.{end}"
    for kind in package.documents:
        yield f"documents.{kind}.title"
    yield from _process_keys(package)


def _form_keys(package: Package) -> Iterator[str]:
    for page in package.form.pages:
        yield f"pages.{page.id}.title"
        for stop in page.stops:
            yield from (f"stops.{stop.id}.title", f"stops.{stop.id}.text")
        for field in page.fields:
            if field.asked:
                yield f"fields.{field.id}.label"
            yield from (f"fields.{field.id}.choices.{choice}" for choice in field.choices)
            yield from (f"items.{field.source}.{item.item}" for item in field.items)
    for component in package.form.components:
        yield from (f"holds.{component}.title", f"holds.{component}.text")


def _process_keys(package: Package) -> Iterator[str]:
    for element in diagram.elements(package.files[PROCESS]):
        if element.implementation.startswith("msg:notify."):
            yield f"messages.{element.implementation.removeprefix('msg:notify.')}"
        if element.kind == "userTask":
            yield from (f"steps.{element.id}", f"resumed.{element.id}")
