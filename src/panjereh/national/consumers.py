"""Who calls: `IR-TEST/GOV/14003778990/civil-registration-window` is a system of a member."""


def member_of(consumer: str) -> str:
    """`IR-TEST/GOV/14003778990`: the agency, whichever of its systems calls."""
    return consumer.rpartition("/")[0]


def system_of(consumer: str) -> str:
    return consumer.rpartition("/")[2]
