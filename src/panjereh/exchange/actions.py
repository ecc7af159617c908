"""The deeds about the policy. Each is one transaction that ends in a new policy version.

Operators act for every member, representatives for their own.

The version row is locked until commit, so versions come in order and a gateway that has version n
has every change up to n. The NOTIFY travels with the commit: gateways hear of a revoked grant at
once.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from nacl.signing import VerifyKey

from panjereh.common import clock
from panjereh.common.identifiers import parse_legal_id
from panjereh.exchange.gateway.certificates import read_certificate
from panjereh.exchange.gateway.snapshot import CHANNEL
from panjereh.exchange.gateway.subjects import compile_places
from panjereh.exchange.models import (
    Bus,
    Member,
    Operator,
    PolicyChange,
    PolicyState,
    Representative,
    Service,
    System,
    SystemKey,
)

Names = Mapping[str, str]  # language -> text
Actor = Operator | Representative
POST_TO_ROOT = ({"method": "POST", "path": "/"},)


class CodeTaken(ValueError):
    """Another system of the exchange has this code."""


def appoint_first_operator(*, national_id: str, name: str) -> Operator:
    """Open an empty exchange: the first operator is appointed by who installs it."""
    with transaction.atomic():
        operator, fresh = Operator.objects.get_or_create(
            national_id_hash=hash_national_id(national_id), defaults={"name": name}
        )
        if fresh and Operator.objects.exclude(pk=operator.pk).exists():
            raise PermissionDenied("operators are appointed by an operator")
    return operator


def appoint_operator(
    *,
    actor: Operator,
    national_id: str,
    name: str,
    roles: Sequence[str] = (Operator.Role.OPERATOR,),
) -> Operator:
    require_role(actor, Operator.Role.OPERATOR)
    with transaction.atomic():
        operator = Operator.objects.create(
            national_id_hash=hash_national_id(national_id), name=name, roles=_known(roles)
        )
        new_version(actor, "operator.appointed", name)
    return operator


def change_roles(*, actor: Operator, operator: Operator, roles: Sequence[str]) -> None:
    """Give the person these offices and no others."""
    require_role(actor, Operator.Role.OPERATOR)
    with transaction.atomic():
        Operator.objects.filter(pk=operator.pk).update(roles=_known(roles))
        _keep_an_operator()
        new_version(actor, "operator.roles-changed", operator.name)


def dismiss_operator(*, actor: Operator, operator: Operator) -> None:
    require_role(actor, Operator.Role.OPERATOR)
    with transaction.atomic():
        Operator.objects.filter(pk=operator.pk).update(active=False)
        _keep_an_operator()
        new_version(actor, "operator.dismissed", operator.name)


def _known(roles: Sequence[str]) -> list[str]:
    return [Operator.Role(role).value for role in roles]


def _keep_an_operator() -> None:
    """Else nobody could ever appoint one again."""
    # The lock orders dismissals: two operators cannot dismiss one another at the same moment.
    standing = Operator.objects.select_for_update().filter(active=True)
    if not any(Operator.Role.OPERATOR in operator.roles for operator in standing):
        raise PermissionDenied("the exchange keeps at least one operator")


def appoint_representative(
    *, actor: Actor, member: Member, national_id: str, name: str
) -> Representative:
    """Raises `IntegrityError` when the person acts for a member already."""
    require_rights_over(actor, member)
    with transaction.atomic():
        representative = Representative.objects.create(
            member=member, national_id_hash=hash_national_id(national_id), name=name
        )
        new_version(actor, "representative.appointed", member.x_road_id)
    return representative


def withdraw_representative(*, actor: Actor, representative: Representative) -> None:
    """From the next page on the person can do nothing more; what was done stays signed."""
    require_rights_over(actor, representative.member)
    with transaction.atomic():
        standing = Representative.objects.filter(pk=representative.pk, active=True)
        standing.update(active=False, withdrawn_at=clock.now())
        new_version(actor, "representative.withdrawn", representative.member.x_road_id)


def hash_national_id(national_id: str) -> str:
    """What is kept of an operator's national id: enough to recognise it, no more."""
    salt = "panjereh.exchange.operator"
    return salted_hmac(salt, national_id, algorithm="sha256").hexdigest()


