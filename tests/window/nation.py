"""A few people, a card and some events for the window's tests."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.test import Client

from panjereh.common.events import Event
from panjereh.sdk.signin import Person
from panjereh.sdk.signin.person import SESSION_KEY, acr_of, as_kept

NOW = datetime.now(UTC)
SERVICE = "civil-registration.newborn-certificate"
TRACKING = "14050901-7K3M-2QX9"

MOTHER = Person(
    sub="window-1",
    acr=acr_of(2),
    national_id="0084575948",
    given_name="زهرا",
    family_name="محمدی‌نژاد",
    father_name="علی",
    birth_date=date(1991, 5, 5),
    mobile="+989121234567",
)
STRANGER = Person(
    sub="window-2", acr=acr_of(2), national_id="0012345679", given_name="رضا", family_name="کریمی"
)


def sign_in(client: Client, person: Person) -> Client:
    session = client.session
    session[SESSION_KEY] = {"person": as_kept(person)}
    session.save()
    return client


def text(fa: str, en: str) -> dict[str, str]:
    return {"fa": fa, "en": en}


def card(**changes: Any) -> dict[str, Any]:
    """A card as the catalogue approves it (its schema is card_schema.json)."""
    service = "civil-registration.agency.localhost:8102"
    return {
        "id": SERVICE,
        "version": "1.0.0",
        "agency": {
            "code": "civil-registration",
            "name": text("سازمان ثبت احوال کشور", "Civil Registration Organization"),
        },
        "title": text("شناسنامهٔ نوزاد", "Birth certificate for a newborn"),
        "standard_title": text("ثبت ولادت و صدور شناسنامه", "Registration of a birth"),
        "summary": text(
            "برای نوزادی که بیمارستان خبر تولدش را داده است، نام انتخاب کنید و شناسنامه بگیرید.",
            "Choose a name for your newborn and receive the birth certificate.",
        ),
        "description": text("ثبت ولادت هر کودک در ایران.", "Registration of each birth."),
        "nature": "sovereign",
        "category": "identity",
        "life_events": ["birth"],
        "audience": "people",
        "recipients": text("مادر یا پدر نوزاد", "The mother or father of a newborn"),
        "conditions": [text("بیمارستان خبر تولد را فرستاده باشد.", "There is a birth notice.")],
        "synonyms": {
            "fa": ["گرفتن شناسنامه بچه", "ثبت تولد", "گواهی ولادت", "اسم بچه"],
            "en": ["register a birth", "name a baby"],
        },
        "legal_basis": [
            {
                "law": text("قانون ثبت احوال", "Law of civil registration"),
                "article": "12",
                "text": text("ولادت باید اعلام شود.", "A birth has to be reported."),
            }
        ],
        "fee": {"amount_rial": 250000, "account": "1", "legal_basis": "x"},
        "duration": {"text": text("چند دقیقه", "A few minutes"), "iso": "PT5M"},
        "assurance_level": 2,
        "channels": ["website"],
        "e_delivery_level": "transactional",
        "in_person_reasons": [],
        "inputs": [{"name": text("نام نوزاد", "The name of the child")}],
        "registry_inputs": [
            {
                "system": "health-registry",
                "service": "birth-notices",
                "name": text("گواهی ولادت بیمارستان", "The notice of the hospital"),
            }
        ],
        "documents_needed": [],
        "steps": [
            text("نام نوزاد را می‌نویسید.", "You write the name."),
            text("شناسنامه به کارپوشهٔ شما می‌رسد.", "The certificate comes to your e-box."),
        ],
        "units": [text("ادارهٔ ثبت ولادت", "Births")],
        "owner": {"post": text("مدیرکل ثبت ولادت", "Director of births")},
        "statistics": {"recipients_per_year": 1000000},
        "smart_status": "approved",
        "delivery_link": text(f"http://{service}/fa/newborn/", f"http://{service}/en/newborn/"),
    } | changes


def event(event_type: str, data: dict[str, Any], *, at: datetime = NOW) -> Event:
    return Event(
        id=str(uuid.uuid4()), source="/test", type=event_type, time=at, subject="x", data=data
    )


def card_approved(*, at: datetime = NOW, **changes: Any) -> Event:
    approved = card(**changes)
    version = str(approved["version"])
    revision = int("".join(f"{int(part):02}" for part in version.split(".")))
    data = {"card": approved, "version": version, "revision": revision}
    return event("catalogue.card.approved", data, at=at)


def step(state: str, *, minutes: int = 0, **changes: Any) -> Event:
    """A step of the mother's request, so many minutes after its beginning."""
    data = {
        "tracking_id": TRACKING,
        "service_id": SERVICE,
        "person": MOTHER.national_id,
        "agency": "civil-registration",
        "state": state,
        "unit": "ادارهٔ ثبت ولادت",
        "text": text(f"گام {minutes} انجام شد.", f"Step {minutes} is done."),
        "at": (NOW - timedelta(hours=1) + timedelta(minutes=minutes)).isoformat(),
    } | changes
    return event("tracking.step.reported", data)


def unread(count: int, *, at: datetime = NOW, of: str = MOTHER.national_id) -> Event:
    data = {"person": of, "unread": count}
    return event("messaging.letter.deposited", data, at=at)


def rated(average: float, count: int) -> Event:
    data = {"service_id": SERVICE, "stars": 5, "count": count, "average": average}
    return event("feedback.service.rated", data)


def letter(**changes: Any) -> dict[str, Any]:
    return {
        "letter_id": "5b1d",
        "sender": "سازمان ثبت احوال کشور",
        "title": "شناسنامهٔ نازنین صادر شد",
        "body": f"شناسنامه امضا شد.\nکد رهگیری: \u2066{TRACKING}\u2069",
        "deposited_at": NOW.isoformat(),
        "read_at": None,
        "tracking_id": TRACKING,
        "document_id": "d-1",
    } | changes


def relative(given_name: str, national_id: str = "0012345679") -> dict[str, Any]:
    return {
        "national_id": national_id,
        "given_name": given_name,
        "family_name": "کریمی",
        "birth_date": "2026-11-02",
        "sex": "female",
    }


def notice(notice_id: str, *, days_ago: int) -> dict[str, str]:
    return {"notice_id": notice_id, "born_at": (NOW - timedelta(days=days_ago)).isoformat()}


def deliver(*events: Event) -> None:
    """Hand events to the window's handlers, as the subscriber does: each once."""
    from panjereh.common.events import subscriptions
    from panjereh.common.outbox.actions import deliver as deliver_one

    for news in events:
        for subscription in subscriptions():
            if subscription.event_type == news.type:
                deliver_one(subscription, news)
