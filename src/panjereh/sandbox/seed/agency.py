"""The agency that the sandbox hosts, and the clerk of it who may see cases.

Its services are published later, over the exchange (`panjereh.runtime.publish`).
"""

from panjereh.agency.actions import appoint_staff, open_window
from panjereh.common import clock
from panjereh.sandbox.nation import SEED, communities

ACTOR = "sandbox"


def seed(people: int) -> None:
    """The agency is the same for a nation of any size."""
    agency = open_window(
        slug="civil-registration",
        name={
            "fa": "سازمان ثبت احوال کشور",
            "en": "National Organisation for Civil Registration",
        },
        member_code="14003778990",
        colour="#1d4f6b",
        actor=ACTOR,
    )
    appoint_staff(
        agency=agency,
        national_id=staff_national_id(),
        post="کارشناس امور هویتی",
        actor=ACTOR,
    )


def staff_national_id() -> str:
    """The clerk of the sandbox's cast, whose ids are the same on every day."""
    return next(communities(SEED, clock.now().date())).roles["staff"]
