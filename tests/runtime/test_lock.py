"""What is installed is pinned and hashed, fits pyproject.toml, and names no registry."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKS = {
    "requirements.lock": [*PROJECT["dependencies"], *EXTRAS["embedded"]],
    "requirements-dev.lock": [*PROJECT["dependencies"], *EXTRAS["embedded"], *EXTRAS["dev"]],
}


def locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text()
    return {
        canonicalize_name(package.split("[")[0]): version
        for package, version in re.findall(r"^([\w.\[\]-]+)==(\S+)", text, re.MULTILINE)
    }


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_fits_the_project(name: str) -> None:
    versions = locked(name)
    for wanted in map(Requirement, LOCKS[name]):
        assert versions.get(canonicalize_name(wanted.name), "none") in wanted.specifier, wanted.name


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_hashed_and_no_address_is_named(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.split(r"^(?=[A-Za-z])", text, flags=re.MULTILINE)[1:]
    assert entries and all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|index-url|find-links", text)


def test_tests_run_on_what_is_installed_for_use() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()


def test_pip_lies_beside_the_installer() -> None:
    assert len(list((ROOT / "tools").glob("pip-*.whl"))) == 1
