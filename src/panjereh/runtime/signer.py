"""Give a person of the sandbox something to sign with: certificate, national card, kept key."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from panjereh.runtime.environment import Environment
from panjereh.runtime.services import child_environment, python


def make_signer(env: Environment, person: dict[str, Any], folder: Path, *, pin: str) -> list[str]:
    """Write me.key, me.crt and national.card, and have the signing service keep a key. Says what
    was made, one line each. `pin` opens the card and the kept key."""
    from panjereh.sandbox.authority import cards  # noqa: PLC0415  # keep other commands quick
    from panjereh.sandbox.authority.hierarchy import make_authority  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority = make_authority(env.home)
    _write_pair(authority, person, folder)
    names = ("national_id", "given_name", "family_name", "father_name", "birth_date")
    facts = {name: str(person[name]) for name in names}
    cards.issue_card(cards.make_card_issuer(env.home), folder / "national.card", facts, pin=pin)
    _keep_key(env, person, pin)
    return [
        f"{folder}/me.key, me.crt   sign with openssl or import them into a token",
        f"{folder}/national.card    for `panjereh card read`, PIN 1 is {pin}",
        f"a key at the signing service, PIN {pin}, codes go to {person['mobile']}",
    ]


def _write_pair(authority: Path, person: dict[str, Any], folder: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import (  # noqa: PLC0415
        SECP256R1,
        generate_private_key,
    )

    from panjereh.sandbox.authority.hierarchy import (  # noqa: PLC0415
        write_certificate,
        write_key,
    )
    from panjereh.sandbox.authority.persons import issue  # noqa: PLC0415

    key = generate_private_key(SECP256R1())
    write_key(folder / "me.key", key)
    write_certificate(folder / "me.crt", issue(authority, _holder(person), key.public_key()))


def _holder(person: dict[str, Any]) -> Any:
    from panjereh.sandbox.authority.persons import Holder  # noqa: PLC0415

    return Holder(person["national_id"], person["given_name"], person["family_name"])


def _keep_key(env: Environment, person: dict[str, Any], pin: str) -> None:
    """The service has a database of its own, so it is asked in a process of its own."""
    subprocess.run(
        python("panjereh.runtime.signer"),
        env=child_environment(env),
        input=json.dumps({"person": person, "pin": pin}),
        text=True,
        check=True,
        timeout=60,
    )


def main() -> None:
    from panjereh.runtime.prepare import setup  # noqa: PLC0415

    told = json.load(sys.stdin)
    setup("sandbox")
    from panjereh.common.identifiers import parse_mobile  # noqa: PLC0415
    from panjereh.sandbox.signing_service.actions import keep_key  # noqa: PLC0415

    person = told["person"]
    keep_key(_holder(person), mobile=parse_mobile(person["mobile"]), pin=told["pin"])


if __name__ == "__main__":
    main()
