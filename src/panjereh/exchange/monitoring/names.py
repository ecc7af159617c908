"""What systems and services are called by people, for ids that counts and records hold."""

from dataclasses import dataclass, field

from panjereh.exchange.models import Member, Service, System

Name = dict[str, str]  # by language


@dataclass(frozen=True)
class Names:
    found: dict[str, Name] = field(default_factory=dict)

    def of(self, x_road_id: str) -> Name | str:
        """The id itself where the directory knows no name: it was there once."""
        return self.found.get(x_road_id, x_road_id)


def names() -> Names:
    """Of all that is registered: some thousands in a whole country."""
    found: dict[str, Name] = {member.x_road_id: member.name for member in Member.objects.all()}
    for system in System.objects.select_related("member"):
        found[system.x_road_id] = system.name
    for service in Service.objects.select_related("system__member"):
        found[service.x_road_id] = service.title
    return Names(found)
