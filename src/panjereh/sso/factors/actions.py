"""What a person does with the own ways to sign in. The actor is the session of the person, and it
must be fresh: who finds an open browser must not add a way of the own to it."""

import secrets
from contextlib import suppress
from uuid import UUID

from django.db import IntegrityError, transaction

from panjereh.common import clock
from panjereh.sso.events.actions import tell_agencies
from panjereh.sso.factors import recovery, totp, vault
from panjereh.sso.factors.challenges import issue_challenge, spend_challenge
from panjereh.sso.factors.models import (
    AppDraft,
    AuthenticatorApp,
    FirstHalf,
    Handle,
    NeverSmsAlone,
    Passkey,
    RecoveryCode,
    RecoverySet,
)
from panjereh.sso.factors.proving import app_place
from panjereh.sso.factors.queries import ways_of
from panjereh.sso.factors.webauthn import NewKey, Refused, check_new_key, options_to_add
from panjereh.sso.models import Person
from panjereh.sso.one_time import limits
from panjereh.sso.one_time.limits import Limit
from panjereh.sso.policy import policy
from panjereh.sso.safety.notices import notify
from panjereh.sso.safety.numbers import may_get_codes
from panjereh.sso.sessions.actions import LiveSession

HANDLE_BYTES = 32


class NotFresh(Exception):
    """The sign-in is too old for this: the person signs in once more."""


class TooMany(Exception):
    """There is no room for another one."""


class AlreadyThere(Exception):
    """This one has been added before."""


class WrongCode(Exception):
    """The app that was to be added shows other codes."""


class LastWay(Exception):
    """Without it nobody could sign in any more as the person wants it."""


def is_fresh(session: LiveSession) -> bool:
    return clock.now() - session.authenticated_at <= policy().fresh_sign_in


def require_fresh(session: LiveSession) -> None:
    if not is_fresh(session):
        raise NotFresh


def begin_passkey(actor: LiveSession, *, shown_name: str) -> dict[str, object]:
    """What the browser needs to make a key. `shown_name` is what the device will call it."""
    require_fresh(actor)
    known = Passkey.objects.filter(person_id=actor.person_id)
    return options_to_add(
        issue_challenge("add", actor.sid),
        handle=_handle(actor.person_id),
        shown_name=shown_name,
        known=[bytes(one) for one in known.values_list("credential_id", flat=True)],
    )


def _handle(person_id: UUID) -> bytes:
    fresh = {"handle": secrets.token_bytes(HANDLE_BYTES)}
    found, _ = Handle.objects.get_or_create(person_id=person_id, defaults=fresh)
    return bytes(found.handle)


def add_passkey(actor: LiveSession, *, answer: str, name: str) -> Passkey:
    """Raises `webauthn.Refused`, `TooMany` or `AlreadyThere`."""
    require_fresh(actor)
    challenge = spend_challenge("add", actor.sid)
    if challenge is None:
        raise Refused("the challenge is spent or too old")
    key = check_new_key(answer, challenge)
    with transaction.atomic():
        _lock(actor.person_id)
        if Passkey.objects.filter(person_id=actor.person_id).count() >= policy().passkeys:
            raise TooMany
        passkey = _keep(actor, key, name)
        _told(actor.person_id, "passkey-added", name=name)
    return passkey


def _keep(actor: LiveSession, key: NewKey, name: str) -> Passkey:
    try:
        with transaction.atomic():
            return Passkey.objects.create(
                person_id=actor.person_id,
                name=name,
                proved=actor.level,
                credential_id=key.credential_id,
                public_key=key.public_key,
                sign_count=key.sign_count,
                synced=key.synced,
                added_at=clock.now(),
            )
    except IntegrityError as error:
        raise AlreadyThere from error


def rename_passkey(actor: LiveSession, passkey_id: UUID, *, name: str) -> None:
    """A name opens nothing, so any running session may give it. Raises `Passkey.DoesNotExist`."""
    changed = Passkey.objects.filter(id=passkey_id, person_id=actor.person_id).update(name=name)
    if not changed:
        raise Passkey.DoesNotExist


def remove_passkey(actor: LiveSession, passkey_id: UUID) -> None:
    """Raises `LastWay` or `Passkey.DoesNotExist`."""
    require_fresh(actor)
    with transaction.atomic():
        _lock(actor.person_id)
        passkey = Passkey.objects.get(id=passkey_id, person_id=actor.person_id)
        passkey.delete()
        _keep_a_way(actor.person_id)
        _told(actor.person_id, "passkey-removed", name=passkey.name)


def begin_app(actor: LiveSession) -> str:
    """The secret for the app; the same one when the page is loaded again."""
    require_fresh(actor)
    place, now = app_place(actor.person_id), clock.now()
    draft = AppDraft.objects.filter(session=actor.sid, expires_at__gt=now).first()
    if draft:
        with suppress(vault.SealBroken):  # its key went meanwhile: begin again
            return vault.unseal(draft.secret, place=place)
    secret = totp.new_secret()
    values = {"secret": vault.seal(secret, place=place), "expires_at": now + policy().app_draft}
    AppDraft.objects.update_or_create(session=actor.sid, defaults=values)
    return secret


