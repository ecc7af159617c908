"""Exchange the code of an answer for tokens, and check what comes back."""

from dataclasses import dataclass
from typing import Any

from panjereh.sdk.signin.attempts import Attempt
from panjereh.sdk.signin.failures import SignInFailed
from panjereh.sdk.signin.issuer import issuer
from panjereh.sdk.signin.tokens import Claims, check_id_token


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the sign-on sent the browser back with."""

    code: str
    answered_by: str
    redirect_uri: str


@dataclass(frozen=True)
class Redeemed:
    tokens: dict[str, Any]
    claims: Claims

    @property
    def id_token(self) -> str:
        return str(self.tokens.get("id_token", ""))

    @property
    def access(self) -> str:
        return str(self.tokens.get("access_token", ""))


def redeem(attempt: Attempt, answer: Answer) -> Redeemed:
    if answer.answered_by != issuer().public:
        raise SignInFailed("provider-wrong", "the answer names another issuer")
    tokens = issuer().redeem(
        {
            "grant_type": "authorization_code",
            "code": answer.code,
            "redirect_uri": answer.redirect_uri,
            "code_verifier": attempt.verifier,
        }
    )
    id_token, access = str(tokens.get("id_token", "")), str(tokens.get("access_token", ""))
    claims = check_id_token(id_token, nonce=attempt.nonce, access_token=access, level=attempt.level)
    return Redeemed(tokens, claims)
