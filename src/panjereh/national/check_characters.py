"""Check characters of the identifiers that the national services give out."""

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U, which look like others
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_character(text: str, alphabet: str) -> str:
    """The hybrid system of ISO 7064: MOD M+1,M for an alphabet of M, so 37,36 for alphanumerics.

    It finds every single wrong character and nearly all swapped neighbours.
    """
    size = len(alphabet)
    carried = size
    for character in text:
        carried = (carried + alphabet.index(character)) % size or size
        carried = carried * 2 % (size + 1)
    return alphabet[(size + 1 - carried) % size]
