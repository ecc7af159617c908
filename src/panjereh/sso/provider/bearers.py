"""Doors for whoever has an access token: whose it is, and whether it may be used so."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from panjereh.sso.provider import dpop
from panjereh.sso.provider.store import TokenOwner, owner_of


def bearer_of(request: HttpRequest) -> TokenOwner | HttpResponse:
    """Whom the token speaks of, or the answer that refuses it. A token in the address would end
    up in logs, so it is not even looked at."""
    kind, given = _shown(request)
    if kind not in ("bearer", "dpop"):
        return _unauthorized("Bearer")
    owner = owner_of(given)
    try:
        right = owner is not None and _may_use(owner, kind, given, request)
    except dpop.ProofRefused as refused:
        return _unauthorized("DPoP", refused.error)
    return owner if owner and right else token_refused(request)


def told_to(owner: TokenOwner, answer: HttpResponse) -> HttpResponse:
    """The next proof of a bound token needs a nonce."""
    if owner.dpop_jkt:
        dpop.offer_nonce(answer)
    return answer


def token_refused(request: HttpRequest) -> HttpResponse:
    kind, _ = _shown(request)
    return _unauthorized("DPoP" if kind == "dpop" else "Bearer", "invalid_token")


def scope_missing(scope: str) -> HttpResponse:
    """RFC 6750 3.1: the token is good, and not for this."""
    answer = JsonResponse({"error": "insufficient_scope", "scope": scope}, status=403)
    answer["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{scope}"'
    return answer


def _shown(request: HttpRequest) -> tuple[str, str]:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return kind.lower(), given.strip()


def _may_use(owner: TokenOwner, kind: str, given: str, request: HttpRequest) -> bool:
    """A bound token is of no use without its key, nor is a plain one with a proof."""
    if not owner.dpop_jkt:
        return kind == "bearer"
    proof = dpop.read_proof(request, access_token=given) if kind == "dpop" else None
    return proof is not None and proof.jkt == owner.dpop_jkt


def _unauthorized(scheme: str, error: str = "") -> HttpResponse:
    algs = f' algs="{" ".join(dpop.ALGORITHMS)}"' if scheme == "DPoP" else ""
    said = f' error="{error}"' if error else ""
    answer = JsonResponse({"error": error} if error else {}, status=401)
    answer["WWW-Authenticate"] = scheme + ",".join(filter(None, [said, algs]))
    if scheme == "DPoP":
        dpop.offer_nonce(answer)
    return answer
