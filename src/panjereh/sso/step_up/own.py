"""Step up without a site that asks: for an own page, such as the desk of an officer."""

from collections.abc import Iterable

from django.db import transaction
from django.http import QueryDict

from panjereh.sso.factors.models import Homeward
from panjereh.sso.journeys.actions import begin_journey
from panjereh.sso.levels import Level, entry, levels
from panjereh.sso.models import Journey
from panjereh.sso.provider.authorize import NeedsStepUp
from panjereh.sso.sessions.actions import LiveSession
from panjereh.sso.step_up.models import OwnWish


class NotOffered(Exception):
    """No session can have this level: there is none, or each request needs it anew."""


def begin_own_step_up(*, browser_key: str, level: int, back_to: str) -> Journey:
    if level not in {offered.level for offered in lasting_levels()}:
        raise NotOffered
    with transaction.atomic():
        journey = begin_journey(browser_key=browser_key)
        OwnWish.objects.create(journey=journey.id, level=level, expires_at=journey.expires_at)
        Homeward.objects.create(journey=journey.id, page=back_to, expires_at=journey.expires_at)
    return journey


def lasting_levels() -> list[Level]:
    return [level for level in levels() if level.single_sign_on]


def own_step(journey: Journey, session: LiveSession) -> NeedsStepUp | None:
    wish = OwnWish.objects.filter(journey=journey.id).first()
    if wish is None or session.level >= wish.level:
        return None
    wanted = next(level for level in levels() if level.level == wish.level)
    have = (proof.way for proof in session.proofs)
    return NeedsStepUp("", wanted, _ways_of(wanted, have), QueryDict())


def _ways_of(wanted: Level, have: Iterable[str]) -> frozenset[str]:
    """Of this very level: those above it are for what a site asks to be signed."""
    return frozenset().union(*map(entry, wanted.ways)) - frozenset(have)
