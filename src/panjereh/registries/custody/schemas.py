"""Types of bodies and answers that all registries share."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from panjereh.common.identifiers import (
    parse_fida_code,
    parse_legal_id,
    parse_mobile,
    parse_national_id,
    parse_postal_code,
)

Text = Annotated[str, StringConstraints(max_length=40)]
NationalId = Annotated[Text, AfterValidator(parse_national_id)]
FidaCode = Annotated[Text, AfterValidator(parse_fida_code)]
LegalId = Annotated[Text, AfterValidator(parse_legal_id)]
PostalCode = Annotated[Text, AfterValidator(parse_postal_code)]
Mobile = Annotated[Text, AfterValidator(parse_mobile)]


class Body(Schema):
    """A body with exactly its own fields: a field nobody knows is a mistake of the caller."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProblemOut(Schema):
    """RFC 9457; `code` never changes its meaning."""

    type: str
    status: int
    code: str
    detail: str
    cause: str
    retry_in: int | None = None


def answers(schema: type[Schema], *refusals: int) -> dict[int, Any]:
    """The responses of a service: its answer, its own refusals, and those that all have."""
    return {200: schema} | dict.fromkeys((*refusals, 401, 422, 503), ProblemOut)


def named(fa: str, en: str) -> Any:
    """A field with the names by which a grant and the directory call it."""
    return Field(json_schema_extra={"x-name-fa": fa, "x-name-en": en})
