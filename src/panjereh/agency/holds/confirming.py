"""Confirm who somebody is, in the order of the law: authentication, new inquiry, then the hold is
lifted. One page does it for the person, one for the counter."""

from dataclasses import dataclass

from panjereh.agency.holds import actions
from panjereh.agency.holds.forms import SerialForm
from panjereh.agency.holds.models import Hold
from panjereh.agency.models import StaffMember
from panjereh.sdk import civil_registry
from panjereh.sdk.exchange import ExchangeError, Rejected


@dataclass(frozen=True)
class Confirmed:
    """Lifted when there is a person; else `trouble` or the form says what stood in the way."""

    person: civil_registry.Person | None = None
    trouble: str = ""


def confirm(hold: Hold, form: SerialForm, *, by: str | StaffMember) -> Confirmed:
    """What was proved before something went wrong stays proved."""
    try:
        return _confirm(hold, form, by)
    except Rejected as error:
        if error.code != "too-many-tries":
            return Confirmed(trouble="refused")
        form.too_often()
        return Confirmed()
    except ExchangeError:
        return Confirmed(trouble="away")


def _confirm(hold: Hold, form: SerialForm, by: str | StaffMember) -> Confirmed:
    serial = form.cleaned_data["card_serial"]
    if not actions.authenticate(hold=hold, card_serial=serial, by=by).succeeded:
        form.not_right()
        return Confirmed()
    inquiry, person = actions.ask_anew(hold=hold, by=by)
    if not inquiry.succeeded:
        return Confirmed(trouble="deceased")
    try:
        actions.lift(hold=hold, by=by)
    except actions.NotProven:
        return Confirmed(trouble="news")  # the registry told of another change meanwhile
    return Confirmed(person)
