"""What the sign-on of the sandbox begins with: its signing keys and its relying parties."""

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from panjereh.common import clock
from panjereh.sandbox.appointments import SIGN_ON_OFFICES, sign_on_officers
from panjereh.sandbox.nation import SEED, communities
from panjereh.sandbox.seed.portal import enter_portal
from panjereh.sso.acting.asked import SCOPES as REPRESENTEE_SCOPES
from panjereh.sso.acting.counters import register_clerk
from panjereh.sso.acting.models import EVERY_SERVICE
from panjereh.sso.events.actions import take_events
from panjereh.sso.ledger.actions import let_read
from panjereh.sso.provider.keys import folder
from panjereh.sso.provider.rotation import ALGORITHMS, new_key, write_key
from panjereh.sso.relying_parties.actions import Registration, register_relying_party
from panjereh.sso.staff.actions import appoint_officer, digest_of, the_installation
from panjereh.sso.staff.models import Officer

WINDOW = "national-window"
AGENCY_LABEL = "civil-registration"
CIVIL_REGISTRATION_CODE = "civil-registration"
NAMES = ["given_name", "family_name", "father_name", "birth_date"]
EVERYTHING = ["national_id", "fida_code", *NAMES, "phone_number"]

# 002 art 5, 6: who signs in is known by these data.
LAW = "مصوبهٔ شمارهٔ یک جلسهٔ ۲۴ شورای اجرایی فناوری اطلاعات، ماده‌های ۵ و ۶"
ITO = {"fa": "سازمان فناوری اطلاعات ایران", "en": "Information Technology Organisation of Iran"}
CIVIL_REGISTRATION = {
    "fa": "سازمان ثبت احوال کشور",
    "en": "National Organisation for Civil Registration",
}


def seed(people: int) -> None:
    make_signing_keys()
    for registration in registrations():
        register_relying_party(
            registration, secret=_secret(registration.client_id), actor="sandbox"
        )
        if registration.client_id == WINDOW:
            let_read(WINDOW, actor="sandbox")
        take_events(registration.client_id, address=_events_door(registration), actor="sandbox")
    appoint_officers()
    enter_portal(registrations(), developed=CIVIL_REGISTRATION_CODE)
    open_counter()


def open_counter() -> None:
    """The clerk of the agency also serves citizens at its counter (PIS-01)."""
    first = next(iter(communities(SEED, clock.now().date())))
    register_clerk(
        national_id=first.roles["staff"],
        agency=CIVIL_REGISTRATION_CODE,
        office="پیشخوان ثبت احوال، شعبهٔ ۱۲",
        services=[EVERY_SERVICE],
        actor=the_installation(),
    )


def appoint_officers() -> None:
    """One person for each office; who was dismissed stays so."""
    for role, person in sign_on_officers(clock.now().date()).items():
        known = Officer.objects.filter(national_id_digest=digest_of(person.national_id))
        if not known.exists():
            appoint_officer(
                actor=the_installation(),
                national_id=person.national_id,
                name=f"{person.given_name} {person.family_name}",
                roles=[SIGN_ON_OFFICES[role]],
            )


def _events_door(registration: Registration) -> str:
    site = urlsplit(registration.redirect_uris[0])
    return f"{site.scheme}://{site.netloc}/signin/security-events"


def make_signing_keys() -> None:
    """One of each kind, once. In production the operator makes them with `panjereh keys next`."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    for alg in ALGORITHMS:
        if not list(folder().glob(f"{alg.lower()}-*.pem")):
            write_key(f"{alg.lower()}-1.pem", new_key(alg))


def registrations() -> list[Registration]:
    sites = settings.PUBLIC_URLS
    return [
        _party(
            WINDOW,
            sites["window"],
            name={"fa": "پنجرهٔ ملی خدمات دولت هوشمند", "en": "National window"},
            agency=("ito", ITO),
            purpose={
                "fa": "نشان دادن صفحهٔ شخصی، درخواست‌ها، نامه‌ها و خدمات مورد انتظار شما",
                "en": "To show your page, requests, letters and expected services",
            },
            claims=EVERYTHING,
            representees=REPRESENTEE_SCOPES,
        ),
        _party(
            "civil-registration-window",
            with_label(sites["agency"], AGENCY_LABEL),
            name={"fa": "پنجرهٔ ثبت احوال", "en": "Civil Registration window"},
            agency=(CIVIL_REGISTRATION_CODE, CIVIL_REGISTRATION),
            purpose={
                "fa": "رسیدگی به درخواست‌های شما در ثبت احوال",
                "en": "To deal with your requests at the civil registration",
            },
            claims=EVERYTHING,
            representees=REPRESENTEE_SCOPES,
        ),
        _party(
            "exchange-operator",
            sites["operator"],
            name={"fa": "میز کار مرکز تبادل اطلاعات", "en": "Exchange operator"},
            agency=("ito", ITO),
            purpose={
                "fa": "شناختن کارکنانی که مرکز تبادل را اداره می‌کنند",
                "en": "To know the staff who run the exchange",
            },
            claims=["national_id", "given_name", "family_name"],
        ),
    ]


def _party(
    client_id: str,
    site: str,
    *,
    name: dict[str, str],
    agency: tuple[str, dict[str, str]],
    purpose: dict[str, str],
    claims: list[str],
    representees: tuple[str, ...] = (),
) -> Registration:
    return Registration(
        client_id=client_id,
        name=name,
        agency=agency[0],
        agency_name=agency[1],
        purpose=purpose,
        redirect_uris=[f"{site}/signin/callback"],
        post_logout_redirect_uris=[f"{site}/signin/signed-out"],
        backchannel_logout_uri=f"{site}/signin/back-channel-logout",
        granted_claims=claims,
        representee_scopes=list(representees),
        legal_basis=dict.fromkeys(claims, LAW),
    )


def with_label(site: str, label: str) -> str:
    """http://agency.localhost:8102 -> http://civil-registration.agency.localhost:8102"""
    parts = urlsplit(site)
    return urlunsplit(parts._replace(netloc=f"{label}.{parts.netloc}"))


def _secret(client_id: str) -> str:
    return (Path(settings.KEYS) / "clients" / f"{client_id}.secret").read_text().strip()
