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


def main() -> None:
    prepare.setup("agency")
    from panjereh.agency.packages.actions import publish  # noqa: PLC0415  # after setup

    for folder in packages(services_root()):
        publish(folder)
        sys.stdout.write(f"published {folder.parent.name}/{folder.name}\n")


if __name__ == "__main__":
    main()
