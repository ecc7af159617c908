"""Compile the translations, and check that every text a person can see has a Persian one.

`python -m panjereh.runtime.translations compile` (make) and `… check` (the lint).
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
SHARED = ("ui", "sdk")  # their texts are on every site's path
ANYWHERE = ("runtime", "cli")  # settings name texts of the site they describe
# pgettext keeps its context before the text.
TEXTS_OF = {"gettext": 1, "_": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2}
TEXTS_OF |= {"ngettext_lazy": 2}
TEXTS_AFTER_CONTEXT = {"pgettext": 1, "pgettext_lazy": 1, "npgettext": 2, "npgettext_lazy": 2}
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]*[\d.]*[a-zA-Z]|%([sdrf])|\{(\w*)[^{}]*\}")
ARABIC_LETTERS = {"ي": "ی", "ك": "ک", "ى": "ی"}


@dataclass(frozen=True)
class Use:
    """A text in the source."""

    text: str
    place: str
    package: str


def compile_all(root: Path = ROOT) -> list[Path]:
    """Write django.mo beside every django.po."""
    written = []
    for source in catalogues(root):
        target = source.with_suffix(".mo")
        polib.pofile(str(source)).save_as_mofile(str(target))
        written.append(target)
    return written


def catalogues(root: Path, language: str = "*") -> list[Path]:
    return sorted(root.rglob(f"locale/{language}/LC_MESSAGES/django.po"))


def findings(root: Path = ROOT) -> list[str]:
    """What must be mended, one line each."""
    wrong = [line for path in catalogues(root, "fa") for line in _wrong_entries(path, root)]
    known = {package: _texts(root, package) for package in _packages(root)}
    everything = set().union(*known.values()) if known else set()
    for use in uses(root):
        near = set().union(*(known.get(p, set()) for p in (*SHARED, use.package)))
        if use.text not in (everything if use.package in ANYWHERE else near):
            wrong.append(f"{use.place}: no Persian text for {use.text!r}")
    return wrong


def _packages(root: Path) -> list[str]:
    return [path.name for path in root.iterdir() if path.is_dir()]


def _texts(root: Path, package: str) -> set[str]:
    """The msgids that `package` has in Persian."""
    files = [polib.pofile(str(path)) for path in catalogues(root / package, "fa")]
    return {
        text
        for file in files
        for entry in file
        if not entry.obsolete
        for text in (entry.msgid, entry.msgid_plural)
        if text
    }


def _wrong_entries(path: Path, root: Path) -> Iterator[str]:
    for entry in polib.pofile(str(path)):
        if entry.obsolete:
            continue
        place = f"{path.relative_to(root)}:{entry.linenum}"
        if entry.fuzzy:
            yield f"{place}: fuzzy: {entry.msgid!r}"
        for translated in _translations(entry):
            yield from (
                f"{place}: {reason}: {entry.msgid!r}" for reason in _faults(entry, translated)
            )


def _translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def _faults(entry: polib.POEntry, translated: str) -> Iterator[str]:
    if not translated.strip():
        yield "empty"
        return
    for arabic, persian in ARABIC_LETTERS.items():
        if arabic in translated:
            yield f"Arabic {arabic} instead of {persian}"
    found, singular = placeholders(translated), placeholders(entry.msgid)
    plural = placeholders(entry.msgid_plural) if entry.msgid_plural else singular
    if found - (singular | plural) or (singular & plural) - found:
        yield f"placeholders {sorted(found)} instead of {sorted(singular | plural)}"


def placeholders(text: str) -> set[str]:
    matches = PLACEHOLDER.finditer(text.replace("%%", ""))
    return {next(part for part in match.groups() if part is not None) for match in matches}


def uses(root: Path) -> Iterator[Use]:
    """Every text that Python code or a template of ours asks a translation for."""
    for path in sorted(root.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from _located(path, root, _texts_in_python(path.read_text()))
    for folder in sorted(root.rglob("templates")):
        for path in sorted(p for p in folder.rglob("*") if p.suffix in {".html", ".txt"}):
            yield from _located(path, root, _texts_in_template(path.read_text(), str(path)))


def _located(path: Path, root: Path, found: Iterator[tuple[str, int]]) -> Iterator[Use]:
    relative = path.relative_to(root)
    for text, line in found:
        yield Use(text, f"{relative}:{line}", relative.parts[0].removesuffix(".py"))


def _texts_in_python(source: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            for argument in _text_arguments(node):
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value, node.lineno


def _text_arguments(call: ast.Call) -> list[ast.expr]:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            if name in TEXTS_AFTER_CONTEXT:
                return call.args[1 : 1 + TEXTS_AFTER_CONTEXT[name]]
            return call.args[: TEXTS_OF.get(name, 0)]
    return []


def _texts_in_template(source: str, origin: str) -> Iterator[tuple[str, int]]:
    """Django turns a template into calls of gettext among X's; what is between does not parse."""
    from django.utils.translation.template import templatize  # noqa: PLC0415  # needs no settings

    for number, line in enumerate(templatize(source, origin=origin).splitlines(), start=1):
        for call in re.finditer(r"\b(_|n?p?gettext)\((?=u?['\"])", line):
            yield from ((text, number) for text in _literal_arguments(line[call.start() :]))


def _literal_arguments(code: str) -> list[str]:
    """The texts of the call that `code` begins with."""
    for end in (match.end() for match in re.finditer(r"\)", code)):
        try:
            call = ast.parse(code[:end], mode="eval").body
        except SyntaxError:
            continue
        found = _text_arguments(call) if isinstance(call, ast.Call) else []
        return [a.value for a in found if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return []


def main(arguments: list[str]) -> int:
    if arguments == ["compile"]:
        sys.stdout.write(f"{len(compile_all())} catalogues compiled\n")
        return 0
    if arguments == ["check"]:
        wrong = findings()
        sys.stdout.writelines(f"{line}\n" for line in wrong)
        return 1 if wrong else 0
    sys.stderr.write("usage: python -m panjereh.runtime.translations compile|check\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
