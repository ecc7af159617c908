"""What kinds and ends of mandates are called."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from panjereh.sso.acting.models import Mandate

KINDS: dict[str, str | Promise] = {
    Mandate.Kind.GUARDIAN: _("Guardian of the child"),
    Mandate.Kind.CHIEF_EXECUTIVE: _("Chief executive"),
    Mandate.Kind.STAFF: _("Sent by the chief executive"),
    Mandate.Kind.HELPER: _("Helper"),
    Mandate.Kind.CLERK: _("Clerk of a counter"),
}
ENDS: dict[str, str | Promise] = {
    "taken-back": _("taken back"),
    "given-back": _("given back by who acted"),
    "registry": _("the registry says it is over"),
    "run-out": _("its time is over"),
    "account-closed": _("an account was closed"),
}
REFUSALS: dict[str, str | Promise] = {
    "oneself": _("This is your own number; enter the number of the other person"),
    "no-number": _("Your account has no mobile number, so you cannot consent by a code"),
    "not-leading": _("The registry of legal persons does not name you chief executive today"),
    "time": _("Choose for how long"),
}
