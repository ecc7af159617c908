"""The doors of the provider for clients' programs: token, userinfo, pushed requests, revocation."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from panjereh.sso.acting.claims import userinfo_of_use
from panjereh.sso.portal.observing import note_call
from panjereh.sso.provider import chains, dpop
from panjereh.sso.provider.actions import release_claims, signed
from panjereh.sso.provider.authorize import checked_grant
from panjereh.sso.provider.bearers import bearer_of, token_refused, told_to
from panjereh.sso.provider.clients import WAYS, Client
from panjereh.sso.provider.errors import ClientError
from panjereh.sso.provider.pushed import push
from panjereh.sso.provider.requests import ProtocolRequest, check_shape
from panjereh.sso.provider.server import provider
from panjereh.sso.provider.store import TokenOwner
from panjereh.sso.provider.wishes import read_request
from panjereh.sso.relying_parties.queries import relying_party

Endpoint = Callable[[ProtocolRequest], HttpResponse]

# What shows who the client is, and is no part of what it asks for.
_CREDENTIALS = ("client_secret", "client_assertion", "client_assertion_type")


def endpoint(answer: Endpoint) -> Callable[[HttpRequest], HttpResponse]:
    """A POST of a client. A proof is looked at first: a wrong one must not use up a code."""

    @csrf_exempt
    @require_POST
    @wraps(answer)
    def door(request: HttpRequest) -> HttpResponse:
        try:
            check_shape(request.POST)
            asked = ProtocolRequest("POST", request.POST, request.headers)
            asked.proof = dpop.read_proof(request)
            response = answer(asked)
        except dpop.ProofRefused as refused:
            response = _refused(400, refused.error, refused.description)
        except ClientError as error:
            response = _refused(400, error.error, error.description)
        except OAuth2Error as error:
            error.redirect_uri = None  # a program asks: it is told here
            response = provider.handle_response(*error())
        if "DPoP" in request.headers:
            dpop.offer_nonce(response)
        note_call(answer.__name__, request, response)
        return response

    return door


@endpoint
def token(asked: ProtocolRequest) -> HttpResponse:
    response: HttpResponse = provider.create_token_response(asked)
    return response


@endpoint
def pushed(asked: ProtocolRequest) -> HttpResponse:
    """Checked as it would be at the authorization endpoint, so that mistakes show here."""
    client: Client = provider.authenticate_client(asked, WAYS, "pushed_authorization_request")
    params = _without_credentials(asked, client)
    grant = checked_grant(params)
    if grant.client.client_id != client.client_id:
        raise InvalidRequestError("client_id is of another client")
    read_request(params, client)
    left = push(client.client_id, _bound_to_key(params, asked))
    return JsonResponse({"request_uri": left.uri, "expires_in": left.seconds}, status=201)


def _without_credentials(asked: ProtocolRequest, client: Client) -> QueryDict:
    params = QueryDict(mutable=True)
    params.update({k: v for k, v in asked.form.items() if k not in _CREDENTIALS})
    if "request_uri" in params:
        raise InvalidRequestError("a pushed request cannot refer to another one")
    params.setdefault("client_id", client.client_id)
    return params


def _bound_to_key(params: QueryDict, asked: ProtocolRequest) -> QueryDict:
    """RFC 9449 10.1: a proof at this endpoint binds the code like `dpop_jkt` does."""
    if asked.proof is None:
        return params
    if params.get("dpop_jkt", asked.proof.jkt) != asked.proof.jkt:
        raise InvalidRequestError("dpop_jkt is of another key than the proof")
    params["dpop_jkt"] = asked.proof.jkt
    return params


@endpoint
def revoke(asked: ProtocolRequest) -> HttpResponse:
    """RFC 7009: what the token came from ends, whichever of its tokens it is. An unknown token
    is as good as revoked."""
    client: Client = provider.authenticate_client(asked, WAYS, "revocation")
    if not asked.form.get("token"):
        raise InvalidRequestError("token is missing")
    chains.revoke(asked.form["token"], client_id=client.client_id)
    return HttpResponse(status=200)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    owner = bearer_of(request)
    if isinstance(owner, HttpResponse):
        return owner
    claims = _claims(owner)
    return _told(owner, claims) if claims is not None else token_refused(request)


def _claims(owner: TokenOwner) -> dict[str, Any] | None:
    return userinfo_of_use(owner) if owner.mandate_use else release_claims(owner)


def _told(owner: TokenOwner, claims: dict[str, Any]) -> HttpResponse:
    party = relying_party(owner.client_id)
    if party and party.userinfo_alg:
        signed_claims = signed(claims, party)
        return told_to(owner, HttpResponse(signed_claims, content_type="application/jwt"))
    return told_to(owner, JsonResponse(claims))


def _refused(status: int, error: str, description: str = "") -> HttpResponse:
    told = {"error": error, "error_description": description}
    return JsonResponse({name: text for name, text in told.items() if text}, status=status)
