"""Secrets and keys of a site's clients, replaced without a moment in which nobody can sign in."""

from typing import Any

from django.db import transaction

from panjereh.sso.digests import new_secret
from panjereh.sso.portal.actions.agencies import require_rights_over
from panjereh.sso.portal.actions.sites import standing_client, write_deed
from panjereh.sso.portal.models import Developer, Site
from panjereh.sso.relying_parties.actions import (
    RegistrationRefused,
    add_secret,
    drop_old_secret,
    replace_keys,
)

MOST_SECRETS = 2


class TwoSecretsAlready(RegistrationRefused):
    """A third one would end the first, which the site may still use."""


def make_secret(*, actor: Developer, site: Site, stage: str) -> str:
    """A new secret, shown now and never again; the one before is good until it is dropped."""
    require_rights_over(actor, site.agency)
    party = standing_client(site, stage)
    secret = new_secret()
    with transaction.atomic():
        party.refresh_from_db(from_queryset=type(party).objects.select_for_update())
        if party.jwks is not None:
            raise RegistrationRefused("this client signs with its keys")
        if len(party.secrets_sha256) >= MOST_SECRETS:
            raise TwoSecretsAlready("drop the old secret first")
        add_secret(party.client_id, secret, actor=actor.name)
        write_deed(site, f"{stage}.secret-made", actor)
    return secret


def drop_secret(*, actor: Developer, site: Site, stage: str) -> None:
    """The older of two is worth nothing from now on."""
    require_rights_over(actor, site.agency)
    party = standing_client(site, stage)
    with transaction.atomic():
        drop_old_secret(party.client_id, actor=actor.name)
        write_deed(site, f"{stage}.secret-dropped", actor)


def change_keys(*, actor: Developer, site: Site, stage: str, jwks: dict[str, Any]) -> None:
    """The client signs with these from now on."""
    require_rights_over(actor, site.agency)
    party = standing_client(site, stage)
    if party.jwks is None:
        raise RegistrationRefused("this client has a secret; ask for a change to keys")
    with transaction.atomic():
        replace_keys(party.client_id, jwks, actor=actor.name)
        write_deed(site, f"{stage}.keys-changed", actor)