def register_member(
    *,
    actor: Operator,
    instance: str,
    member_class: str,
    code: str,
    name: Names,
    kind: str = Member.Kind.AGENCY,
    approval_number: str = "",
    approval_date: date | None = None,
) -> Member:
    """An exchange or operator needs the approval that made it (002 art 10 notes 1 and 2). Raises
    `InvalidIdentifier` when the legal id is wrong."""
    require_role(actor, Operator.Role.OPERATOR)
    with transaction.atomic():
        member = Member.objects.create(
            instance=instance,
            member_class=member_class,
            code=parse_legal_id(code),
            name_fa=name["fa"],
            name_en=name["en"],
            kind=Member.Kind(kind),
            approval_number=approval_number,
            approval_date=approval_date,
        )
        new_version(actor, "member.registered", member.x_road_id)
    return member


def register_system(
    *, actor: Actor, member: Member, code: str, name: Names, base_url: str = ""
) -> System:
    """Codes are given once in the whole exchange: the key that a provider shares with the exchange
    goes by the code. Raises `CodeTaken`."""
    require_rights_over(actor, member)
    with transaction.atomic():
        new_version(actor, "system.registered", f"{member.x_road_id}/{code}")
        if System.objects.filter(code=code).exists():
            raise CodeTaken(code)
        return System.objects.create(
            member=member,
            code=code,
            name_fa=name["fa"],
            name_en=name["en"],
            base_url=base_url,
        )


def move_system(*, actor: Actor, system: System, base_url: str) -> None:
    """The provider answers at another address from now on."""
    require_rights_over(actor, system.member)
    with transaction.atomic():
        System.objects.filter(pk=system.pk).update(base_url=base_url)
        new_version(actor, "system.moved", system.x_road_id)


def disable_system(*, actor: Actor, system: System) -> None:
    """It can neither call nor answer until it is enabled again."""
    require_rights_over(actor, system.member)
    with transaction.atomic():
        System.objects.filter(pk=system.pk).update(enabled=False)
        new_version(actor, "system.disabled", system.x_road_id)


def enable_system(*, actor: Actor, system: System) -> None:
    require_rights_over(actor, system.member)
    with transaction.atomic():
        System.objects.filter(pk=system.pk).update(enabled=True)
        new_version(actor, "system.enabled", system.x_road_id)


def add_key(*, actor: Actor, system: System, public_key: str) -> SystemKey:
    """Accept one more key. Rotation: add the new one, let the system change over, withdraw the
    old one (PRV-13). Raises `ValueError` when it is no Ed25519 public key in hex."""
    require_rights_over(actor, system.member)
    VerifyKey(bytes.fromhex(public_key))
    with transaction.atomic():
        key = SystemKey.objects.create(system=system, public_key=public_key.lower())
        new_version(actor, "key.added", system.x_road_id)
    return key


def add_certificate(*, actor: Actor, system: System, certificate: bytes) -> SystemKey:
    """Accept the key of a certificate (PEM) for the system's channels. A renewed certificate with
    the same key needs no deed. Raises `ValueError` for what is no certificate of a fit key."""
    require_rights_over(actor, system.member)
    read = read_certificate(certificate)
    with transaction.atomic():
        key = SystemKey.objects.create(
            system=system,
            use=SystemKey.Use.CHANNEL,
            algorithm=read.algorithm,
            public_key=read.thumbprint,
            expires_at=read.not_after,
        )
        new_version(actor, "certificate.added", system.x_road_id)
    return key


def withdraw_key(*, actor: Actor, key: SystemKey) -> None:
    require_rights_over(actor, key.system.member)
    with transaction.atomic():
        SystemKey.objects.filter(pk=key.pk, withdrawn_at=None).update(withdrawn_at=clock.now())
        new_version(actor, "key.withdrawn", key.system.x_road_id)


