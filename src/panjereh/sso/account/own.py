"""What every account shows: data, sessions, consents, sign-ins."""

from django.utils.translation import gettext_lazy as _

from panjereh.sso.account.rows import consent_rows, session_rows, sign_in_rows
from panjereh.sso.account.sections import Section
from panjereh.sso.models import Person
from panjereh.sso.sessions.actions import LiveSession


def data(person: Person, session: LiveSession) -> Section:
    return Section("sso/account/data.html", {"holder": person}, "data", _("My data"))


def sessions(person: Person, session: LiveSession) -> Section:
    rows = session_rows(person.id, current=session.sid)
    title = _("Where I am signed in")
    return Section("sso/account/sessions.html", {"sessions": rows}, "sessions", title)


def consents(person: Person, session: LiveSession) -> Section | None:
    rows = consent_rows(person.id)
    if not rows:
        return None
    return Section(
        "sso/account/consents.html", {"consents": rows}, "consents", _("What I agreed to")
    )


def sign_ins(person: Person, session: LiveSession) -> Section:
    rows = sign_in_rows(person.id)
    return Section("sso/account/sign_ins.html", {"sign_ins": rows}, "sign-ins", _("My sign-ins"))
