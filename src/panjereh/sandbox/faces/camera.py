"""What the person's telephone takes of that face: another light, another frame, another file."""

import io
from random import Random

from PIL import Image, ImageEnhance

from panjereh.sandbox.faces.drawing import portrait


def camera_picture(national_id: str, sex: str, *, shot: int = 0) -> bytes:
    """A JPEG; each `shot` is a little different, none is the picture in the registry."""
    rng = Random(f"shot:{national_id}:{shot}")  # noqa: S311 - invented people, no secrets
    image = portrait(national_id, sex)
    image = image.rotate(rng.uniform(-2.0, 2.0), Image.Resampling.BICUBIC, fillcolor="#d5d8d2")
    image = image.crop(_frame(rng, image.size))
    image = image.resize(rng.choice([(480, 640), (600, 800), (360, 480)]))
    image = ImageEnhance.Brightness(image).enhance(rng.uniform(0.8, 1.2))
    image = ImageEnhance.Contrast(image).enhance(rng.uniform(0.85, 1.15))
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=rng.randint(60, 92))
    return kept.getvalue()


def _frame(rng: Random, size: tuple[int, int]) -> tuple[int, int, int, int]:
    width, height = size
    share = rng.uniform(0.0, 0.07)
    x, y = rng.uniform(0, share), rng.uniform(0, share)
    keep = 1 - share
    return int(x * width), int(y * height), int((x + keep) * width), int((y + keep) * height)
