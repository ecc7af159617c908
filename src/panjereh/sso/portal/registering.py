"""From what developers tell to the clients that sign in. Pure."""

from datetime import timedelta

from panjereh.sso.acting.asked import SCOPES as REPRESENTEE_SCOPES
from panjereh.sso.policy import policy
from panjereh.sso.portal.facts import Facts
from panjereh.sso.portal.models import Agency, Site
from panjereh.sso.relying_parties.actions import Registration

TEST, LIVE = "test", "live"


def client_id_of(code: str, stage: str) -> str:
    return f"{code}-test" if stage == TEST else code


def registration_of(
    agency: Agency, code: str, facts: Facts, *, stage: str, granted: list[str]
) -> Registration:
    return Registration(
        client_id=client_id_of(code, stage),
        name=facts.name,
        agency=agency.code,
        agency_name=agency.name,
        purpose=facts.purpose,
        redirect_uris=facts.redirect_uris,
        post_logout_redirect_uris=facts.post_logout_redirect_uris,
        backchannel_logout_uri=facts.backchannel_logout_uri,
        granted_claims=granted,
        minimum_level=facts.minimum_level,
        profile=facts.profile,
        jwks=facts.jwks,
        id_token_alg=facts.id_token_alg,
        userinfo_alg=facts.userinfo_alg,
        may_refresh=facts.may_refresh,
        asks_consent=not agency.of_government,
        session_minutes=rest_minutes(facts.expected_minutes),
        stage=stage,
        legal_basis=facts.claims,
        representee_scopes=list(REPRESENTEE_SCOPES) if facts.acts_for_others else [],
    )


def rest_minutes(expected: int) -> int:
    """SSO-18: the session lasts as long as the service takes, within the cap."""
    longest: timedelta = policy().session_rest_longest
    return min(expected, int(longest.total_seconds()) // 60)


def for_testing(site: Site) -> Registration:
    """A test client is told all it asks for: only its developers or invented people get in."""
    told = site.told
    return registration_of(site.agency, site.code, told, stage=TEST, granted=list(told.claims))
