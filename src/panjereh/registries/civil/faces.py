"""Compare a face with the portrait in the register, for the sign-on's second level (002 art 1(7)).

The comparing itself is behind an interface: production names the biometric engine of the registry
in `FACE_MATCHER`, the sandbox brings a matcher of its own. Neither the picture nor how near it came
is kept, and the answer says nothing about the portrait.
"""

import base64
import binascii
import io
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from PIL import Image

from panjereh.common import clock
from panjereh.common.problems import Problem
from panjereh.registries.civil.authentication import limit_tries
from panjereh.registries.civil.matching import MATCHES, UNDECIDED, Finding, Matcher, Subject
from panjereh.registries.civil.models import Authentication, Person

LARGEST_SIDE = 2000  # pixels; whoever asks has made the picture small already


@dataclass(frozen=True)
class FaceMatch:
    """The band tells of a match only, the problem of a picture that nothing was compared with."""

    matched: bool
    finding: Finding
    reference: str
    at: datetime

    @property
    def band(self) -> str:
        return self.finding if self.matched else "none"

    @property
    def problem(self) -> str:
        return self.finding if self.finding in UNDECIDED else ""


def match_face(*, national_id: str, photo: str, consumer: str) -> FaceMatch:
    """Raises `Problem` when there is no such person, no engine, no picture, or after five failures
    in an hour, whoever asked."""
    image, matcher = _picture(photo), _matcher()
    person, tried = _begin(national_id, consumer)
    finding = matcher.compare(Subject(person.pk, person.sex), image).finding
    matched = finding in MATCHES and person.died_on is None
    if matched:
        Authentication.objects.filter(pk=tried.pk).update(succeeded=True)
    elif finding in UNDECIDED:
        Authentication.objects.filter(pk=tried.pk).delete()  # nothing was compared
    return FaceMatch(matched, finding, str(tried.reference), tried.at)


def _begin(national_id: str, consumer: str) -> tuple[Person, Authentication]:
    """A failure until the engine says otherwise: many tries at once are counted like one by one,
    and no row is locked while the engine thinks."""
    with transaction.atomic():
        person = Person.objects.select_for_update().filter(pk=national_id).first()
        if person is None:
            raise Problem(404, "person-unknown", "no person has this national id")
        limit_tries(national_id, Authentication.Method.FACE)
        return person, Authentication.objects.create(
            national_id=national_id,
            method=Authentication.Method.FACE,
            consumer=consumer,
            succeeded=False,
            at=clock.now(),
        )


def _picture(photo: str) -> Image.Image:
    try:
        raw = base64.b64decode(photo, validate=True)
        image = Image.open(io.BytesIO(raw), formats=("JPEG",))
        if max(image.size) > LARGEST_SIDE:
            raise Problem(413, "photo-too-large", f"at most {LARGEST_SIDE} pixels on a side")
        return image.convert("RGB")
    except (binascii.Error, OSError, SyntaxError, ValueError) as error:
        raise Problem(422, "photo-unreadable", "send a JPEG in base64") from error


@lru_cache
def _matcher() -> Matcher:
    name: str = settings.FACE_MATCHER
    if not name:
        raise Problem(503, "no-matcher", "no biometric engine is connected")
    found: Matcher = import_string(name)()
    return found
