"""National ids as this registry gives them: three digits of the office, six of order, one check.

Numbers of one office that follow one another do not look alike, so a slip of the pen seldom
meets a neighbour, and a number does not tell when it was given.
"""

from panjereh.common.identifiers import national_id_check_digit

PER_OFFICE = 1_000_000
_START = 271_828
_STEP = 387_421  # no common divisor with PER_OFFICE, so each order gives its own serial


def national_id(prefix: str, order: int) -> str:
    if not 0 <= order < PER_OFFICE:
        raise ValueError("the office has no number left")
    first_nine = f"{prefix}{(_START + order * _STEP) % PER_OFFICE:06}"
    return first_nine + national_id_check_digit(first_nine)
