"""A portrait as an identity card would show it: the same for the same person, drawn each time.

Nothing is stored. Every feature depends on the national id alone, so that a visitor's browser, the
registry and a test all see one face.
"""

from collections.abc import Iterable
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = (240, 320)
PATCHES = 8
_SKINS = ("#f3d3b8", "#e6bd98", "#d3a37a", "#b98258", "#97643f", "#f0c7a8")
_HAIRS = ("#15110f", "#3a2618", "#5d3b1f", "#8a6a45", "#8f8f8f", "#d9d4c8")
_CLOTHES = ("#1f3a5f", "#7a1f2b", "#2f5d3a", "#d8d3c4", "#3b3b3b", "#5a7f8c", "#6b4a7d", "#f4f4f0")
_BACKDROPS = ("#dfe7ee", "#eef0e6", "#e9e2ef")

Box = tuple[float, float, float, float]


def portrait(national_id: str, sex: str) -> Image.Image:
    rng = Random(f"face:{national_id}")  # noqa: S311 - invented people, no secrets
    image = Image.new("RGB", SIZE, rng.choice(_BACKDROPS))
    pen = ImageDraw.Draw(image)
    skin, hair, cloth = rng.choice(_SKINS), rng.choice(_HAIRS), rng.choice(_CLOTHES)
    width, height, top = rng.randint(52, 74), rng.randint(72, 92), rng.randint(68, 84)
    _body(pen, rng, skin, cloth)
    face = (120.0 - width, float(top), 120.0 + width, top + 2.0 * height)
    cover = _scarf if sex == "female" else _hair
    cover(pen, rng, face, rng.choice(_CLOTHES) if sex == "female" else hair)
    pen.ellipse(face, fill=skin)
    _complexion(image, rng, face)
    _fringe(pen, rng, face, hair)
    _features(pen, rng, face, hair)
    if sex == "male":
        _beard(pen, rng, face, hair)
    return image.filter(ImageFilter.GaussianBlur(0.8))


def _body(pen: ImageDraw.ImageDraw, rng: Random, skin: str, cloth: str) -> None:
    wide = rng.randint(80, 116)
    pen.rounded_rectangle((120 - wide, 262, 120 + wide, 380), 46, fill=cloth)
    pen.rectangle((98, 215, 142, 282), fill=skin)
    if rng.random() < 0.5:
        pen.polygon([(90, 264), (120, rng.randint(284, 310)), (150, 264)], fill=skin)


def _scarf(pen: ImageDraw.ImageDraw, rng: Random, face: Box, colour: str) -> None:
    left, top, right, bottom = face
    grow, low = rng.randint(10, 24), rng.randint(10, 34)
    pen.ellipse((left - grow, top - grow, right + grow, bottom + low), fill=colour)
    pen.polygon([(left - 6, bottom - 20), (120, 318), (right + 6, bottom - 20)], fill=colour)


def _hair(pen: ImageDraw.ImageDraw, rng: Random, face: Box, hair: str) -> None:
    left, top, right, _ = face
    grow, kind = rng.randint(6, 20), rng.choice(("short", "curly", "bald"))
    if kind == "short":
        pen.ellipse((left - 7, top - grow, right + 7, top + 110), fill=hair)
    elif kind == "curly":
        for x in range(int(left), int(right) + 1, 15):
            pen.ellipse((x - 17, top - grow, x + 17, top + 46), fill=hair)


def _fringe(pen: ImageDraw.ImageDraw, rng: Random, face: Box, hair: str) -> None:
    left, top, right, _ = face
    kind, deep = rng.choice(("middle", "left", "right", "none")), rng.randint(18, 40)
    if kind == "middle":
        pen.chord((left + 8, top - 2, right - 8, top + 2 * deep), 180, 360, fill=hair)
    elif kind in ("left", "right"):
        start, tip = (left, right) if kind == "left" else (right, left)
        crown = ((left + right) / 2, top - 4)
        pen.polygon([(start + (tip - start) * 0.08, top + 52), crown, (tip, top + deep)], fill=hair)


