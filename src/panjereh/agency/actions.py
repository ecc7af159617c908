"""The deeds on windows themselves: open one, appoint and dismiss its staff."""

import logging

from django.db import transaction

from panjereh.agency.agencies import person_key
from panjereh.agency.models import Agency, StaffMember

log = logging.getLogger("panjereh.agency")


def open_window(
    *, slug: str, name: dict[str, str], member_code: str, colour: str, actor: str
) -> Agency:
    """A window under the name and colour of its agency; an old one is brought up to date."""
    with transaction.atomic():
        agency, fresh = Agency.objects.update_or_create(
            slug=slug,
            defaults={
                "name_fa": name["fa"],
                "name_en": name["en"],
                "member_code": member_code,
                "colour": colour,
            },
        )
    log.info("agency.window.opened slug=%s new=%s actor=%s", slug, fresh, actor)
    return agency


def appoint_staff(*, agency: Agency, national_id: str, post: str, actor: str) -> StaffMember:
    with transaction.atomic():
        member, fresh = StaffMember.objects.update_or_create(
            agency=agency, person_key=person_key(national_id), defaults={"post": post}
        )
    log.info("agency.staff.appointed agency=%s new=%s actor=%s", agency.pk, fresh, actor)
    return member
