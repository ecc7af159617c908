"""Release what a client was granted about a person, and record it first."""

from collections.abc import Iterable
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from joserfc import jwt

from panjereh.common import clock
from panjereh.sso.models import AttainedLevel, Person, RelyingParty
from panjereh.sso.provider.claims import Value, of_scope, releasable, values
from panjereh.sso.provider.keys import signing_key
from panjereh.sso.provider.store import TokenOwner
from panjereh.sso.provider.subjects import subject
from panjereh.sso.relying_parties.queries import relying_party

TRUST_FRAMEWORK = "ir_national_window"


# One statement: the data are read because the line was written, and it is the path of each login.
# What the person does not have is not noted as told.
_RELEASE = """
    WITH told AS (
        SELECT id, array_remove(
            array_remove(
                %(claims)s::varchar[],
                CASE kind WHEN 'fida' THEN 'national_id' ELSE 'fida_code' END
            ),
            CASE mobile WHEN '' THEN 'phone_number' END
        ) AS claims
        FROM sso_person WHERE id = %(person)s
    ), line AS (
        INSERT INTO sso_release
            (person_id, client_id, agency, claims, session, "grant", released_at)
        SELECT id, %(client)s, %(agency)s, claims, %(session)s, %(grant)s, %(now)s
        FROM told WHERE claims <> '{}'
        RETURNING person_id
    )
    SELECT p.* FROM sso_person p JOIN line ON line.person_id = p.id
"""


class SignedIn(Protocol):
    """A person at a client: a grant, or the owner of a token of it."""

    @property
    def person_id(self) -> UUID: ...
    @property
    def session_id(self) -> UUID: ...


def release(
    party: RelyingParty, who: SignedIn, grant_id: UUID, asked: Iterable[str]
) -> dict[str, Value]:
    """What of it may be told. SSO-09: no release without its line in the ledger."""
    names = releasable(party.granted_claims, asked)
    if not names:
        return {}
    line = {
        "person": who.person_id,
        "client": party.client_id,
        "agency": party.agency,
        "claims": names,
        "session": who.session_id,
        "grant": grant_id,
        "now": clock.now(),
    }
    people = list(Person.objects.raw(_RELEASE, line))
    return values(people[0], names) if people else {}


def release_claims(owner: TokenOwner) -> dict[str, Any] | None:
    """The answer of userinfo. None when the client was closed."""
    party = relying_party(owner.client_id)
    if party is None:
        return None
    plain = [*of_scope(owner.scope), *owner.userinfo_claims]
    told = release(party, owner, owner.grant_id, [*plain, *owner.verified_claims])
    claims: dict[str, Any] = {"sub": subject(owner.person_id, party.agency)}
    claims |= {name: told[name] for name in told if name in plain}
    if verified := {name: told[name] for name in told if name in owner.verified_claims}:
        claims["verified_claims"] = _verified(owner.person_id, verified)
    return claims


def _verified(person_id: UUID, claims: dict[str, Value]) -> dict[str, Any]:
    """How and when the registries answered for it (OpenID Connect for Identity Assurance)."""
    proof = AttainedLevel.objects.filter(person_id=person_id).order_by("-level").first()
    verification: dict[str, Any] = {"trust_framework": TRUST_FRAMEWORK}
    if proof:
        verification |= {
            "time": proof.attained_at.isoformat(timespec="seconds"),
            "evidence": [
                {"type": "electronic_record", "record": {"type": source}}
                for source in proof.proof.split("+")
            ],
        }
    return {"verification": verification, "claims": claims}


def signed(claims: dict[str, Any], party: RelyingParty) -> str:
    """Userinfo as a JWT, for a client that registered so (OpenID Core 5.3.2)."""
    key = signing_key(party.userinfo_alg)
    header = {"alg": party.userinfo_alg, "kid": key.kid}
    about = {"iss": settings.ISSUER, "aud": party.client_id}
    return jwt.encode(header, claims | about, key, [party.userinfo_alg])
