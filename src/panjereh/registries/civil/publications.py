"""The two feeds of this registry, as approval 26-4-2 and its note 1 describe them."""

from panjereh.registries.civil.models import Person
from panjereh.sdk.feeds.publishing.actions import Sheet, announce_feed, publish_change

CHANGED_IDENTITY = "civil-registry/changed-identity"
DECEASED = "civil-registry/deceased"
DEAD, ALIVE = "deceased", "alive"

SHEETS = (
    Sheet(
        name=CHANGED_IDENTITY,
        title={"fa": "تغییر مشخصات هویتی", "en": "Changed identities"},
        told={
            "fa": "این که مشخصات هویتی کسی تغییر کرده است، بی آن که بگوید کدام",
            "en": "That somebody's identity data changed, never which datum",
        },
        columns={"national_id_token": True, "change_date": True},
        approval_row="26-4-2",
    ),
    Sheet(
        name=DECEASED,
        title={"fa": "فوت‌شدگان", "en": "Deceased persons"},
        told={
            "fa": "این که فوت کسی ثبت شده، یا خبر فوت او پس گرفته شده است",
            "en": "That somebody's death was entered, or that the entry was withdrawn",
        },
        columns={"national_id_token": True, "change_date": True, "state": True},
        approval_row="26-4-n1",
    ),
)


def announce() -> None:
    for sheet in SHEETS:
        announce_feed(sheet)


def identity_changed(person: Person) -> None:
    """000 A4.2: on the day of the change, the person and the day and nothing else."""
    publish_change(CHANGED_IDENTITY, person.pk)


def death_entered(person: Person) -> None:
    publish_change(DECEASED, person.pk, state=DEAD)


def death_withdrawn(person: Person) -> None:
    publish_change(DECEASED, person.pk, state=ALIVE)
