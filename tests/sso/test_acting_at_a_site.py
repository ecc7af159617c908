"""What the SDK makes of a sign-in for another, and what it does not take for one."""

from dataclasses import replace
from typing import Any

import pytest

from panjereh.sdk.signin.failures import SignInFailed
from panjereh.sdk.signin.person import Person, as_kept, person_from_claims, person_in
from panjereh.sdk.signin.tokens import ANOTHER, check_acting

CHILD, MOTHER = "c" * 43, "m" * 43
MANDATE = {"kind": "guardian", "services": ["*"]}
ID_TOKEN = {"sub": CHILD, "act": {"sub": MOTHER}}
TOLD = {
    "sub": CHILD,
    "national_id": "0012345679",
    "given_name": "نیکا",
    "act": {"sub": MOTHER, "national_id": "0084575948", "given_name": "مریم"},
    "mandate": MANDATE,
}


def without(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in claims.items() if key != name}


@pytest.mark.parametrize("asked", [ANOTHER, CHILD])
def test_it_is_taken_when_it_was_asked_for(asked: str) -> None:
    check_acting(TOLD, ID_TOKEN, asked)


@pytest.mark.parametrize("asked", ["", ANOTHER, CHILD])
def test_oneself_is_always_welcome_but_not_in_place_of_a_named_one(asked: str) -> None:
    alone = {"sub": MOTHER}
    if asked == CHILD:
        with pytest.raises(SignInFailed, match="not for whom we asked"):
            check_acting(alone, alone, asked)
    else:
        check_acting(alone, alone, asked)


@pytest.mark.parametrize(
    ("told", "id_token", "asked"),
    [
        (TOLD, ID_TOKEN, ""),  # nobody asked
        (TOLD, ID_TOKEN, "x" * 43),  # another one was asked for
        (without(TOLD, "act"), ID_TOKEN, ANOTHER),
        (TOLD, without(ID_TOKEN, "act"), ANOTHER),
        (TOLD | {"act": {"sub": "somebody"}}, ID_TOKEN, ANOTHER),
        (TOLD | {"act": "somebody"}, ID_TOKEN, ANOTHER),
        (TOLD, ID_TOKEN | {"act": {}}, ANOTHER),
        (without(TOLD, "mandate"), ID_TOKEN, ANOTHER),
        (TOLD | {"mandate": {"kind": "guardian"}}, ID_TOKEN, ANOTHER),
    ],
)
def test_what_does_not_fit_together_is_refused(
    told: dict[str, Any], id_token: dict[str, Any], asked: str
) -> None:
    with pytest.raises(SignInFailed, match="provider-wrong"):
        check_acting(told, id_token, asked)


def test_the_person_knows_who_acts_and_for_what() -> None:
    person = person_from_claims(TOLD, acr="urn:panjereh:level:1")
    assert (person.national_id, person.user) == ("0012345679", "0084575948")
    assert person.may_use("anything")
    assert person.acting is not None
    limited = replace(person, acting=replace(person.acting, services=["10001"]))
    assert limited.may_use("10001")
    assert not limited.may_use("10002")
    kept: Any = {"signin": {"person": as_kept(limited)}}
    assert person_in(kept) == limited


def test_whoever_signed_in_before_this_was_built_stays_signed_in() -> None:
    before = as_kept(Person(sub="s", acr="urn:panjereh:level:1"))
    for later in ("acting", "legal_id", "legal_name"):
        del before[later]
    kept: Any = {"signin": {"person": before}}
    found = person_in(kept)
    assert found is not None
    assert found.acting is None
