"""How a tree lies in tiles of 256 hashes (c2sp.org/tlog-tiles): paths, widths, entry bundles."""

from collections.abc import Iterator, Sequence

WIDTH = 256
HEIGHT = 8  # levels of the tree in a tile
HASH = 32
ENTRIES = "entries"
MAX_ENTRY = 65_535


class BundleRefused(Exception):
    """The bytes are not a bundle of entries."""


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """`tile/0/x001/x234/067`, with `.p/<width>` when it is partial; level may be `entries`."""
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{grouped(index)}{partial}"


def grouped(number: int) -> str:
    """1234067 -> x001/x234/067: no folder ever holds more than a thousand names of a kind."""
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03}")
    return "/".join(reversed(parts))


def width_of(level: int, index: int, size: int) -> int:
    """How many hashes the tile has in a tree of that size; 0 when it is not there at all."""
    return min(max((size >> (HEIGHT * level)) - index * WIDTH, 0), WIDTH)


def pack_entries(entries: Sequence[bytes]) -> bytes:
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpack_entries(bundle: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(bundle):
        length = int.from_bytes(bundle[place : place + 2], "big")
        entry = bundle[place + 2 : place + 2 + length]
        if place + 2 > len(bundle) or len(entry) != length:
            raise BundleRefused("the bundle of entries is cut short")
        yield entry
        place += 2 + length


def split_hashes(tile: bytes) -> list[bytes]:
    return [tile[i : i + HASH] for i in range(0, len(tile), HASH)]
