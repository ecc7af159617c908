"""The word lists and places that the nation is made of, as `data/` holds them."""

import json
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

from panjereh.common.text import persian_digits

_DATA = Path(__file__).parents[1] / "data"


@dataclass(frozen=True)
class City:
    province: str
    county: str
    city: str
    weight: int
    id_prefix: str
    postal_zone: str


@dataclass(frozen=True)
class Hospital:
    code: str
    name: str
    city: str


@lru_cache
def facts(name: str) -> Any:
    return json.loads((_DATA / f"{name}.json").read_text())


@lru_cache
def cities() -> tuple[City, ...]:
    return tuple(City(**city) for city in facts("places")["cities"])


@lru_cache
def capital() -> City:
    return cities()[0]


@lru_cache
def _city_scale() -> list[int]:
    return list(accumulate(city.weight for city in cities()))


def some_city(rng: Random) -> City:
    """Large cities more often."""
    scale = _city_scale()
    return cities()[bisect(scale, rng.random() * scale[-1])]


@lru_cache
def hospitals_of(city: City) -> tuple[Hospital, ...]:
    """One for a town, up to six for the largest cities."""
    names = facts("places")["hospitals"][: 1 + min(city.weight // 60, 5)]
    return tuple(
        Hospital(f"{city.id_prefix}{number}", f"بیمارستان {name} {city.city}", city.city)
        for number, name in enumerate(names, start=1)
    )


def given_name(rng: Random, sex: str, birth_year: int) -> str:
    """The lists run from older to newer usage; the window moves with the year of birth."""
    names: Sequence[str] = facts("names")[sex]
    era = min(max((birth_year - 1950) / 70, 0.0), 1.0)
    return names[int(len(names) * (0.55 * era + 0.45 * rng.random()))]


def family_name(rng: Random) -> str:
    names: Sequence[str] = facts("names")["family"]
    return names[int(len(names) * rng.random())]


def address_line(rng: Random, city: City) -> str:
    """One line in the order the post prints: from the province down to the door."""
    places = facts("places")
    door = [
        f"محله {rng.choice(places['neighbourhoods'])}",
        f"خیابان {rng.choice(places['streets'])}",
        f"کوچه {rng.choice(places['alleys'])} {rng.randint(1, 24)}",
        f"پلاک {rng.randint(1, 180)}",
        f"طبقه {rng.randint(1, 6)}",
        f"واحد {rng.randint(1, 12)}",
    ]
    where = [city.province, f"شهرستان {city.county}", f"شهر {city.city}"]
    return persian_digits("، ".join(where + door))
