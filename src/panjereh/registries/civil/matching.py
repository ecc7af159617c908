"""What a biometric engine is to the civil registry: the interface that `FACE_MATCHER` fulfils."""

from dataclasses import dataclass
from typing import Literal, Protocol

from PIL import Image

Finding = Literal["strong", "sufficient", "differs", "no-face", "several-faces"]
MATCHES: frozenset[Finding] = frozenset({"strong", "sufficient"})
UNDECIDED: frozenset[Finding] = frozenset({"no-face", "several-faces"})


@dataclass(frozen=True)
class Subject:
    national_id: str
    sex: str


@dataclass(frozen=True)
class Comparison:
    finding: Finding


class Matcher(Protocol):
    """`compare` says whether the picture shows this person, or why that cannot be said."""

    def compare(self, subject: Subject, photo: Image.Image) -> Comparison: ...
