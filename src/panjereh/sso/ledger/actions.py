"""Keep what sites say about themselves, and say who may show people their ledger."""

from collections.abc import Mapping

from panjereh.common import clock
from panjereh.sso.ledger.models import Reader, Statement
from panjereh.sso.models import RelyingParty

STATED = ("name", "agency_name", "purpose")


def note_statement(party: RelyingParty, legal_basis: Mapping[str, str]) -> None:
    """In the transaction that enters or changes the client."""
    said = {field: getattr(party, field) for field in STATED} | {"legal_basis": dict(legal_basis)}
    newest = Statement.objects.filter(client_id=party.client_id).order_by("-since", "-pk").first()
    if newest and all(getattr(newest, field) == value for field, value in said.items()):
        return
    Statement.objects.create(client_id=party.client_id, since=clock.now(), **said)


def let_read(client_id: str, *, actor: str) -> None:
    """People may read their ledger at this site, with a token of their own."""
    if not actor:
        raise ValueError("say who lets the client in")
    party = RelyingParty.objects.get(client_id=client_id, closed_at=None)
    Reader.objects.update_or_create(
        client_id=party.client_id,
        defaults={},
        create_defaults={"let_in_by": actor, "let_in_at": clock.now()},
    )


def let_read_no_more(client_id: str, *, actor: str) -> None:
    """From now on, also with tokens that it holds."""
    if not actor:
        raise ValueError("say who shuts the client out")
    Reader.objects.filter(client_id=client_id).delete()
