"""Make of an uploaded picture a small JPEG with nothing in it but the picture.

Where and when it was taken, by which telephone, and every other note in the file stay behind. A
file that would unfold into too many pixels is refused by its head, before it is unfolded.
"""

import io
from typing import Literal

from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

FORMATS = tuple(
    plugin.format
    for plugin in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        WebPImagePlugin.WebPImageFile,
    )
)  # no other reader is loaded, so no other can be attacked
LONGEST_SIDE, SHORTEST_SIDE = 800, 160
QUALITY = 88

Fault = Literal["not-an-image", "too-many-pixels", "too-small"]


class PhotoRefused(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


def small_photo(raw: bytes, *, most_pixels: int) -> bytes:
    """Raises `PhotoRefused`."""
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as image:
            _check_size(image, most_pixels)
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            return _bare_jpeg(image)
    except Image.DecompressionBombError as error:
        raise PhotoRefused("too-many-pixels") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise PhotoRefused("not-an-image") from error


def _check_size(image: Image.Image, most_pixels: int) -> None:
    width, height = image.size
    if width * height > most_pixels:
        raise PhotoRefused("too-many-pixels")
    if min(width, height) < SHORTEST_SIDE:
        raise PhotoRefused("too-small")


def _bare_jpeg(image: Image.Image) -> bytes:
    """Turned as the telephone was held; copied, so that no note of the file travels along."""
    upright = ImageOps.exif_transpose(image.convert("RGB"))
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    kept = io.BytesIO()
    bare.save(kept, "JPEG", quality=QUALITY)
    return kept.getvalue()
