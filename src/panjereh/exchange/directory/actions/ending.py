"""A service ends with notice, and whoever still needs it gets it for a set time (NIX-36)."""

from datetime import datetime, timedelta

from django.db import transaction

from panjereh.common import clock
from panjereh.common.outbox.actions import emit
from panjereh.exchange.actions import Actor, Names, new_version, require_rights_over
from panjereh.exchange.directory.models import Extension, Withdrawal
from panjereh.exchange.models import Grant, Service, System

MIN_NOTICE = timedelta(days=90)


class NoticeTooShort(ValueError):
    """Consumers with a grant are told at least MIN_NOTICE before."""

    def __init__(self, soonest: datetime) -> None:
        super().__init__("the notice is too short")
        self.soonest = soonest


def announce_withdrawal(
    *,
    actor: Actor,
    service: Service,
    ends_at: datetime,
    notice: Names,
    successor: Service | None = None,
) -> Withdrawal:
    """Announced again it has the new date, which may not be nearer. Raises `NoticeTooShort`."""
    require_rights_over(actor, service.system.member)
    now = clock.now()
    with transaction.atomic():
        new_version(actor, "service.withdrawal-announced", service.x_road_id)
        if _consumers(service) and ends_at < (soonest := _soonest(service, now)):
            raise NoticeTooShort(soonest)
        withdrawal, _fresh = Withdrawal.objects.update_or_create(
            service=service,
            defaults={
                "ends_at": ends_at,
                "notice_fa": notice["fa"],
                "notice_en": notice["en"],
                "successor": successor,
            },
            create_defaults={
                "announced_at": now,
                "ends_at": ends_at,
                "notice_fa": notice["fa"],
                "notice_en": notice["en"],
                "successor": successor,
            },
        )
        _tell(withdrawal, "exchange.service.withdrawal-announced")
    return withdrawal


def cancel_withdrawal(*, actor: Actor, withdrawal: Withdrawal) -> None:
    """The service stays after all."""
    require_rights_over(actor, withdrawal.service.system.member)
    with transaction.atomic():
        new_version(actor, "service.withdrawal-cancelled", withdrawal.service.x_road_id)
        _tell(withdrawal, "exchange.service.withdrawal-cancelled")
        withdrawal.delete()


def ask_extension(
    *, actor: Actor, withdrawal: Withdrawal, consumer: System, reason: str
) -> Extension:
    """The consumer says why it still needs the service; asked again, the reason is the new one."""
    require_rights_over(actor, consumer.member)
    with transaction.atomic():
        new_version(actor, "extension.asked", f"{withdrawal.service.x_road_id} {consumer.code}")
        extension, _fresh = Extension.objects.update_or_create(
            withdrawal=withdrawal,
            consumer=consumer,
            defaults={"reason": reason, "asked_at": clock.now()},
        )
    return extension


def answer_extension(*, actor: Actor, extension: Extension, until: datetime) -> None:
    """The provider lets the consumer have the service until then. Raises `ValueError` for a date
    before the service ends anyway."""
    withdrawal = extension.withdrawal
    require_rights_over(actor, withdrawal.service.system.member)
    if until <= withdrawal.ends_at:
        raise ValueError("the service answers until then in any case")
    with transaction.atomic():
        subject = f"{withdrawal.service.x_road_id} {extension.consumer.code}"
        new_version(actor, "extension.given", subject)
        Extension.objects.filter(pk=extension.pk).update(until=until)


def _soonest(service: Service, now: datetime) -> datetime:
    """What was promised is never shortened."""
    standing = Withdrawal.objects.filter(service=service).first()
    return standing.ends_at if standing else now + MIN_NOTICE


def _consumers(service: Service) -> list[str]:
    grants = Grant.objects.filter(service=service, state=Grant.State.ACTIVE)
    return [grant.consumer.x_road_id for grant in grants.select_related("consumer__member")]


def _tell(withdrawal: Withdrawal, event_type: str) -> None:
    emit(
        event_type,
        subject=withdrawal.service.x_road_id,
        data={
            "service": withdrawal.service.x_road_id,
            "ends_at": withdrawal.ends_at.isoformat(),
            "successor": withdrawal.successor.x_road_id if withdrawal.successor else "",
            "consumers": _consumers(withdrawal.service),
        },
    )
