"""Every number of the sign-on in one place. `SSO_POLICY` in the settings changes single ones."""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings


@dataclass(frozen=True)
class Policy:
    # Lives
    code: timedelta = timedelta(seconds=60)
    access_token: timedelta = timedelta(minutes=3)
    access_token_high: timedelta = timedelta(minutes=1)
    pushed_request: timedelta = timedelta(seconds=90)
    id_token: timedelta = timedelta(minutes=5)
    session_idle: timedelta = timedelta(minutes=15)
    session_rest_longest: timedelta = timedelta(hours=1)
    session_cap: timedelta = timedelta(hours=12)
    journey: timedelta = timedelta(minutes=30)
    browser: timedelta = timedelta(days=365)

    # One-time codes (SSO-05)
    one_time: timedelta = timedelta(minutes=2)
    one_time_guesses: int = 3
    sends_per_hour: int = 5
    sends_per_day: int = 10
    sends_per_address_and_hour: int = 30
    # Answers about somebody's birth date or number are worth guessing, too.
    inquiries_per_hour: int = 10
    inquiries_per_address_and_hour: int = 30

    # Telling clients of a logout
    logout_token: timedelta = timedelta(minutes=2)
    logout_pauses: tuple[int, ...] = (1, 5, 30, 120, 600, 1800)
    logout_given_up: timedelta = timedelta(hours=12)

    # How long clients may keep our public keys, and tokens outlive the key that signed them
    key_known: timedelta = timedelta(minutes=15)

    # Telling people what happened to their account
    notice_pauses: tuple[int, ...] = (5, 30, 120, 600, 1800, 3600)
    notice_given_up: timedelta = timedelta(days=3)

    # What officers of the sign-on must have signed in with
    staff_level: int = 2

    # Telling sites of security events
    event_pauses: tuple[int, ...] = (1, 5, 30, 120, 600, 1800, 3600)
    events_given_up: timedelta = timedelta(days=7)
    events_collected_at_once: int = 50

    # How long spent things are kept
    events_kept: timedelta = timedelta(days=400)
    grants_kept: timedelta = timedelta(days=400)


def policy() -> Policy:
    return replace(Policy(), **getattr(settings, "SSO_POLICY", {}))
