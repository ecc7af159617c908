"""What a form looks like, given what is known: a pure function of definition and answers.

Nothing is fetched, stored or asked of a clock here. The view says which sources are needed; the
caller fetches them and looks again.
"""

from dataclasses import dataclass
from typing import Any, Literal

from panjereh.agency.engine import expressions
from panjereh.agency.forms import scope as scopes
from panjereh.agency.forms.definition import Field, Form, Page, Source
from panjereh.agency.forms.scope import Scope

PageState = Literal["done", "current", "later"]


@dataclass(frozen=True)
class Record:
    """What a source answered, to which question, and when (ISO 8601)."""

    asked: dict[str, Any]
    data: dict[str, Any]
    at: str


@dataclass(frozen=True)
class Known:
    """All that a view is made of."""

    applicant: Scope
    answers: Scope
    records: dict[str, Record]
    seen: frozenset[str] = frozenset()  # pages of shown data that the person has passed
    skipped: frozenset[str] = frozenset()  # sources that do not answer now and are only offers


@dataclass(frozen=True)
class Need:
    source: str
    operation: str
    asked: dict[str, Any]


@dataclass(frozen=True)
class FieldView:
    field: Field
    value: Any
    shown: dict[str, Any] | None  # the record that is shown or confirmed
    options: list[dict[str, Any]]
    key: str  # what tells the options apart
    at: str


@dataclass(frozen=True)
class PageView:
    page: Page
    state: PageState
    fields: list[FieldView]
    stop: str  # the id of the reason why there is no going on


@dataclass(frozen=True)
class FormView:
    pages: list[PageView]
    needs: list[Need]
    scope: Scope
    hold: str  # the component whose answer holds the request

    @property
    def current(self) -> PageView | None:
        return next((p for p in self.pages if p.state == "current"), None)

    @property
    def complete(self) -> bool:
        return not self.needs and all(p.state == "done" for p in self.pages)

    def page(self, page_id: str) -> PageView | None:
        return next((p for p in self.pages if p.page.id == page_id), None)


def view(form: Form, known: Known) -> FormView:
    scope = scope_of(form, known)
    pages: list[PageView] = []
    needs: list[Need] = []
    for page in form.pages:
        open_page = all(p.state == "done" for p in pages)
        if page.when and (not open_page or not expressions.evaluate(page.when, scope)):
            continue
        if open_page:
            needs += _needs(form, page, known, scope)
        pages.append(_page(form, page, known, scope, open_page, not needs))
    return FormView(pages, needs, scope, _hold(form, known))


def scope_of(form: Form, known: Known) -> Scope:
    scope: Scope = {
        "applicant": known.applicant,
        "answers": known.answers,
        "named": scopes.named(form, known.answers),
        "chosen": {},
        "records": {},
    }
    # A source may hang on a choice, and a choice on a source: look until nothing new is known.
    while True:
        records = {n: r.data for n, r in known.records.items() if _fresh(form, n, known, scope)}
        chosen = _chosen(form, {**scope, "records": records}, known)
        if records == scope["records"] and chosen == scope["chosen"]:
            return scope
        scope = {**scope, "records": records, "chosen": chosen}


def _chosen(form: Form, scope: Scope, known: Known) -> Scope:
    found = {}
    for field in form.fields.values():
        if field.type == "record":
            entry = _entry(form.sources[field.source], field, scope, known)
            if entry is not None:
                found[field.id] = entry
    return found


def _entry(source: Source, field: Field, scope: Scope, known: Known) -> dict[str, Any] | None:
    """The entry that was chosen, or the only one there is."""
    entries = entries_of(source, scope["records"].get(field.source))
    if len(entries) == 1:
        return entries[0]
    wanted = known.answers.get(field.id)
    return next((entry for entry in entries if entry.get(source.key) == wanted), None)


def entries_of(source: Source, data: dict[str, Any] | None) -> list[dict[str, Any]]:
    return list((data or {}).get(source.list, []))


def _fresh(form: Form, name: str, known: Known, scope: Scope) -> bool:
    """A record counts only as the answer to the question that would be asked now."""
    record = known.records.get(name)
    if record is None or name not in form.sources:
        return False
    return bool(record.asked == scopes.resolve(form.sources[name].inputs, scope))


def _wanted(source: Source, scope: Scope) -> dict[str, Any] | None:
    """The question to ask; None while it cannot be asked or need not be."""
    if source.when and not expressions.evaluate(source.when, scope):
        return None
    asked: dict[str, Any] = scopes.resolve(source.inputs, scope)
    return None if any(value is None for value in asked.values()) else asked


def _sources_of(page: Page, known: Known) -> list[str]:
    named = [field.source for field in page.fields if field.source]
    prefills = [
        field.prefill.partition(".")[0]
        for field in page.fields
        if field.prefill and scopes.get_path(known.answers, field.id) is None
    ]
    read = [name.partition(".")[0] for kind, name in _read_by_stops(page) if kind == "records"]
    return list(dict.fromkeys([*named, *prefills, *read]))


def _read_by_stops(page: Page) -> list[tuple[str, str]]:
    return sorted(r for stop in page.stops for r in scopes.references(stop.when))


def _needs(form: Form, page: Page, known: Known, scope: Scope) -> list[Need]:
    found = []
    for name in _sources_of(page, known):
        asked = _wanted(form.sources[name], scope)
        if asked is not None and name not in scope["records"] and name not in known.skipped:
            found.append(Need(name, form.sources[name].operation, asked))
    return found


def _page(
    form: Form, page: Page, known: Known, scope: Scope, open_page: bool, fetched: bool
) -> PageView:
    fields = [_field(form, field, known, scope) for field in page.fields]
    if not open_page:
        return PageView(page, "later", fields, "")
    stop = _stop(page, scope) if fetched else ""
    done = fetched and not stop and _is_done(page, fields, known)
    return PageView(page, "done" if done else "current", fields, stop)


def _stop(page: Page, scope: Scope) -> str:
    return next((s.id for s in page.stops if expressions.evaluate(s.when, scope)), "")


def _is_done(page: Page, fields: list[FieldView], known: Known) -> bool:
    asked = [f for f in fields if _is_question(f)]
    if not asked:
        return page.id in known.seen
    return all(f.value is not None or not f.field.required for f in asked)


def _is_question(shown: FieldView) -> bool:
    """A choice among one is no question (DESIGN 5.4: nobody is asked for what is known)."""
    if shown.field.type == "record":
        return len(shown.options) > 1
    return shown.field.asked


def _field(form: Form, field: Field, known: Known, scope: Scope) -> FieldView:
    record = known.records.get(field.source)
    data = scope["records"].get(field.source)
    options = entries_of(form.sources[field.source], data) if field.type == "record" else []
    if field.type == "record":
        data = scope["chosen"].get(field.id)
    return FieldView(
        field=field,
        value=_value(field, known, scope),
        shown=data,
        options=options,
        key=form.sources[field.source].key if field.source else "",
        at=record.at if record else "",
    )


def _value(field: Field, known: Known, scope: Scope) -> Any:
    if field.type == "record" and field.id not in scope["chosen"]:
        return None
    return scopes.get_path(known.answers, field.id)


def prefilled(shown: FieldView, form_view: FormView) -> Any:
    """What stands in an empty field: an offer out of a registry, never an answer by itself."""
    if shown.value is not None or not shown.field.prefill:
        return shown.value
    return scopes.get_path(form_view.scope["records"], shown.field.prefill)


def _hold(form: Form, known: Known) -> str:
    """002 art 15 note: an address that is not confirmed holds the request."""
    for component in form.components:
        if scopes.get_path(known.answers, f"{component}.confirmed") is False:
            return component
    return ""


def dependents(form: Form, field_id: str) -> frozenset[str]:
    """The fields whose ground is gone when this one changes."""
    changed, grown = {field_id}, True
    while grown:
        more = {f for f in form.fields if f not in changed and _reads(form, f, changed)}
        changed |= more
        grown = bool(more)
    return frozenset(changed - {field_id})


def _reads(form: Form, field_id: str, changed: set[str]) -> bool:
    return any(_hangs_on(form, reference, changed) for reference in _references(form, field_id))


def _references(form: Form, field_id: str) -> set[tuple[str, str]]:
    field = form.fields[field_id]
    page = next(p for p in form.pages if field in p.fields)
    read = scopes.references(page.when)
    for fact in form.judged_by.get(field_id, frozenset()):
        read |= scopes.references(fact)
    return read | ({("records", field.source)} if field.source else set())


def _hangs_on(form: Form, reference: tuple[str, str], changed: set[str]) -> bool:
    kind, name = reference
    if kind == "records":
        return _source_hangs_on(form, name.partition(".")[0], changed)
    return any(name == c or name.startswith(f"{c}.") or c.startswith(f"{name}.") for c in changed)


def _source_hangs_on(form: Form, name: str, changed: set[str]) -> bool:
    source = form.sources.get(name)
    if source is None:
        return False
    texts = [source.when, *scopes.expressions_in(source.inputs)]
    read = {reference for text in texts for reference in scopes.references(text)}
    return any(_hangs_on(form, reference, changed) for reference in read)