def _complexion(image: Image.Image, rng: Random, face: Box) -> None:
    """Light and shade of this one face, as soft patches."""
    left, top, right, bottom = face
    inside = Image.new("L", image.size, 0)
    ImageDraw.Draw(inside).ellipse((left + 2, top + 2, right - 2, bottom - 2), fill=255)
    for tone in ("#4a2a18", "#fff4e6"):
        shades = Image.new("L", image.size, 0)
        pen = ImageDraw.Draw(shades)
        for _ in range(PATCHES):
            x, y = rng.uniform(left + 8, right - 8), rng.uniform(top + 26, bottom - 8)
            size = rng.uniform(7, 16)
            pen.ellipse((x - size, y - size, x + size, y + size), fill=rng.randint(60, 120))
        shades = shades.filter(ImageFilter.GaussianBlur(4))
        image.paste(Image.new("RGB", image.size, tone), mask=ImageChops.multiply(shades, inside))


def _features(pen: ImageDraw.ImageDraw, rng: Random, face: Box, hair: str) -> None:
    left, top, right, bottom = face
    middle, tall = (left + right) / 2, bottom - top
    eyes = top + tall * rng.uniform(0.38, 0.50)
    apart = (right - left) * rng.uniform(0.17, 0.27)
    _eyes(pen, rng, middle, eyes, apart, hair)
    nose = eyes + tall * rng.uniform(0.13, 0.22)
    _nose(pen, rng, middle, eyes, nose)
    mouth = min(nose + tall * rng.uniform(0.09, 0.16), bottom - 34)
    _mouth(pen, rng, middle, mouth)
    if rng.random() < 0.3:
        _glasses(pen, rng, (middle - apart, middle + apart), eyes)


def _eyes(
    pen: ImageDraw.ImageDraw, rng: Random, middle: float, y: float, apart: float, hair: str
) -> None:
    wide, high = rng.uniform(8, 15), rng.uniform(4, 9)
    iris = rng.choice(("#2b1a10", "#4a3018", "#3f5d4b", "#33526e"))
    lift, thick, tilt = rng.uniform(12, 24), rng.randint(2, 9), rng.uniform(-7, 7)
    for side in (-1, 1):
        x = middle + side * apart
        pen.ellipse((x - wide, y - high, x + wide, y + high), fill="#fbfaf7", outline="#3a2a20")
        pen.ellipse((x - high, y - high, x + high, y + high), fill=iris)
        inner, outer = (x - side * 16, y - lift + tilt), (x + side * 18, y - lift - tilt)
        pen.line([inner, outer], fill=hair, width=thick)


def _nose(pen: ImageDraw.ImageDraw, rng: Random, x: float, top: float, bottom: float) -> None:
    wide = rng.uniform(7, 20)
    tip = (x - wide, bottom - 9, x + wide, bottom + 5)
    pen.arc(tip, 10, 170, fill="#5a3826", width=rng.randint(3, 6))
    pen.line([(x + wide / 3, top + 6), (x + wide / 2, bottom - 6)], fill="#8a5f47", width=3)


def _beard(pen: ImageDraw.ImageDraw, rng: Random, face: Box, hair: str) -> None:
    left, top, right, bottom = face
    kind = rng.choice(("none", "none", "goatee", "full"))
    if kind == "goatee":
        pen.ellipse((102, bottom - 16, 138, bottom + 8), fill=hair)
    elif kind == "full":
        pen.chord((left + 3, top, right - 3, bottom + 6), 25, 155, fill=hair)


def _mouth(pen: ImageDraw.ImageDraw, rng: Random, x: float, y: float) -> None:
    wide, curve, thick = rng.uniform(14, 32), rng.uniform(-7, 12), rng.randint(3, 8)
    lips = rng.choice(("#a0493f", "#8c3b3b", "#b9675a", "#7a3a34"))
    points = [(x + wide * t, y + curve * (1 - t * t)) for t in _steps()]
    pen.line(points, fill=lips, width=thick, joint="curve")


def _steps() -> Iterable[float]:
    return (step / 6 for step in range(-6, 7))


def _glasses(pen: ImageDraw.ImageDraw, rng: Random, centres: tuple[float, float], y: float) -> None:
    size, thick = rng.uniform(16, 24), rng.randint(2, 4)
    for x in centres:
        pen.ellipse((x - size, y - size, x + size, y + size), outline="#1c1c1c", width=thick)
    pen.line([(centres[0] + size, y), (centres[1] - size, y)], fill="#1c1c1c", width=thick)
