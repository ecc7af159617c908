"""The code of the guide, for the public page. docs/sign-in-with-my-government.md shows the same,
and a test takes it out of there and runs it."""

from functools import lru_cache
from pathlib import Path

RECIPES = Path(__file__).parent / "recipes"
SUFFIX = ".txt"  # it is text here: no part of this program


@lru_cache
def recipe(name: str) -> str:
    return (RECIPES / f"{name}{SUFFIX}").read_text(encoding="utf-8").rstrip()
