"""The bug we would ship: runs that the bidi algorithm turns around inside Persian text.

A code with hyphens, a masked phone, a date with slashes and a Latin run must be inside <bdi>, or
between the isolating marks U+2066 and U+2069 where there is no markup.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

ISOLATED = re.compile("[\u2066-\u2068][^\u2069]*\u2069")
DIGIT = "[0-9۰-۹٠-٩]"
SUSPECTS = {
    "digits joined by a mark": re.compile(rf"{DIGIT}+(?:[-–/\\]{DIGIT}+)+"),
    "masked digits": re.compile(rf"{DIGIT}*[•*]{{2,}}{DIGIT}*"),
    "Latin run": re.compile(r"[A-Za-z][A-Za-z0-9@:/._-]+"),
    "Latin digits": re.compile(r"[0-9]+"),
}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
UNREAD = {"script", "style", "svg", "title", "textarea"}


def misplaced_runs(page: str) -> list[str]:
    """What a Persian reader would see turned around. Empty for a page in another direction."""
    reader = _Reader()
    reader.feed(page)
    if not reader.right_to_left:
        return []
    return [
        f"{name}: {match[0]!r} in {text.strip()[:80]!r}"
        for text in reader.texts
        for name, match in _suspects(ISOLATED.sub("", text))
    ]


def _suspects(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    for name, pattern in SUSPECTS.items():
        for match in pattern.finditer(text):
            yield name, match


class _Reader(HTMLParser):
    """Collects the text that stands in the direction of the page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []
        self.right_to_left = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.right_to_left = given.get("dir") == "rtl"
        apart = tag in UNREAD or tag == "bdi" or given.get("dir") == "ltr"
        # The name of another language is written in its own letters and alone in its link.
        apart = apart or (tag != "html" and "lang" in given)
        if tag not in VOID:
            self.open.append((tag, apart))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(apart for _, apart in self.open):
            self.texts.append(data)
