"""Requests of the protocol as Authlib wants them, and the shape every parameter must have."""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload, OAuth2Request
from django.conf import settings
from django.http import QueryDict

from panjereh.sso.provider.dpop import Proof

# RFC 6749 appendix A. What lies outside would also break Authlib's own error texts.
_VISIBLE = re.compile(r"^[\x20-\x7e]*$")
_PLAIN = re.compile(r"^[\x20\x21\x23-\x5b\x5d-\x7e]*$")
_FREE = {"state", "nonce", "claims", "id_token_hint", "login_hint", "client_assertion"}
_FREE |= {"authorization_details"}
_LONGEST = 4000
_LONGER = {"authorization_details": 10_000}  # texts in Persian, six characters for each letter


class _Payload(OAuth2Payload):  # type: ignore[misc]
    def __init__(self, params: QueryDict) -> None:
        self._params = params

    @cached_property
    def data(self) -> dict[str, str]:
        return {name: str(self._params[name]) for name in self._params}

    @property
    def datalist(self) -> "defaultdict[str, list[str]]":
        return defaultdict(list, {name: self._params.getlist(name) for name in self._params})


class ProtocolRequest(OAuth2Request):  # type: ignore[misc]
    """A request from one place only: the query or the form, never both mixed."""

    proof: Proof | None = None  # of the key that the client holds, if it showed one

    def __init__(self, method: str, params: QueryDict, headers: Mapping[str, str]) -> None:
        # Encryption on the way is enforced by the settings; Authlib's own check does not know
        # that every *.localhost is this machine, so it is shown the https form of our address.
        address = settings.ISSUER.replace("http://", "https://", 1)
        super().__init__(method, address, headers=dict(headers))
        self._params = params
        self.payload = _Payload(params)

    @property
    def args(self) -> dict[str, str]:
        return self.payload.data if self.method == "GET" else {}

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data if self.method == "POST" else {}


def check_shape(params: QueryDict) -> None:
    """Once each, printable, of sane length. Raises Authlib's `InvalidRequestError`."""
    for name in params:
        values = params.getlist(name)
        allowed = _VISIBLE if name in _FREE else _PLAIN
        if len(values) > 1:
            raise InvalidRequestError("a parameter is given more than once")
        longest = _LONGER.get(name, _LONGEST)
        if len(values[0]) > longest or not allowed.match(values[0]) or not _PLAIN.match(name):
            raise InvalidRequestError("a parameter has characters or a length that it must not")