def add_app(actor: LiveSession, *, code: str, name: str) -> AuthenticatorApp:
    """Only after it has shown a right code, which is spent by that. Raises `WrongCode` or
    `AlreadyThere`."""
    require_fresh(actor)
    secret = begin_app(actor)
    step = totp.step_of(secret, code, clock.now())
    if step is None:
        raise WrongCode
    with transaction.atomic():
        _lock(actor.person_id)
        if AuthenticatorApp.objects.filter(person_id=actor.person_id).exists():
            raise AlreadyThere
        app = AuthenticatorApp.objects.create(
            person_id=actor.person_id,
            name=name,
            proved=actor.level,
            secret=vault.seal(secret, place=app_place(actor.person_id)),
            last_step=step,
            added_at=clock.now(),
        )
        AppDraft.objects.filter(session=actor.sid).delete()
        _told(actor.person_id, "totp-added", name=name)
    return app


def remove_app(actor: LiveSession) -> None:
    """Raises `LastWay` or `AuthenticatorApp.DoesNotExist`."""
    require_fresh(actor)
    with transaction.atomic():
        _lock(actor.person_id)
        app = AuthenticatorApp.objects.get(person_id=actor.person_id)
        app.delete()
        _keep_a_way(actor.person_id)
        _told(actor.person_id, "totp-removed", name=app.name)


def make_recovery_codes(actor: LiveSession) -> list[str]:
    """A new sheet; the old one ends. The codes are told this once and kept nowhere."""
    require_fresh(actor)
    most = policy().recovery_sheets_per_hour  # making one is slow work
    limits.spend(Limit("recovery-sheet", str(actor.person_id), limits.HOUR, most))
    codes = [recovery.new_code() for _ in range(policy().recovery_codes)]
    salt = recovery.new_salt()
    digests = [recovery.digest(code, salt) for code in codes]  # slow, so before the lock
    with transaction.atomic():
        _lock(actor.person_id)
        RecoverySet.objects.filter(person_id=actor.person_id).delete()
        sheet = RecoverySet.objects.create(
            person_id=actor.person_id, salt=salt, proved=actor.level, made_at=clock.now()
        )
        RecoveryCode.objects.bulk_create(RecoveryCode(sheet=sheet, digest=d) for d in digests)
        _told(actor.person_id, "recovery-made")
    return codes


def refuse_sms_alone(actor: LiveSession) -> None:
    """From now on an SMS code needs a second thing. Raises `LastWay` while there is none, or no
    recovery code for the day on which that one is lost."""
    require_fresh(actor)
    with transaction.atomic():
        _lock(actor.person_id)
        ways = ways_of(actor.person_id)
        if not (ways.strong and ways.recovery_left):
            raise LastWay
        NeverSmsAlone.objects.get_or_create(
            person_id=actor.person_id, defaults={"since": clock.now()}
        )
        _told(actor.person_id, "sms-alone-refused")


def accept_sms_alone(actor: LiveSession) -> None:
    require_fresh(actor)
    with transaction.atomic():
        NeverSmsAlone.objects.filter(person_id=actor.person_id).delete()
        _told(actor.person_id, "sms-alone-accepted")


def drop_lately_added(person_id: UUID) -> None:
    """“This was not me”: what a thief has added is gone, what the owner has had for long stays.

    In the caller's transaction, for the report is one deed with it.
    """
    since = clock.now() - policy().ways_distrusted
    lately = {"person_id": person_id, "added_at__gte": since}
    for passkey in Passkey.objects.filter(**lately):
        passkey.delete()
        notify(person_id, "passkey-removed", name=passkey.name)
    for app in AuthenticatorApp.objects.filter(**lately):
        app.delete()
        notify(person_id, "totp-removed", name=app.name)
    RecoverySet.objects.filter(person_id=person_id, made_at__gte=since).delete()
    FirstHalf.objects.filter(person_id=person_id).delete()
    NeverSmsAlone.objects.filter(person_id=person_id, since__gte=since).delete()


def _lock(person_id: UUID) -> None:
    """Two removals at once must not each leave the other's to the person."""
    Person.objects.select_for_update().values("id").get(id=person_id)


def _keep_a_way(person_id: UUID) -> None:
    ways = ways_of(person_id)
    by_sms = ways.sms_alone and may_get_codes(Person.objects.get(id=person_id))
    if not by_sms and not ways.strong:
        raise LastWay


def _told(person_id: UUID, kind: str, **facts: str) -> None:
    """The person in any case; sites that know them only that something changed (PRV-16)."""
    notify(person_id, kind, **facts)
    tell_agencies(person_id, "credential-change")
