"""What a site is told when somebody acts for another: `sub` is the represented, `act` who acts.

SSO-07: of a legal person the site learns who signs for it, cut to the grant like everything else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from panjereh.sso.acting.authority import fault_in_table
from panjereh.sso.acting.models import MandateUse
from panjereh.sso.acting.options import id_at, represented_by
from panjereh.sso.models import Person, RelyingParty
from panjereh.sso.organisations.models import Organisation
from panjereh.sso.provider.actions import release
from panjereh.sso.provider.claims import COMPANY_CLAIMS, of_scope
from panjereh.sso.provider.store import TokenOwner
from panjereh.sso.provider.subjects import subject
from panjereh.sso.relying_parties.queries import relying_party

PARTS = ("mandate__principal", "mandate__organisation", "mandate__agent", "mandate__given_by")


class Acting(Protocol):
    """A grant by which a person acts for another, or the owner of a token of it."""

    @property
    def person_id(self) -> UUID: ...
    @property
    def session_id(self) -> UUID: ...
    @property
    def mandate_use(self) -> UUID | None: ...


@dataclass(frozen=True)
class _Told:
    """About whom a line of the ledger is."""

    person_id: UUID
    session_id: UUID


def use_of(acting: Acting) -> MandateUse | None:
    """None when the mandate is over: nothing is told any more, whatever the token says."""
    if acting.mandate_use is None:
        return None
    use = MandateUse.objects.select_related(*PARTS).filter(id=acting.mandate_use).first()
    if use is None or fault_in_table(use.mandate, service=use.service):
        return None
    return use


def claims_of_use(
    use: MandateUse, acting: Acting, party: RelyingParty, grant_id: UUID, asked: Iterable[str]
) -> dict[str, Any]:
    wanted = list(asked)
    mandate = use.mandate
    represented = represented_by(mandate)
    agent = release(party, acting, grant_id, wanted)
    return {
        "sub": id_at(represented, party),
        **_about(represented, acting, party, grant_id, wanted),
        "act": {"sub": subject(acting.person_id, party.agency), **agent},
        "mandate": {
            "kind": mandate.kind,
            "services": [use.service] if use.service else mandate.services,
        },
    }


def _about(
    represented: Person | Organisation,
    acting: Acting,
    party: RelyingParty,
    grant_id: UUID,
    wanted: list[str],
) -> dict[str, Any]:
    if isinstance(represented, Person):
        return release(party, _Told(represented.id, acting.session_id), grant_id, wanted)
    names = [name for name in COMPANY_CLAIMS if name in wanted and name in party.granted_claims]
    return {name: COMPANY_CLAIMS[name](represented) for name in names}


def userinfo_of_use(owner: TokenOwner) -> dict[str, Any] | None:
    """The answer of userinfo. None when the client was closed or the mandate is over."""
    party, use = relying_party(owner.client_id), use_of(owner)
    if party is None or use is None:
        return None
    asked = [*of_scope(owner.scope), *owner.userinfo_claims]
    return claims_of_use(use, owner, party, owner.grant_id, asked)
