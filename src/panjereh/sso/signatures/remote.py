"""Sign with a key that a service keeps: ask it, send the person there, fetch the signature.

The PIN and the code of the phone are entered at the service; we never see them.
"""

from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from panjereh.common import clock
from panjereh.common.cms import Unsigned
from panjereh.sdk import remote_signing
from panjereh.sdk.exchange import ExchangeError, Rejected
from panjereh.sdk.remote_signing import Key
from panjereh.sso.models import Person, RelyingParty
from panjereh.sso.signatures.actions import accept_signature
from panjereh.sso.signatures.details import Wanted
from panjereh.sso.signatures.models import Challenge, RemoteRequest, Signature
from panjereh.sso.signatures.refusals import SignatureRefused


def ask_service(
    challenge: Challenge,
    person: Person,
    *,
    back_to: str,
    party: RelyingParty | None,
    wanted: Wanted | None,
) -> str:
    """The page of the service to which the person goes. Raises `SignatureRefused`."""
    try:
        key = _newest(remote_signing.keys_of(person.national_id))
        asked = remote_signing.authorise(
            key.credential,
            digest=Unsigned(bytes(challenge.content), key.certificate).digest,
            description=wanted.text if wanted else _sign_in_texts(party),
            back_to=back_to,
            language=(get_language() or "fa")[:2],
        )
    except ExchangeError as error:
        raise SignatureRefused("service-away") from error
    _only_our_service(asked.page)
    RemoteRequest.objects.update_or_create(challenge=challenge, defaults=_kept(key, asked.handle))
    return asked.page


def fetch_signature(challenge: Challenge, person: Person, *, handle: str, code: str) -> Signature:
    """The person has allowed it there. Raises `SignatureRefused`."""
    asked = RemoteRequest.objects.filter(challenge=challenge, handle=handle).first()
    if asked is None:
        raise SignatureRefused("other-journey")
    certificate = x509.load_der_x509_certificate(bytes(asked.certificate))
    unsigned = Unsigned(bytes(challenge.content), certificate)
    try:
        signature = remote_signing.sign(
            asked.credential, digest=unsigned.digest, handle=handle, code=code
        )
    except Rejected as error:
        raise SignatureRefused("not-allowed") from error
    except ExchangeError as error:
        raise SignatureRefused("service-away") from error
    others = [x509.load_der_x509_certificate(bytes(one)) for one in asked.others]
    return accept_signature(challenge, person, unsigned.signed(signature, others))


def _newest(keys: list[Key]) -> Key:
    now = clock.now()
    good = [key for key in keys if key.certificate.not_valid_after_utc > now]
    if not good:
        raise SignatureRefused("no-service")
    return max(good, key=lambda key: key.certificate.not_valid_after_utc)


def _only_our_service(page: str) -> None:
    """What the exchange brings is not an address to send people to, but of the known service."""
    told, known = urlsplit(page), urlsplit(settings.SIGNING_SERVICE_URL)
    if (told.scheme, told.netloc) != (known.scheme, known.netloc):
        raise SignatureRefused("service-away")


def _sign_in_texts(party: RelyingParty | None) -> dict[str, str]:
    texts = {}
    for language, __ in settings.LANGUAGES:
        with override(language):
            name = (party.name.get(language) or party.name.get("fa", "")) if party else ""
            texts[language] = _("Sign in to %(site)s with an electronic signature") % {"site": name}
    return texts


def _kept(key: Key, handle: str) -> dict[str, Any]:
    return {
        "credential": key.credential,
        "certificate": key.certificate.public_bytes(Encoding.DER),
        "others": [one.public_bytes(Encoding.DER) for one in key.others],
        "handle": handle,
        "asked_at": clock.now(),
    }
