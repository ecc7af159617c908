"""Tell the person, in plain words and once per hold: a letter in the e-box, and an SMS about it."""

from django.utils import translation
from django.utils.translation import gettext as _

from panjereh.agency.agencies import address_of
from panjereh.agency.holds.models import Hold
from panjereh.agency.job_queue import TELLING, defer
from panjereh.agency.models import Agency, Case, Draft
from panjereh.sdk import exchange, messaging

NOTICE = "agency.tell_of_hold"


def defer_notice(hold: Hold) -> None:
    defer(NOTICE, queue=TELLING, hold_id=hold.pk)


def send_notice(hold_id: int) -> None:
    """Raises `exchange.Unavailable`; the job comes back, and the key makes it one letter."""
    hold = Hold.objects.select_related("agency").get(pk=hold_id)
    if hold.lifted_at:
        return
    mobile, language = _reached_by(hold)
    with translation.override(language):
        title, body = _letter(hold.agency, language)
    try:
        messaging.deposit_letter(
            person=hold.person,
            title=title,
            body=body,
            notify=mobile,
            idempotency_key=f"hold-{hold.pk}-{hold.sequence}",
        )
    except exchange.Rejected:
        return  # nobody with an e-box; the page tells it at the next visit


def _reached_by(hold: Hold) -> tuple[str, str]:
    """The number and the language of the person's newest affair here."""
    of_case = Case.objects.filter(person=hold.person, agency=hold.agency).order_by("-pk").first()
    if of_case:
        return str(of_case.applicant.get("mobile") or ""), of_case.language
    drafts = Draft.objects.filter(person=hold.person, version__agency=hold.agency)
    draft = drafts.order_by("-updated_at").first()
    return (str(draft.applicant.get("mobile") or ""), draft.language) if draft else ("", "fa")


def _letter(agency: Agency, language: str) -> tuple[str, str]:
    title = _("Confirm who you are, so that your services go on")
    body = _(
        "The civil registry has told us that your identity data changed; it did not say which. "
        "Until you have confirmed who you are, your services at %(agency)s wait. Nothing of what "
        "you have sent or begun is lost.\n\n"
        "Have your new identity card at hand and open: %(address)s"
    ) % {"agency": agency.name[language], "address": f"{address_of(agency.pk)}/{language}/held/"}
    return title, body
