"""`python -m panjereh.runtime.publish`: put the service packages of the checkout on the air."""

import sys
from pathlib import Path

from panjereh.runtime import prepare
from panjereh.runtime.environment import environment


def packages(root: Path) -> list[Path]:
    """services/<agency>/<service>/card.yaml"""
    return sorted(card.parent for card in root.glob("*/*/card.yaml"))


def services_root() -> Path:
    return environment().package_root.parents[1] / "services"


def main(folders: list[Path], *, actor: str) -> None:
    """Publish them one after the other; a package that is refused ends it with its findings."""
    prepare.setup("agency")
    from panjereh.agency.packages.actions import publish  # noqa: PLC0415  # after setup
    from panjereh.agency.packages.findings import PackageRefused  # noqa: PLC0415

    for folder in folders:
        try:
            publish(folder, actor=actor)
        except PackageRefused as refusal:
            raise SystemExit(f"{folder.name} was refused:\n{refusal}") from None
        sys.stdout.write(f"{folder.parent.name}/{folder.name} is on the air\n")


if __name__ == "__main__":
    main(packages(services_root()), actor="panjereh up")
