"""Keep a key for a person; ask, check PIN and code, and let a signature go once."""

import base64
import hashlib
import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.db import connection, transaction

from panjereh.common import clock
from panjereh.sandbox.authority import persons
from panjereh.sandbox.authority.hierarchy import PERSONS, load
from panjereh.sandbox.authority.persons import Holder
from panjereh.sandbox.phone.models import ArrivedMessage
from panjereh.sandbox.signing_service import vault
from panjereh.sandbox.signing_service.models import Authorisation, Credential

LIFE = timedelta(minutes=5)
MOST_WRONG, MOST_GUESSES = 3, 3
SENDER = "Emza"

_TRY_PIN = """
    UPDATE signing_service_credential SET wrong_pins = wrong_pins + 1
    WHERE id = %s AND wrong_pins < %s RETURNING 1
"""
_TRY_CODE = """
    UPDATE signing_service_authorisation SET code_guesses = code_guesses + 1
    WHERE id = %s AND code_guesses < %s AND code_digest <> '' AND grant_sha256 = ''
    RETURNING code_digest
"""
_EXCHANGE = """
    UPDATE signing_service_authorisation SET sad_sha256 = %s
    WHERE id = %s AND grant_sha256 = %s AND sad_sha256 = '' AND expires_at > %s RETURNING 1
"""
_USE = """
    UPDATE signing_service_authorisation SET used_at = %s
    WHERE credential_id = %s AND sad_sha256 = %s AND digest = %s AND used_at IS NULL
      AND expires_at > %s RETURNING id, sealed_signature
"""


class Refused(Exception):
    """`code` says why: pin, locked, code, codes-over, over."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def keep_key(holder: Holder, *, mobile: str, pin: str) -> Credential:
    """A new key and its certificate, issued at once by the sandbox's authority for persons."""
    folder, key, row = Path(settings.KEYS) / "signatures", vault.new_key(), uuid4()
    certificate, salt = persons.issue(folder, holder, key.public_key()), os.urandom(16)
    return Credential.objects.create(
        id=row,
        holder=vault.keyed("holder", holder.national_id),
        mobile=mobile,
        certificate=certificate.public_bytes(Encoding.DER),
        chain=load(folder, PERSONS).certificate.public_bytes(Encoding.DER),
        salt=salt,
        sealed_key=vault.seal_key(key, pin=pin, salt=salt, name=str(row)),
        made_at=clock.now(),
    )


def ask(
    credential: Credential, *, digest: bytes, description: dict[str, str], return_address: str
) -> Authorisation:
    """CSC credentials/authorize: the person is sent to our page to allow this one digest."""
    if not return_address.startswith(f"{settings.PUBLIC_URLS['sso']}/"):
        raise Refused("over")
    now = clock.now()
    return Authorisation.objects.create(
        credential=credential,
        digest=digest.hex(),
        description=description,
        return_address=return_address,
        asked_at=now,
        expires_at=now + LIFE,
    )


def enter_pin(asked: Authorisation, pin: str) -> None:
    """Signs at once, while the PIN is here, and sends the code without which it is not let go.
    Raises `Refused`."""
    _counted(_TRY_PIN, [asked.credential_id, MOST_WRONG], "locked")
    credential = Credential.objects.get(id=asked.credential_id)
    name = str(credential.id)
    try:
        key = vault.open_key(
            bytes(credential.sealed_key), pin=pin, salt=bytes(credential.salt), name=name
        )
    except vault.WrongPin as error:
        raise Refused("locked" if credential.wrong_pins >= MOST_WRONG else "pin") from error
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        Credential.objects.filter(id=credential.id).update(wrong_pins=0)
        signature = vault.sign_digest(key, bytes.fromhex(asked.digest))
        Authorisation.objects.filter(id=asked.id).update(
            sealed_signature=vault.seal(signature, str(asked.id)),
            code_digest=vault.keyed("code", f"{asked.id}:{code}"),
            code_guesses=0,
        )
        _send(credential.mobile, code)


def enter_code(asked: Authorisation, code: str) -> str:
    """The address to go back to, with what only this browser then has. Raises `Refused`."""
    kept = _counted(_TRY_CODE, [asked.id, MOST_GUESSES], "codes-over")
    if not secrets.compare_digest(kept, vault.keyed("code", f"{asked.id}:{code}")):
        raise Refused("code")
    grant = secrets.token_urlsafe(32)
    Authorisation.objects.filter(id=asked.id, grant_sha256="").update(grant_sha256=_sha256(grant))
    return f"{asked.return_address}?{urlencode({'handle': asked.id, 'code': grant})}"


def exchange_grant(handle: UUID, grant: str) -> str:
    """CSC credentials/authorizeCheck: the signature activation data, once. Raises `Refused`."""
    sad = secrets.token_urlsafe(32)
    _counted(_EXCHANGE, [_sha256(sad), handle, _sha256(grant), clock.now()], "over")
    return sad


def let_go(credential_id: UUID, *, sad: str, digest: bytes) -> str:
    """CSC signatures/signHash: the signature over exactly what was allowed. Raises `Refused`."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_USE, [now, credential_id, _sha256(sad), digest.hex(), now])
        row = cursor.fetchone()
    if row is None:
        raise Refused("over")
    return base64.b64encode(vault.unseal(bytes(row[1]), str(row[0]))).decode()


def _counted(statement: str, values: list[object], refusal: str) -> str:
    """Counted by one statement before anything is compared."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)  # type: ignore[arg-type]
        row = cursor.fetchone()
    if row is None:
        raise Refused(refusal)
    return str(row[0])


def _send(mobile: str, code: str) -> None:
    """The provider has an operator of its own; in the sandbox that is the virtual phone."""
    text = f"کد امضای شما: {code}\nاین کد را تنها در صفحهٔ سامانهٔ امضا بنویسید."
    ArrivedMessage.objects.create(
        mobile=mobile, sender=SENDER, text=text, arrived_at=clock.now(), complete=True
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
