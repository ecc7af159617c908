"""Deeds on birth notices: a hospital reports one, civil registration enters its newborn."""

import secrets
from datetime import datetime

from panjereh.common import clock
from panjereh.common.problems import Problem
from panjereh.registries.health.models import BirthNotice, Hospital


def report_birth(
    *,
    hospital_code: str,
    born_at: datetime,
    sex: str,
    weight_grams: int,
    mother_national_id: str,
    father_national_id: str,
) -> BirthNotice:
    """Take the notice of a hospital; only one on the list may report."""
    hospital = Hospital.objects.filter(pk=hospital_code).first()
    if hospital is None:
        raise Problem(403, "hospital-unknown", "this hospital is not on the list")
    if born_at > clock.now():
        raise Problem(409, "birth-date-impossible", "the birth lies in the future")
    return BirthNotice.objects.create(
        notice_id=f"R{secrets.token_hex(5).upper()}",
        hospital=hospital,
        born_at=born_at,
        sex=sex,
        weight_grams=weight_grams,
        mother_national_id=mother_national_id,
        father_national_id=father_national_id,
    )


def mark_entered(*, notice_id: str, entered_at: datetime) -> bool:
    """Take the notice off the list. False when it is not on it, which a repeated event finds."""
    waiting = BirthNotice.objects.filter(pk=notice_id, entered_at=None)
    return waiting.update(entered_at=entered_at) > 0
