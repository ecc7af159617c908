"""Every number of the sign-on in one place. `SSO_POLICY` in the settings changes single ones."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

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
    sends_per_entry_and_minute: int = 6_000
    # The whole country: above it no code goes out. Peak is about 400 a second; strangers, on whom
    # nobody knows anything, may not use up what known browsers need.
    codes_per_minute: int = 30_000
    codes_to_strangers_per_minute: int = 24_000
    codes_per_number_and_day: int = 40
    # Wrong codes in a row on one account: so many are free, then each doubles the wait, up to the
    # longest; after very many (SP 800-63B: 100 at most) one try a day is left.
    lock_free_failures: int = 9
    lock_first: timedelta = timedelta(minutes=1)
    lock_longest: timedelta = timedelta(hours=1)
    lock_most_failures: int = 60
    lock_beyond: timedelta = timedelta(days=1)
    lock_forgotten: timedelta = timedelta(days=2)
    # Answers about somebody's birth date or number are worth guessing, too.
    inquiries_per_hour: int = 10
    inquiries_per_address_and_hour: int = 30
    # Of somebody signed in, about own children and companies.
    own_inquiries_per_hour: int = 120

    # Telling clients of a logout
    logout_token: timedelta = timedelta(minutes=2)
    logout_pauses: tuple[int, ...] = (1, 5, 30, 120, 600, 1800)
    logout_given_up: timedelta = timedelta(hours=12)

    # How long clients may keep our public keys, and tokens outlive the key that signed them
    key_known: timedelta = timedelta(minutes=15)

    # Browsers: how long one stays known; with so many other people it is a shared one
    browser_known: timedelta = timedelta(days=180)
    shared_browser_people: int = 3

    # Whose a number is: Shahkar is asked again after this at the latest, the worker earlier by up
    # to the spread, so that people who came on one day are not all due on one day
    number_good_for: timedelta = timedelta(days=30)
    number_check_spread: timedelta = timedelta(days=6)
    number_checks_at_once: int = 25
    number_check_pauses: tuple[int, ...] = (5, 15, 60, 300, 900)
    # After "this was not me" ways to sign in that were added so shortly before are the thief's, too
    ways_distrusted: timedelta = timedelta(days=14)
    number_change_waits: timedelta = timedelta(hours=72)
    number_change_asked_again: timedelta = timedelta(minutes=5)

    # An account that its person closed: until then what we know is kept
    closed_kept: timedelta = timedelta(days=30)

    # Telling people what happened to their account
    notice_pauses: tuple[int, ...] = (5, 30, 120, 600, 1800, 3600)
    notice_given_up: timedelta = timedelta(days=3)

    # What officers of the sign-on must have signed in with
    staff_level: int = 2
    # How often a client is tried out: each try calls its address twice
    tries_of_client_per_hour: int = 60

    # Ways to sign in that a person may choose
    passkeys: int = 10
    passkey_challenge: timedelta = timedelta(minutes=5)
    passkey_tries_per_address_and_hour: int = 600
    app_draft: timedelta = timedelta(minutes=20)
    app_tries_per_hour: int = 10
    app_tries_per_address_and_hour: int = 300
    app_misses: int = 100  # in a row; 800-63B 5.2.2
    recovery_codes: int = 10
    recovery_sheets_per_hour: int = 10
    recovery_tries_per_address_and_hour: int = 30
    first_half: timedelta = timedelta(minutes=10)
    fresh_sign_in: timedelta = timedelta(minutes=10)
    reset_waits: timedelta = timedelta(hours=72)

    # Telling sites of security events
    event_pauses: tuple[int, ...] = (1, 5, 30, 120, 600, 1800, 3600)
    events_given_up: timedelta = timedelta(days=7)
    events_collected_at_once: int = 50

    # Comparing a face with the civil registry (level 2)
    face_tries_per_hour: int = 5
    face_tries_per_day: int = 10
    photo_file: int = 12 * 1024 * 1024
    photo_pixels: int = 25_000_000

    # Electronic signatures (level 3)
    signature_challenge: timedelta = timedelta(minutes=15)
    signature_file: int = 64 * 1024
    signatures_per_hour: int = 30

    # Acting for another
    mandate_longest: timedelta = timedelta(days=3 * 365)
    mandate_offered: timedelta = timedelta(days=14)  # for the other one to accept
    clerk_mandate: timedelta = timedelta(minutes=30)
    mandate_checked: timedelta = timedelta(minutes=15)  # registries, while it is being used
    mandate_codes_per_hour: int = 5  # for one person: asked for by a clerk, or to give a mandate
    clerk_asks_per_hour: int = 60

    # Numbers for reports: days that are counted anew for rows that come late
    numbers_settle: timedelta = timedelta(days=3)
    numbers_counted_anew: timedelta = timedelta(hours=1)

    # How long spent things are kept
    events_kept: timedelta = timedelta(days=400)
    grants_kept: timedelta = timedelta(days=400)
    # Not longer than grants: by these a line tells who acted for whom.
    releases_kept: timedelta = timedelta(days=400)


def policy() -> Policy:
    return _changed(tuple(getattr(settings, "SSO_POLICY", {}).items()))


@lru_cache
def _changed(changes: tuple[tuple[str, Any], ...]) -> Policy:
    return Policy(**dict(changes))
