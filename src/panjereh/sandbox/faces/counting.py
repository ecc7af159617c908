"""How many drawn faces a picture shows: patches with the colour of skin, as large as a face."""

from PIL import Image

_GRID = (48, 64)
_SMALLEST, _LOWEST = 0.045, 0.68  # of the picture

Cell = tuple[int, int]


def faces_in(photo: Image.Image) -> int:
    small = photo.convert("RGB").resize(_GRID, Image.Resampling.BOX)
    left = {
        (n % _GRID[0], n // _GRID[0])
        for n, pixel in enumerate(zip(*[iter(small.tobytes())] * 3, strict=True))
        if _like_skin(*pixel)
    }
    count = 0
    while left:
        count += _like_a_face(_patch(left))
    return count


def _like_a_face(patch: list[Cell]) -> bool:
    """Large enough, and not so low that it must be a neck or clothes."""
    if len(patch) < _SMALLEST * _GRID[0] * _GRID[1]:
        return False
    return sum(y for _, y in patch) / len(patch) < _LOWEST * _GRID[1]


def _patch(left: set[Cell]) -> list[Cell]:
    """Take one connected patch out of what is left."""
    found, edge = [], [left.pop()]
    while edge:
        x, y = edge.pop()
        found.append((x, y))
        for cell in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if cell in left:
                left.remove(cell)
                edge.append(cell)
    return found


def _like_skin(red: int, green: int, blue: int) -> bool:
    """Warm and not grey, in any light."""
    return red > 50 and red - blue > max(14, red // 9) and red >= green > blue - 10
