"""Take a registry of the sandbox out of service and put it back, as its custodian would."""

from panjereh.registries.custody.actions import pause_registry, resume_registry

ACTOR = "sandbox"


def pause(system: str) -> None:
    """Calls to the registry are refused as `registry-paused` until `resume`."""
    pause_registry(system=system, reason="paused by hand in the sandbox", actor=ACTOR)


def resume(system: str) -> bool:
    """False when it was in service."""
    return resume_registry(system=system, actor=ACTOR)
