"""What is wrong with a package, said so that its writer finds the place."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class PackageRefused(Exception):
    """The package cannot be used as it is; `findings` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings


def refused(file: str, message: str, *, line: int = 0, key: Any = "") -> PackageRefused:
    return PackageRefused([Finding(file, line, str(key), message)])
