"""Who comes to the pages: overseers, and people who act for a side of the calls or for none."""

from dataclasses import dataclass

from django.test import Client
from sample import CONSUMER, PROVIDER

from panjereh.exchange import actions
from panjereh.exchange.models import Member, Operator, PolicyState, Service, System
from panjereh.sdk.signin.person import SESSION_KEY, Person, as_kept

NUMBERS = {
    "operator": "0012345679",
    "stranger": "0023456782",
    "consumer": "0034567885",
    "provider": "0045678988",
    "third": "0056789091",
    "secretary": "0067890199",
    "auditor": "0078901202",
}
THIRD = "IR-TEST/GOV/14000000003/third"


def somebody(name: str) -> Person:
    level = "urn:panjereh:level:1"
    return Person(
        sub=name, acr=level, national_id=NUMBERS[name], given_name="نرگس", family_name="راستین"
    )


def sign_in(client: Client, name: str) -> Client:
    session = client.session
    session[SESSION_KEY] = {"person": as_kept(somebody(name))}
    session.save()
    return client


def coming(name: str) -> Client:
    return sign_in(Client(), name)


@dataclass
class Offices:
    """Everybody appointed to what their name says."""

    operator: Operator

    @classmethod
    def enter(cls) -> "Offices":
        PolicyState.objects.get_or_create(pk=1)  # made by a migration, gone with the tables
        operator = actions.appoint_first_operator(national_id=NUMBERS["operator"], name="Narges")
        for name, role in (("secretary", "secretariat"), ("auditor", "auditor")):
            actions.appoint_operator(
                actor=operator, national_id=NUMBERS[name], name=name, roles=[role]
            )
        for name, system in (("consumer", CONSUMER), ("provider", PROVIDER), ("third", THIRD)):
            actions.appoint_representative(
                actor=operator,
                member=enter_system(system),
                national_id=NUMBERS[name],
                name=name,
            )
        named = {"title_fa": "نشانی", "title_en": "Address", "endpoints": []}
        Service.objects.create(
            system=System.objects.get(code="postal-registry"), code="address", **named
        )
        return cls(operator)


def enter_system(x_road_id: str) -> Member:
    instance, member_class, code, system = x_road_id.split("/")
    names = {"name_fa": "نمونه", "name_en": "Sample"}
    member, _ = Member.objects.get_or_create(
        instance=instance, member_class=member_class, code=code, defaults=names
    )
    System.objects.create(member=member, code=system, **names)
    return member
