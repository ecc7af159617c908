"""Discovery tells the truth: each thing that it promises is tried, and what it leaves out is not
to be had. A promise without a trial fails."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus, urlsplit

import pytest
from django.test import Client
from keyed import ISSUER, Holder
from people import (
    HOST,
    SECRET,
    asked,
    authorize,
    back_at_client,
    citizen,
    claims_of,
    code_for,
    redeem,
    register_client,
    registered,
    sign_in,
    userinfo,
)

from panjereh.sso.ledger.actions import let_read
from panjereh.sso.models import LogoutNotice, Person, RelyingParty
from panjereh.sso.provider.claims import CLAIMS, COMPANY_CLAIMS
from panjereh.sso.sessions.telling import Notice, logout_token

pytestmark = [pytest.mark.django_db, pytest.mark.req("SSO-17")]

Trial = Callable[[Client, Any], None]
TRIALS: dict[str, Trial] = {}
# Tried with mandates in test_acting.py, for somebody has to be represented first.
OF_OTHERS = {"act", "mandate", *COMPANY_CLAIMS}


def promise(*names: str) -> Callable[[Trial], Trial]:
    def keep(trial: Trial) -> Trial:
        TRIALS.update(dict.fromkeys(names, trial))
        return trial

    return keep


def read(browser: Client) -> dict[str, Any]:
    return dict(browser.get("/.well-known/openid-configuration", **HOST).json())


def path_of(address: str) -> str:
    assert address.startswith(ISSUER)
    return urlsplit(address).path


def tokens_of(browser: Client, client_id: str = "window", **asked_for: str | None) -> Any:
    code = code_for(browser, client_id=client_id, **asked_for)
    return redeem(browser, code, client_id=client_id).json()


def error_of(browser: Client, **changed: str | None) -> str:
    return back_at_client(authorize(browser, **changed)).told["error"]


@promise("issuer")
def _issuer(browser: Client, told: str) -> None:
    assert back_at_client(authorize(browser)).told["iss"] == told
    assert claims_of(browser, tokens_of(browser)["id_token"])["iss"] == told


@promise("authorization_endpoint", "end_session_endpoint", "jwks_uri")
def _answers_a_browser(browser: Client, address: str) -> None:
    assert browser.get(path_of(address), asked(), **HOST).status_code in (200, 302, 303)


@promise("token_endpoint", "revocation_endpoint", "pushed_authorization_request_endpoint")
def _wants_a_client(browser: Client, address: str) -> None:
    answer = browser.post(path_of(address), {"token": "x", "grant_type": "refresh_token"}, **HOST)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@promise("userinfo_endpoint")
def _wants_a_token(browser: Client, address: str) -> None:
    assert browser.get(path_of(address), **HOST).status_code == 401
    assert userinfo(browser, tokens_of(browser)["access_token"]).status_code == 200


@promise("scopes_supported")
def _scopes(browser: Client, scopes: list[str]) -> None:
    own = [scope for scope in scopes if not scope.startswith("representee")]
    register_client("all", may_refresh=True)
    let_read("all", actor="test")
    tokens = tokens_of(browser, "all", scope=" ".join([*own, "unlisted"]))
    assert set(tokens["scope"].split()) == set(own)


@promise("claims_supported")
def _claims(browser: Client, claims: list[str]) -> None:
    seen = _told_of_everything(browser, "all-claims")
    foreigner = Client()
    sign_in(foreigner, registered(citizen(3), kind="fida", national_id="123456789012"))
    seen |= _told_of_everything(foreigner, "all-claims")
    assert set(claims) - OF_OTHERS <= seen


def _told_of_everything(browser: Client, client_id: str) -> set[str]:
    register_client(client_id, granted_claims=list(CLAIMS))
    tokens = tokens_of(browser, client_id, scope="openid profile national_id fida age phone")
    told = userinfo(browser, tokens["access_token"]).json()
    return set(told) | set(claims_of(browser, tokens["id_token"]))


@promise("acr_values_supported")
def _levels(browser: Client, acrs: list[str]) -> None:
    """Level 1 at once; each higher one is a page that leads there, not an error."""
    assert "code" in back_at_client(authorize(browser, acr_values=acrs[0])).told
    for acr in acrs[1:]:
        assert "/step-up/" in authorize(browser, acr_values=acr)["Location"]
    missing = error_of(browser, acr_values="urn:panjereh:level:9")
    assert missing == "unmet_authentication_requirements"


@promise("response_types_supported")
def _response_types(browser: Client, types: list[str]) -> None:
    assert types == ["code"]
    for other in ("token", "id_token", "code token", "code id_token", "none"):
        assert error_of(browser, response_type=other) == "unsupported_response_type"


@promise("response_modes_supported")
def _response_modes(browser: Client, modes: list[str]) -> None:
    assert set(modes) == {"query", "form_post"}
    assert back_at_client(authorize(browser, response_mode="query")).told["code"]
    page = authorize(browser, response_mode="form_post").content.decode()
    assert 'name="code"' in page
    assert error_of(browser, response_mode="fragment") == "invalid_request"


@promise("grant_types_supported")
def _grant_types(browser: Client, grants: list[str]) -> None:
    register_client("renewing", may_refresh=True)
    tokens = tokens_of(browser, "renewing", scope="openid offline_access")
    form = {"client_id": "renewing", "client_secret": SECRET}
    told = form | {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert "access_token" in browser.post("/oauth2/token", told, **HOST).json()
    assert set(grants) == {"authorization_code", "refresh_token"}
    for other in ("password", "client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"):
        answer = browser.post("/oauth2/token", form | {"grant_type": other}, **HOST)
        assert answer.json()["error"] == "unsupported_grant_type"


@promise("subject_types_supported")
def _subjects(browser: Client, kinds: list[str]) -> None:
    assert kinds == ["pairwise"]
    register_client("far", agency="another")
    tokens = [tokens_of(browser, name)["id_token"] for name in ("window", "far")]
    assert len({claims_of(browser, token)["sub"] for token in tokens}) == 2


@promise("id_token_signing_alg_values_supported", "userinfo_signing_alg_values_supported")
def _algorithms(browser: Client, algorithms: list[str]) -> None:
    for alg in algorithms:
        register_client(f"of-{alg}", id_token_alg=alg, userinfo_alg=alg)
        tokens = tokens_of(browser, f"of-{alg}")
        assert claims_of(browser, tokens["id_token"])["aud"] == f"of-{alg}"
        signed = userinfo(browser, tokens["access_token"]).content.decode()
        assert claims_of(browser, signed)["aud"] == f"of-{alg}"


@promise("token_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported")
def _ways_to_show_who_one_is(browser: Client, ways: list[str]) -> None:
    known = {"client_secret_basic": _by_basic, "client_secret_post": _by_post}
    for way in ways:
        known.get(way, _by_key)(browser)
    form = {"client_id": "window", "grant_type": "authorization_code", "code": "x"}
    assert browser.post("/oauth2/token", form, **HOST).json()["error"] == "invalid_client"


def _by_basic(browser: Client) -> None:
    pair = base64.b64encode(f"window:{quote_plus(SECRET)}".encode()).decode()
    head = {"Authorization": f"Basic {pair}"}
    assert browser.post("/oauth2/revoke", {"token": "x"}, headers=head, **HOST).status_code == 200


def _by_post(browser: Client) -> None:
    form = {"client_id": "window", "client_secret": SECRET, "token": "x"}
    assert browser.post("/oauth2/revoke", form, **HOST).status_code == 200


def _by_key(browser: Client) -> None:
    holder = Holder(browser, "by-key").register()
    assert holder.post("/oauth2/revoke", {"token": "x"}, proved=False).status_code == 200


@promise(
    "token_endpoint_auth_signing_alg_values_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "dpop_signing_alg_values_supported",
)
def _algorithms_of_clients(browser: Client, algorithms: list[str]) -> None:
    assert algorithms == ["ES256"]
    holder = Holder(browser, f"proving-{len(RelyingParty.objects.all())}").register()
    tokens = holder.redeem(holder.code()).json()
    assert tokens["token_type"] == "DPoP"
    assert holder.userinfo(tokens["access_token"]).status_code == 200


@promise("code_challenge_methods_supported")
def _pkce(browser: Client, methods: list[str]) -> None:
    assert methods == ["S256"]
    assert "id_token" in tokens_of(browser)
    assert error_of(browser, code_challenge_method="plain") == "invalid_request"


@promise("prompt_values_supported")
def _prompts(browser: Client, prompts: list[str]) -> None:
    for prompt in prompts:
        answer = authorize(browser, prompt=prompt)
        assert "error" not in answer["Location"]
    assert error_of(browser, prompt="select_account") == "invalid_request"


@promise("ui_locales_supported")
def _languages(browser: Client, languages: list[str]) -> None:
    for language in languages:
        answer = authorize(Client(), ui_locales=language)
        assert answer["Location"].startswith(f"/{language}/login/")


@promise("authorization_response_iss_parameter_supported")
def _issuer_in_answers(browser: Client, told: bool) -> None:
    assert back_at_client(authorize(browser)).told["iss"] == ISSUER
    assert back_at_client(authorize(browser, prompt="none login")).told["iss"] == ISSUER


@promise("backchannel_logout_supported", "backchannel_logout_session_supported")
def _logout(browser: Client, told: bool) -> None:
    register_client("told", backchannel_logout_uri="https://told.example/out")
    claims = claims_of(browser, tokens_of(browser, "told")["id_token"])
    browser.post("/fa/sign-out/", **HOST)
    row = LogoutNotice.objects.get(client_id="told")
    notice = Notice(row.id, row.client_id, row.subject, row.session, row.created_at, 1)
    out = claims_of(browser, logout_token(notice, RelyingParty.objects.get(client_id="told")))
    assert (out["sub"], out["sid"]) == (claims["sub"], claims["sid"])


@promise("claims_parameter_supported")
def _claims_parameter(browser: Client, told: bool) -> None:
    wanted = '{"id_token":{"family_name":null}}'
    tokens = tokens_of(browser, scope="openid", claims=wanted)
    assert claims_of(browser, tokens["id_token"])["family_name"]


@promise(
    "verified_claims_supported", "trust_frameworks_supported", "claims_in_verified_claims_supported"
)
def _verified(browser: Client, told: Any) -> None:
    discovery = read(browser)
    register_client("sure", granted_claims=list(CLAIMS))
    names = ",".join(f'"{name}":null' for name in discovery["claims_in_verified_claims_supported"])
    wanted = '{"userinfo":{"verified_claims":{"verification":{"trust_framework":null},"claims":{'
    tokens = tokens_of(browser, "sure", scope="openid", claims=wanted + names + "}}}}")
    seen = userinfo(browser, tokens["access_token"]).json()["verified_claims"]
    assert seen["verification"]["trust_framework"] in discovery["trust_frameworks_supported"]
    of_foreigners = {"fida_code"}
    assert set(seen["claims"]) == set(CLAIMS) - of_foreigners


@promise("request_parameter_supported", "request_uri_parameter_supported")
def _no_request_objects(browser: Client, told: bool) -> None:
    assert told is False
    assert error_of(browser, request="a.b.c") == "request_not_supported"
    assert error_of(browser, request_uri="https://x.example/r") == "request_uri_not_supported"


@promise("authorization_details_types_supported")
def _details(browser: Client, types: list[str]) -> None:
    """A listed type is read, and leads on to signing; another one is refused by its name."""
    unknown = error_of(browser, authorization_details='[{"type":"unlisted"}]')
    assert unknown == "invalid_authorization_details"
    assert types == ["signature"]


def test_each_promise_of_discovery_has_a_trial(window: str, browser: Client) -> None:
    assert set(read(browser)) == set(TRIALS)


@pytest.mark.parametrize("name", TRIALS)
def test_discovery_tells_the_truth(inside: Client, person: Person, name: str) -> None:
    TRIALS[name](inside, read(inside)[name])


@pytest.mark.parametrize("absent", ["registration", "introspection", "device_authorization"])
def test_what_is_left_out_is_not_to_be_had(inside: Client, absent: str) -> None:
    assert f"{absent}_endpoint" not in read(inside)
    for path in (f"/oauth2/{absent}", f"/oauth2/{absent.partition('_')[0]}"):
        assert inside.post(path, **HOST).status_code == 404
