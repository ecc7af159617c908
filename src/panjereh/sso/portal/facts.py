"""What a developer tells about a site. Pure; kept as JSON, because an application is a snapshot."""

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

Texts = dict[str, str]  # language -> text


@dataclass(frozen=True, kw_only=True)
class Facts:
    """`claims` says for each claim which law gives the right to it: without one none is asked
    (PRV-15). `protector` answers for the protection of the data (PRV-06)."""

    name: Texts
    entry_point: str
    purpose: Texts
    claims: Texts
    protector_name: str
    protector_post: str
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str
    expected_minutes: int = 15
    minimum_level: int = 1
    profile: str = "standard"
    id_token_alg: str = "ES256"  # noqa: S105 - an algorithm
    userinfo_alg: str = "ES256"
    may_refresh: bool = False
    national_registration_only: bool = True
    acts_for_others: bool = False
    jwks: dict[str, Any] | None = field(default=None)

    def kept(self) -> dict[str, Any]:
        return asdict(self)

    def without_claims(self, approved: list[str]) -> "Facts":
        """Only what was approved is still asked for."""
        return replace(self, claims={k: v for k, v in self.claims.items() if k in approved})


def facts_from(kept: dict[str, Any]) -> Facts:
    """Read back; a fact that we no longer have is left out."""
    known = {one.name for one in fields(Facts)}
    return Facts(**{name: value for name, value in kept.items() if name in known})


def changed(before: Facts, after: Facts) -> list[str]:
    """Names of the facts that differ."""
    old, new = before.kept(), after.kept()
    return [name for name in new if old[name] != new[name]]