def register_service(
    *,
    actor: Actor,
    system: System,
    code: str,
    title: Names,
    endpoints: Sequence[Mapping[str, str]] = POST_TO_ROOT,
    deadline_seconds: float = 5.0,
    subjects: Sequence[str] = (),
    buses: Sequence[str] = ("gsb",),
) -> Service:
    """`subjects` says where national ids stand in a request, see `gateway.subjects`. Raises
    `ValueError` when one is no such place."""
    require_rights_over(actor, system.member)
    compile_places(subjects)
    with transaction.atomic():
        service = Service.objects.create(
            system=system,
            code=code,
            title_fa=title["fa"],
            title_en=title["en"],
            endpoints=[dict(endpoint) for endpoint in endpoints],
            deadline_seconds=deadline_seconds,
            subjects=list(subjects),
            buses=_known_buses(buses),
        )
        new_version(actor, "service.registered", service.x_road_id)
    return service


def name_subjects(*, actor: Actor, service: Service, subjects: Sequence[str]) -> None:
    """National ids of its requests stand elsewhere than was said before."""
    require_rights_over(actor, service.system.member)
    compile_places(subjects)
    with transaction.atomic():
        Service.objects.filter(pk=service.pk).update(subjects=list(subjects))
        new_version(actor, "service.subjects-named", service.x_road_id)


def offer_on(*, actor: Operator, service: Service, buses: Sequence[str]) -> None:
    """Offer the service on these buses and no others."""
    require_role(actor, Operator.Role.OPERATOR)
    with transaction.atomic():
        Service.objects.filter(pk=service.pk).update(buses=_known_buses(buses))
        new_version(actor, "service.offered", f"{service.x_road_id} {' '.join(buses)}")


def admit_classes(*, actor: Operator, bus: Bus, member_classes: Sequence[str]) -> None:
    """Systems of members of these classes call on the bus, and of no others."""
    require_role(actor, Operator.Role.OPERATOR)
    with transaction.atomic():
        Bus.objects.filter(pk=bus.pk).update(member_classes=list(member_classes))
        new_version(actor, "bus.classes-admitted", f"{bus.code} {' '.join(member_classes)}")


def _known_buses(codes: Sequence[str]) -> list[str]:
    known = set(Bus.objects.values_list("code", flat=True))
    if unknown := set(codes) - known:
        raise ValueError(f"there is no bus {', '.join(sorted(unknown))}")
    return sorted(codes)


def disable_service(*, actor: Actor, service: Service, notice: str) -> None:
    """Callers are told the notice until the service is enabled again."""
    require_rights_over(actor, service.system.member)
    with transaction.atomic():
        Service.objects.filter(pk=service.pk).update(enabled=False, notice=notice)
        new_version(actor, "service.disabled", service.x_road_id)


def enable_service(*, actor: Actor, service: Service) -> None:
    require_rights_over(actor, service.system.member)
    with transaction.atomic():
        Service.objects.filter(pk=service.pk).update(enabled=True, notice="")
        new_version(actor, "service.enabled", service.x_road_id)


def the_exchange_itself() -> Operator:
    """Who signs what no person does: the timers. It has no row and cannot sign in."""
    return Operator(name="The exchange itself")


def require_role(actor: Actor, *roles: str) -> None:
    """One of these offices is needed for the deed."""
    held = set(actor.roles) if isinstance(actor, Operator) and actor.active else set()
    if not held & set(roles):
        raise PermissionDenied(f"this takes the office of {' or '.join(roles)}")


def require_rights_over(actor: Actor, member: Member) -> None:
    """Representatives act for their own member only, operators for every one."""
    if isinstance(actor, Operator):
        require_role(actor, Operator.Role.OPERATOR)
    elif not actor.active or actor.member_id != member.pk:
        raise PermissionDenied("a representative acts for the own member only")


def new_version(actor: Actor | None, deed: str, subject: str) -> int:
    """Write who did what, and wake the gateways at commit. The row lock orders the changes.

    Without an actor it was a time limit.
    """
    state = PolicyState.objects.select_for_update().get()
    version = state.version + 1
    PolicyState.objects.filter(pk=state.pk).update(version=version)
    PolicyChange.objects.create(version=version, actor=signature(actor), deed=deed, subject=subject)
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
    return version


def signature(actor: Actor | None) -> str:
    """A representative signs for a member; empty for a time limit."""
    if actor is None:
        return ""
    if isinstance(actor, Representative):
        return f"{actor.name} ({actor.member.x_road_id})"
    return actor.name
