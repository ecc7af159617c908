"""Keys of a sandbox installation, made by those who use them."""

from pathlib import Path

from panjereh.sandbox import document_keys, keys
from panjereh.sandbox.authority.cards import make_card_issuer
from panjereh.sandbox.authority.hierarchy import make_authority


def make_sandbox_keys(home: Path) -> None:
    keys.make_keys(home)
    document_keys.make_keys(home)
    make_authority(home)
    make_card_issuer(home)
