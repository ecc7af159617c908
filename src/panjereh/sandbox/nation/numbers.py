"""Identifiers of the sandbox: valid by their check rules, unique, and, where one can, nobody's.

National ids begin with 900 and more, mobiles with 096, legal ids with 149: none of these has been
given out in Iran. Postal codes have no such gap; one of ours may equal a real one.
"""

from collections import Counter

from panjereh.common.identifiers import legal_id_check_digit
from panjereh.registries.civil.numbers import national_id
from panjereh.sandbox.nation.facts import City, Hospital

# Births entered while the sandbox runs take orders from here on, so that the nation can grow.
FIRST_LIVE_ORDER = 900_000

_MOBILES = 10_000_000
_MOBILE_STEP = 3_870_421
_MOBILE_START = 1_234_567
_ZONE_DIGITS = ("13456789", "1346789", *["013456789"] * 5)
_ZONE_SIZE = 8 * 7 * 9**5
_ZONE_STEP = 1_299_721  # no common divisor with the size
_ZONE_START = 1_618_033


class Numbers:
    """Counts what has been given; the order of asking decides who gets which."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def _next(self, kind: str) -> int:
        order = self._given[kind]
        self._given[kind] = order + 1
        return order

    def national_id(self, city: City) -> str:
        order = self._next(city.id_prefix)
        if order >= FIRST_LIVE_ORDER:
            raise ValueError(f"{city.city} has no national id left; ask for fewer people")
        return national_id(city.id_prefix, order)

    def mobile(self) -> str:
        order = self._next("mobile")
        serial = (_MOBILE_START + order * _MOBILE_STEP) % _MOBILES
        return f"+9896{order // _MOBILES}{serial:07}"

    def postal_code(self, city: City) -> str:
        rest = (_ZONE_START + self._next(city.postal_zone) * _ZONE_STEP) % _ZONE_SIZE
        digits = []
        for choices in _ZONE_DIGITS:
            rest, digit = divmod(rest, len(choices))
            digits.append(choices[digit])
        return city.postal_zone + "".join(digits)

    def legal_id(self) -> str:
        first_ten = f"149{self._next('legal'):07}"
        return first_ten + legal_id_check_digit(first_ten)

    def notice_id(self, hospital: Hospital) -> str:
        return f"N{self._next('notice'):08}-{hospital.code}"
