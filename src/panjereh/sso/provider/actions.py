"""Release what a client was granted about a person, and record it first."""

from django.db import transaction

from panjereh.common import clock
from panjereh.sso.models import Person, Release
from panjereh.sso.provider.claims import releasable, values
from panjereh.sso.provider.store import TokenOwner
from panjereh.sso.provider.subjects import subject
from panjereh.sso.relying_parties.queries import relying_party


def release_claims(owner: TokenOwner) -> dict[str, str] | None:
    """SSO-09: no release without its line in the ledger. None when the client was closed."""
    party = relying_party(owner.client_id)
    if party is None:
        return None
    names = releasable(party.granted_claims, owner.scope)
    with transaction.atomic():
        person = Person.objects.get(id=owner.person_id)
        if names:
            Release.objects.create(
                person=person,
                client_id=party.client_id,
                agency=party.agency,
                claims=names,
                session=owner.session_id,
                grant=owner.grant_id,
                released_at=clock.now(),
            )
    return {"sub": subject(person.id, party.agency), **values(person, names)}
