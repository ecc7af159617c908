"""`python -m panjereh.sso.staff registrar auditor < file`: appoint an officer of the sign-on.

The file holds two lines, the national id and the name, so that neither stands in the list of
processes or in the history of the shell.
"""

import sys

import django


def main(roles: list[str]) -> None:
    django.setup()
    from panjereh.common.identifiers import parse_national_id  # noqa: PLC0415 - needs the settings
    from panjereh.sso.staff.actions import appoint_officer, the_installation  # noqa: PLC0415

    national_id, name = (sys.stdin.readline().strip() for _ in range(2))
    appoint_officer(
        actor=the_installation(),
        national_id=parse_national_id(national_id),
        name=name,
        roles=roles,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
