"""A legal basis as grants cite it (`002 art 10(2); 004 T2.5`) in words for the person whose data it
was about. What is no citation is words already, and stays."""

import re
from collections.abc import Callable

Names = dict[str, str]

SOURCES: dict[str, Names] = {
    "000": {
        "fa": "مصوبات جلسهٔ ۲۶ کارگروه تعامل‌پذیری دولت الکترونیکی",
        "en": "Resolutions of session 26 of the e-government interoperability working group",
    },
    "001": {
        "fa": "ضوابط فنی و اجرایی توسعهٔ دولت الکترونیکی",
        "en": "Technical and executive rules of e-government development",
    },
    "002": {
        "fa": "مصوبهٔ شمارهٔ یک جلسهٔ ۲۴ شورای اجرایی فناوری اطلاعات",
        "en": "Resolution 1 of session 24 of the Executive Council for IT",
    },
    "004": {"fa": "نقشهٔ راه دولت هوشمند", "en": "Roadmap of smart government"},
}
_CITED = re.compile(r"(00[0124])\s*(.*)\Z")
_PLACES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Names]], ...] = (
    (
        re.compile(r"art (\d+)(?:\((\w+)\))?(?:( and)? note(?: (\d+))?)?\Z"),
        lambda m: {"fa": _article_fa(m), "en": _article_en(m)},
    ),
    (
        re.compile(r"A(\d+)\.(\d+(?:-\d+)?)\Z"),
        lambda m: {"fa": f"مصوبهٔ {m[1]}، بند {m[2]}", "en": f"resolution {m[1]}, item {m[2]}"},
    ),
    (
        re.compile(r"T(\d)\.(\d+)\Z"),
        lambda m: {"fa": f"جدول {m[1]}، ردیف {m[2]}", "en": f"table {m[1]}, row {m[2]}"},
    ),
    (re.compile(r":L\d+\Z"), lambda m: {"fa": "", "en": ""}),
)


def in_words(legal_basis: str) -> list[Names]:
    """One entry for each rule that is cited; two places of one text are two entries."""
    entries = [_entry(part.strip()) for part in legal_basis.split(";") if part.strip()]
    return list({entry["en"]: entry for entry in entries}.values())


def _entry(part: str) -> Names:
    cited = _CITED.match(part)
    if cited is None:
        return {"fa": part, "en": part}
    source, place = SOURCES[cited[1]], _place(cited[2])
    return {
        "fa": "، ".join(filter(None, (source["fa"], place["fa"]))),
        "en": ", ".join(filter(None, (source["en"], place["en"]))),
    }


def _place(text: str) -> Names:
    for pattern, words in _PLACES:
        if found := pattern.match(text):
            return words(found)
    return {"fa": text, "en": text}


def _article_fa(m: re.Match[str]) -> str:
    note = f" و تبصرهٔ {m[4] or 'آن'}" if m[3] else f" تبصرهٔ {m[4] or 'آن'}"
    return f"مادهٔ {m[1]}" + (f" بند {m[2]}" if m[2] else "") + (note if "note" in m[0] else "")


def _article_en(m: re.Match[str]) -> str:
    note = f"{' and' if m[3] else ','} note{' ' + m[4] if m[4] else ''}"
    return f"article {m[1]}" + (f"({m[2]})" if m[2] else "") + (note if "note" in m[0] else "")
