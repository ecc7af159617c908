"""Rows of the person's page, with names of agencies and data in the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.sso.consents.queries import standing_consents
from panjereh.sso.levels import name_of
from panjereh.sso.models import RelyingParty
from panjereh.sso.relying_parties.queries import names
from panjereh.sso.sessions.queries import recent_sign_ins, running_sessions

CLAIM_NAMES: dict[str, str | Promise] = {
    "national_id": _("National ID number"),
    "fida_code": _("FIDA code"),
    "given_name": _("Given name"),
    "family_name": _("Family name"),
    "father_name": _("Father's name"),
    "birth_date": _("Birth date"),
    "age_over_18": _("Whether you are of age"),
    "phone_number": _("Mobile number"),
    "legal_id": _("National ID of the legal person"),
    "legal_name": _("Name of the legal person"),
    "legal_kind": _("Kind of legal person"),
}


@dataclass(frozen=True)
class SessionRow:
    id: UUID
    browser: str
    began_at: datetime
    seen_at: datetime
    current: bool


@dataclass(frozen=True)
class SignInRow:
    at: datetime
    browser: str
    site: dict[str, str]
    level: dict[str, str]


def session_rows(person: UUID, *, current: UUID) -> list[SessionRow]:
    return [
        SessionRow(s.id, s.browser, s.authenticated_at, s.last_seen_at, s.id == current)
        for s in running_sessions(person)
    ]


def sign_in_rows(person: UUID) -> list[SignInRow]:
    found = list(recent_sign_ins(person))
    sites = names({row.client_id for row in found})
    return [
        SignInRow(row.at, row.browser, _site(sites, row.client_id), name_of(row.level))
        for row in found
    ]


@dataclass(frozen=True)
class ConsentRow:
    client_id: str
    at: datetime
    site: dict[str, str]
    purpose: dict[str, str]
    claims: list[str | Promise]


def consent_rows(person: UUID) -> list[ConsentRow]:
    found = list(standing_consents(person))
    sites = names({row.client_id for row in found})
    return [
        ConsentRow(
            client_id=row.client_id,
            at=row.given_at,
            site=_site(sites, row.client_id),
            purpose=row.purpose,
            claims=[CLAIM_NAMES.get(name, name) for name in row.claims],
        )
        for row in found
    ]


def _site(sites: dict[str, RelyingParty], client_id: str) -> dict[str, str]:
    party = sites.get(client_id)
    return party.name if party else {}
