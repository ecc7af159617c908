"""Fields that the bodies of several national services have in common."""

from typing import Annotated

from ninja import Field
from pydantic import AfterValidator

from panjereh.common.identifiers import parse_mobile, parse_person_id
from panjereh.national.schemas import printable


def _printable(text: str) -> str:
    if not printable(text):
        raise ValueError("control characters are not text")
    return text


Text = Annotated[str, AfterValidator(_printable)]
Line = Annotated[Text, Field(min_length=1, max_length=200)]
Sentence = Annotated[Text, Field(min_length=1, max_length=1000)]
ServiceId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}\.[a-z][a-z0-9-]{1,60}$")]
# Of an Iranian, or a foreign national's FIDA code.
PersonId = Annotated[str, AfterValidator(parse_person_id)]
NoticeMobile = Annotated[str, AfterValidator(lambda text: text and parse_mobile(text))]
