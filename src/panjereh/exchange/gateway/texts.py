"""Texts of the gateway in the language of who reads them. Persian is compiled from `locale/`."""

from functools import lru_cache
from gettext import NullTranslations, translation
from pathlib import Path

LOCALE = Path(__file__).with_name("locale")
LANGUAGES = ("fa", "en")
DEFAULT = "en"  # programmers read these; who wants Persian asks for it


@lru_cache(maxsize=512)
def language(accepted: str) -> str:
    """The best of our languages by Accept-Language (RFC 9110); the first named wins a tie."""
    wanted = [_weighed(part) for part in accepted.split(",")[:20]]
    for _, name in sorted(wanted, key=lambda pair: -pair[0]):
        if (short := name.partition("-")[0]) in LANGUAGES:
            return short
    return DEFAULT


def _weighed(part: str) -> tuple[float, str]:
    name, _, parameter = part.strip().lower().partition(";")
    try:
        weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
    except ValueError:
        weight = 0.0
    return weight, name.strip() if weight > 0 else ""


@lru_cache
def _catalogue(name: str) -> NullTranslations:
    return translation("django", LOCALE, [name], fallback=True)


def translated(text: str, to: str) -> str:
    """The text itself when there is none in the language, and in English."""
    return _catalogue(to).gettext(text) if text else ""
