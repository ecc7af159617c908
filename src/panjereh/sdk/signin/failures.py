"""Why a sign-in did not work out."""

from typing import Literal

Reason = Literal[
    "lost",  # no attempt of this browser belongs to the answer
    "cancelled",  # the sign-on or the person said no
    "acting",  # the person may not act for the one who was asked for
    "level",  # the level the page needs cannot be reached
    "refused",  # the code was not accepted
    "provider-away",
    "provider-wrong",  # an answer that is not the sign-on's, or not for us
]


class SignInFailed(Exception):
    """`detail` is for the log of this site: it holds nothing personal and no token."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail
