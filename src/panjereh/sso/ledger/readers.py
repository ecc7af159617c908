"""At which sites people may read their ledger. The scope is one that nobody else can ask for."""

from panjereh.sso.ledger.models import Reader

RELEASES = "releases"


def may_read(client_id: str) -> bool:
    return Reader.objects.filter(client_id=client_id).exists()
