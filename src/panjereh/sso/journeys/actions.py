"""The deeds of a journey: answers, inquiries, codes, and what they lead to."""

from datetime import date
from functools import partial
from typing import Any

import msgspec

from panjereh.common import clock
from panjereh.sdk.exchange import ExchangeError
from panjereh.sso.digests import sha256
from panjereh.sso.journeys.steps import STEPS
from panjereh.sso.models import Journey, Person
from panjereh.sso.one_time import limits
from panjereh.sso.one_time.actions import (
    Holder,
    Verdict,
    issue_code,
    redeem_code,
    try_code,
)
from panjereh.sso.one_time.limits import Limit
from panjereh.sso.one_time.locks import check_lock, count_failure, forgive
from panjereh.sso.one_time.sending import Errand, send_code, send_code_aside
from panjereh.sso.people.actions import register_person
from panjereh.sso.people.inquiries import Identity, match
from panjereh.sso.policy import policy
from panjereh.sso.safety.numbers import still_owned
from panjereh.sso.safety.queries import fits_account, reached_by_code
from panjereh.sso.sessions.queries import is_known
from panjereh.sso.sessions.visitor import Visitor

SMS_UNSENT = "sms-unsent"


class NotReady(Exception):
    """A step was asked for before the one it rests on."""


def begin_journey(*, browser_key: str, client_id: str = "", request: str = "") -> Journey:
    now = clock.now()
    return Journey.objects.create(
        browser_sha256=sha256(browser_key),
        client_id=client_id,
        request=request,
        began_at=now,
        expires_at=now + policy().journey,
    )


def end_journey(journey: Journey) -> None:
    """What was typed is not kept longer than needed."""
    Journey.objects.filter(id=journey.id).delete()


def answer(journey: Journey, *, field: str, value: Any) -> None:
    """Keep one answer. What rested on the earlier one falls with it."""
    if field not in {step.field for step in STEPS}:
        raise ValueError(f"{field} is no question of the registration")
    _change(journey, **{field: value}, identity=None, confirmed=None, trouble="")


def check_identity(journey: Journey, who: Visitor) -> str:
    """Ask the registries and, when all agrees, send the code. Returns the trouble, or ""."""
    if journey.birth_date is None:
        raise NotReady("the birth date is missing")
    limits.spend(
        Limit("inquiry", who.address, limits.HOUR, policy().inquiries_per_address_and_hour),
        Limit(
            "inquiry",
            _inquirer(journey, journey.birth_date),
            limits.HOUR,
            policy().inquiries_per_hour,
        ),
    )
    found = match(
        national_id=journey.national_id, birth_date=journey.birth_date, mobile=journey.mobile
    )
    if found.identity is None:
        _change(journey, trouble=found.finding)
        return journey.trouble
    _change(journey, identity=msgspec.to_builtins(found.identity), trouble="")
    return send_registration_code(journey, who)


def _inquirer(journey: Journey, born: date) -> str:
    """Whoever knows birth date and number of an account has an allowance of their own: strangers
    that guess at a national id cannot use it up, and it tells them nothing but what they knew."""
    own = fits_account(journey.national_id, born, journey.mobile)
    return f"{journey.national_id}:{'own' if own else 'strangers'}"


def send_registration_code(journey: Journey, who: Visitor) -> str:
    """To the number that Shahkar says is the person's own. Returns the trouble, or ""."""
    identity = identity_of(journey.identity)
    _limit_sends(identity.mobile, who, entry=journey.client_id)
    code = issue_code(journey=journey.id, purpose="registration", holder=_holder(identity))
    try:
        send_code(mobile=identity.mobile, code=code)
    except (ExchangeError, limits.LimitReached):
        _change(journey, trouble=SMS_UNSENT)
    else:
        _change(journey, trouble="")
    return journey.trouble


def confirm_mobile(journey: Journey, *, guess: str) -> Verdict:
    identity = identity_of(journey.identity)
    verdict = redeem_code(
        journey=journey.id, purpose="registration", holder=_holder(identity), guess=guess
    )
    if verdict == "right":
        _change(journey, confirmed=journey.identity)
    return verdict


def confirm_identity(journey: Journey) -> tuple[Person, bool]:
    """SSO-03: the person has seen the identity data and says they are right."""
    return register_person(identity_of(journey.confirmed), through=journey.client_id)


def identity_of(kept: Any) -> Identity:
    """Raises `NotReady` before the registries, or the code, have said yes."""
    if kept is None:
        raise NotReady
    return msgspec.convert(kept, Identity, strict=False)


def send_login_code(journey: Journey, *, national_id: str, who: Visitor) -> None:
    """SSO-04. The same work, time and answer whether the person is known or not: only the
    message itself goes aside, and only to the confirmed number (SSO-05)."""
    known = is_known(national_id, who.browser_sha256)
    trier = _trier(national_id, who, known=known)
    check_lock(*trier)
    _limit_sends(":".join(trier), who, entry=journey.client_id)
    person = reached_by_code(national_id)
    holder = Holder(national_id, person.mobile if person else "")
    code = issue_code(journey=journey.id, purpose="login", holder=holder)
    _change(journey, national_id=national_id, trouble="")
    allowed = partial(still_owned, person, known_browser=known)
    send_code_aside(Errand(holder.mobile, code, stranger=not known, allowed=allowed))


def confirm_login(journey: Journey, *, guess: str, who: Visitor) -> tuple[Verdict, Person | None]:
    """Raises `LimitReached` after too many wrong codes in a row."""
    known = is_known(journey.national_id, who.browser_sha256)
    trier = _trier(journey.national_id, who, known=known)
    check_lock(*trier)
    person = reached_by_code(journey.national_id)
    holder = Holder(journey.national_id, person.mobile if person else "")
    tried = try_code(journey=journey.id, purpose="login", holder=holder, guess=guess)
    if tried.missed or (tried.verdict == "right" and person is None):
        count_failure(*trier)
    if tried.verdict != "right":
        return tried.verdict, None
    if person is None:
        return "wrong", None  # somebody guessed a code that was sent to nobody
    forgive(*trier)
    return "right", person


def _trier(national_id: str, who: Visitor, *, known: bool) -> tuple[str, str]:
    """Whose tries count together. Strangers share one allowance and one lock, so they can neither
    use up nor lock those of the person's own browser."""
    return national_id, who.browser_sha256 if known else "strangers"


def _holder(identity: Identity) -> Holder:
    return Holder(identity.national_id, identity.mobile)


def _limit_sends(subject: str, who: Visitor, *, entry: str) -> None:
    """What the trier cannot change comes first, the person aimed at last."""
    numbers = policy()
    limits.spend(
        Limit("send", who.address, limits.HOUR, numbers.sends_per_address_and_hour),
        Limit("send-entry", entry, limits.MINUTE, numbers.sends_per_entry_and_minute),
        Limit("send", subject, limits.HOUR, numbers.sends_per_hour),
        Limit("send", subject, limits.DAY, numbers.sends_per_day),
    )


def _change(journey: Journey, **values: Any) -> None:
    """Write these columns only: another tab may be writing others."""
    Journey.objects.filter(id=journey.id).update(**values)
    for name, value in values.items():
        setattr(journey, name, value)
