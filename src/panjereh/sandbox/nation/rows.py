"""Rows as the registries keep them; the fields are the columns, in this order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple


class PersonRow(NamedTuple):
    national_id: str
    given_name: str
    family_name: str
    father_name: str
    birth_date: date
    birth_place: str
    sex: str
    died_on: date | None
    mother_id: str | None
    father_id: str | None


class MarriageRow(NamedTuple):
    wife_id: str
    husband_id: str
    married_on: date
    ended_on: date | None


class SimRow(NamedTuple):
    mobile: str
    owner_national_id: str


class AddressRow(NamedTuple):
    postal_code: str
    province: str
    county: str
    city: str
    description: str


class ResidenceRow(NamedTuple):
    national_id: str
    postal_code: str


class NoticeRow(NamedTuple):
    notice_id: str
    hospital_id: str
    born_at: datetime
    sex: str
    weight_grams: int
    mother_national_id: str
    father_national_id: str


class CompanyRow(NamedTuple):
    legal_id: str
    name: str
    kind: str
    status: str
    chief_executive_national_id: str
    postal_code: str


class SignatoryRow(NamedTuple):
    company_id: str
    national_id: str
    position: int


@dataclass
class Community:
    """A few families that married among themselves, complete: no row points outside."""

    index: int
    persons: list[PersonRow] = field(default_factory=list)
    marriages: list[MarriageRow] = field(default_factory=list)
    sims: list[SimRow] = field(default_factory=list)
    addresses: list[AddressRow] = field(default_factory=list)
    residences: list[ResidenceRow] = field(default_factory=list)
    notices: list[NoticeRow] = field(default_factory=list)
    companies: list[CompanyRow] = field(default_factory=list)
    signatories: list[SignatoryRow] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    """role -> national id of those whom tests and demonstrations call by their part."""

    def tables(self) -> Iterator[list[NamedTuple]]:
        """Rows of each table, those that others point to first."""
        parents_first = (self.persons, self.marriages, self.sims, self.addresses, self.residences)
        yield from (*parents_first, self.notices, self.companies, self.signatories)  # type: ignore[misc]
