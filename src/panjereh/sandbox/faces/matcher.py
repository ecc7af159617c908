"""Compare a picture with the portrait of a person: the sandbox's stand-in for a biometric engine.

Both are brought to small grey pictures of edges and shades, what all faces share is taken away, and
the rest is correlated, in several frames since nobody holds the camera alike. It knows drawn faces
only: neither people of flesh and blood, nor whether somebody alive sat before the camera.
"""

from functools import lru_cache
from operator import mul

from PIL import Image, ImageChops, ImageFilter

from panjereh.registries.civil.matching import Comparison, Finding, Subject
from panjereh.sandbox.faces.counting import faces_in
from panjereh.sandbox.faces.drawing import SIZE, portrait

STRONG, SUFFICIENT = 0.86, 0.78
_WORKING, _SMALL = (120, 160), (24, 32)
_INSIDE = (26, 32, 94, 125)  # of the working size: the face without clothes and background
_FINE, _COARSE, _DEEPEST = 2, 8, 8
_SCALES, _SHIFTS = (1.0, 0.965, 0.93), (0.0, 0.5, 1.0)
_SAMPLE = 16  # faces of which the average is made

Vector = tuple[float, ...]
Frame = tuple[int, int, int, int]


class SandboxMatcher:
    """For `FACE_MATCHER`: a portrait is drawn when it is asked for, so everybody has one."""

    def compare(self, subject: Subject, photo: Image.Image) -> Comparison:
        faces = faces_in(photo)
        if faces != 1:
            return Comparison("several-faces" if faces else "no-face")
        own = portrait(subject.national_id, subject.sex)
        return Comparison(finding_of(likeness(own, photo)))


def finding_of(value: float) -> Finding:
    if value >= STRONG:
        return "strong"
    return "sufficient" if value >= SUFFICIENT else "differs"


def likeness(own: Image.Image, photo: Image.Image) -> float:
    """-1 to 1, in the frame where it is greatest."""
    return likeness_of(faces_of(own), probes(photo))


def likeness_of(faces: list[Vector], probed: list[Vector]) -> float:
    return max(_dot(*pair) for pair in zip(faces, probed, strict=True))


def faces_of(own: Image.Image) -> list[Vector]:
    """The portrait as it would look in each frame."""
    grey = own.convert("L")
    return [_own(_small(grey.crop(frame)), frame) for frame in frames()]


def probes(photo: Image.Image) -> list[Vector]:
    small = _small(photo.convert("L"))
    return [_own(small, frame) for frame in frames()]


@lru_cache
def frames() -> tuple[Frame, ...]:
    """Parts of the portrait that a picture may show."""
    width, height = SIZE
    found = {
        (int(x), int(y), int(x + width * scale), int(y + height * scale))
        for scale in _SCALES
        for x in (shift * width * (1 - scale) for shift in _SHIFTS)
        for y in (shift * height * (1 - scale) for shift in _SHIFTS)
    }
    return tuple(sorted(found))


def _small(grey: Image.Image) -> Vector:
    """Edges and shades, each as strong as the next: a beard shall not outweigh a whole face."""
    working = grey.resize(_WORKING, Image.Resampling.BOX)
    fine = working.filter(ImageFilter.GaussianBlur(_FINE))
    coarse = working.filter(ImageFilter.GaussianBlur(_COARSE))
    edges = ImageChops.subtract(fine, coarse, 1, 128).point(_levelled())
    small = edges.crop(_INSIDE).resize(_SMALL, Image.Resampling.BOX)
    return _even(tuple(map(float, small.tobytes())))


@lru_cache
def _levelled() -> list[float]:
    return [max(-_DEEPEST, min(_DEEPEST, n - 128)) * 127 / _DEEPEST + 128 for n in range(256)]


def _even(values: Vector) -> Vector:
    """Without brightness and contrast: mean 0, length 1."""
    mean = sum(values) / len(values)
    centred = [value - mean for value in values]
    length = sum(map(mul, centred, centred)) ** 0.5 or 1.0
    return tuple(value / length for value in centred)


def _own(face: Vector, frame: Frame) -> Vector:
    """What is left of a face without what it has in common with the average one."""
    average = _averages()[frame]
    common = _dot(face, average)
    return _even(tuple(a - common * b for a, b in zip(face, average, strict=True)))


@lru_cache
def _averages() -> dict[Frame, Vector]:
    sexes = ("female", "male")
    sample = [portrait(f"sample-{n}", sexes[n % 2]).convert("L") for n in range(_SAMPLE)]
    return {frame: _even(_sum([_small(one.crop(frame)) for one in sample])) for frame in frames()}


def _sum(faces: list[Vector]) -> Vector:
    return tuple(map(sum, zip(*faces, strict=True)))


def _dot(one: Vector, other: Vector) -> float:
    total: float = sum(map(mul, one, other))
    return total
