"""The registries of this floor: system code on the exchange, and whose data it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RegistrySystem:
    """`registry` and `custodian` are slugs of base_registries.json (001 art 21 and later); what is
    no base registry has no `registry`, and its custodian is a slug of agencies.json."""

    code: str
    room: str
    registry: str
    custodian: str


SYSTEMS: dict[str, RegistrySystem] = {
    system.code: system
    for system in (
        RegistrySystem("civil-registry", "civil", "natural-persons", "civil-registry"),
        RegistrySystem("health-registry", "health", "health", "health"),
        RegistrySystem("shahkar", "telecom", "shahkar", "cra"),
        RegistrySystem("postal-registry", "postal", "gnaf", "post"),
        RegistrySystem("legal-persons-registry", "legal", "legal-persons", "deeds"),
        RegistrySystem("skill-certificates", "skills", "", "tvto"),
        RegistrySystem("judicial-certificates", "judiciary", "", "judiciary"),
        RegistrySystem("higher-education", "education", "", "science"),
        RegistrySystem("conscription", "conscription", "", "police"),
        RegistrySystem("social-insurance", "insurance", "", "social-security"),
        RegistrySystem("privatisation", "privatisation", "", "privatization"),
        RegistrySystem("foreigners-registry", "foreigners", "", "interior"),
        RegistrySystem("residence-registry", "residence", "residence-natural", "civil-registry"),
    )
}
