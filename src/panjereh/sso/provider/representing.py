"""For whom a sign-in is made: oneself, unless the client asked and the person has chosen.

One at a time, for this request only. Nobody signs for another: at the level of the signature a
person is always oneself.
"""

from dataclasses import dataclass
from uuid import UUID

from django.http import QueryDict

from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.acting import using
from panjereh.sso.acting.asked import Asked, read_asked
from panjereh.sso.acting.models import Mandate
from panjereh.sso.acting.using import Chosen, MayNotAct
from panjereh.sso.levels import Level
from panjereh.sso.models import RelyingParty
from panjereh.sso.provider.errors import ClientError

SIGNATURE_LEVEL = 3


@dataclass(frozen=True)
class NeedsRepresentee:
    """The person is asked on whose behalf they go on."""

    party: RelyingParty
    asked: Asked
    signs: bool
    request: QueryDict


def for_whom(
    params: QueryDict, party: RelyingParty, actor: UUID, *, wanted: int, chosen: Chosen | None
) -> Mandate | NeedsRepresentee | None:
    """None is oneself. Raises `ClientError`."""
    asked = read_asked(params, party)
    if not asked.wanted:
        return None
    if asked.one:
        return _named(asked, party, actor, wanted)
    if chosen is None:
        if "none" in params.get("prompt", "").split():
            raise ClientError("interaction_required", "the person chooses for whom")
        return NeedsRepresentee(party, asked, wanted >= SIGNATURE_LEVEL, params)
    return _taken_up(chosen.mandate, asked, actor, wanted) if chosen.mandate else None


def _named(asked: Asked, party: RelyingParty, actor: UUID, wanted: int) -> Mandate | None:
    """By an id that the site was told before. Whoever it is, an answer no is the same answer."""
    if using.is_oneself(actor, party, asked.one):
        return None
    try:
        mandate = using.mandate_for(actor, party, asked, asked.one)
    except MayNotAct as refused:
        raise _refused() from refused
    except ExchangeError as away:
        raise ClientError("temporarily_unavailable", "a registry does not answer") from away
    return _taken_up(mandate.id, asked, actor, wanted)


def _taken_up(mandate: UUID, asked: Asked, actor: UUID, wanted: int) -> Mandate:
    if wanted >= SIGNATURE_LEVEL:
        raise ClientError("access_denied", "nobody signs for another")
    try:
        return using.taken_up(mandate, actor=actor, asked=asked)
    except MayNotAct as refused:
        raise _refused() from refused
    except ExchangeError as away:
        raise ClientError("temporarily_unavailable", "a registry does not answer") from away


def _refused() -> ClientError:
    return ClientError("access_denied", "the person may not act for this one")


def below_signature(levels: list[Level]) -> list[Level]:
    """What a token may state of somebody who acts for another."""
    return [level for level in levels if level.level < SIGNATURE_LEVEL]
