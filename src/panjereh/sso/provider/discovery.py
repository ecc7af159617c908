"""What this provider can do, told to clients: nothing that does not work is listed."""

from typing import Any

from django.conf import settings

from panjereh.sso.acting.asked import SCOPES as REPRESENTEE_SCOPES
from panjereh.sso.levels import levels
from panjereh.sso.provider import assertions, dpop
from panjereh.sso.provider.actions import TRUST_FRAMEWORK
from panjereh.sso.provider.claims import CLAIMS, GRANTABLE, SCOPES
from panjereh.sso.provider.clients import WAYS
from panjereh.sso.provider.keys import algorithms
from panjereh.sso.provider.wishes import MODES, PROMPTS
from panjereh.sso.signatures.details import TYPE


def metadata() -> dict[str, Any]:
    issuer = settings.ISSUER
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "userinfo_endpoint": f"{issuer}/oauth2/userinfo",
        "jwks_uri": f"{issuer}/oauth2/jwks",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth2/par",
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "end_session_endpoint": f"{issuer}/oauth2/logout",
        "scopes_supported": [*SCOPES, *REPRESENTEE_SCOPES],
        "claims_supported": ["sub", "acr", "amr", "auth_time", "sid", *GRANTABLE, "act", "mandate"],
        "acr_values_supported": [level.acr for level in levels()],
        "response_types_supported": ["code"],
        "response_modes_supported": list(MODES),
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": algorithms(),
        "userinfo_signing_alg_values_supported": algorithms(),
        "token_endpoint_auth_methods_supported": WAYS,
        "token_endpoint_auth_signing_alg_values_supported": assertions.ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": WAYS,
        "revocation_endpoint_auth_signing_alg_values_supported": assertions.ALGORITHMS,
        "dpop_signing_alg_values_supported": dpop.ALGORITHMS,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": sorted(PROMPTS),
        "ui_locales_supported": [code for code, _ in settings.LANGUAGES],
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "claims_parameter_supported": True,
        "authorization_details_types_supported": [TYPE],
        "verified_claims_supported": True,
        "trust_frameworks_supported": [TRUST_FRAMEWORK],
        "claims_in_verified_claims_supported": list(CLAIMS),
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
