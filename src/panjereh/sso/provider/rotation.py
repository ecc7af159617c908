"""A new signing key without a failed login: publish it, wait for the clients, turn, retire the old.

panjereh keys list
panjereh keys next ES256        # published, not used: clients fetch it with the others
panjereh keys turn ES256        # it signs; the old one still verifies
panjereh keys retire ES256      # when the last token of the old one has run out
panjereh keys seal              # encrypt all anew, after a new passphrase was put first
"""

import logging
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from panjereh.common import clock
from panjereh.sso.policy import policy
from panjereh.sso.provider.keys import (
    NEXT,
    KeyUnreadable,
    OpenedKey,
    folder,
    opened_key,
    sealed,
)

log = logging.getLogger("panjereh.sso.keys")

ALGORITHMS: dict[str, Callable[[], OpenedKey]] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
}


class TurnRefused(Exception):
    """The words say what to do first."""


def new_key(alg: str) -> OpenedKey:
    return ALGORITHMS[alg]()


def write_key(name: str, key: OpenedKey) -> Path:
    """Whole or not at all, for its owner alone."""
    path = folder() / name
    partial = path.with_suffix(".partial")
    partial.touch(mode=0o600)
    partial.write_bytes(sealed(key))
    return partial.replace(path)


def prepare_next(alg: str) -> Path:
    if waiting := _next(alg):
        raise TurnRefused(f"{waiting.name} is waiting already; `turn` it first")
    path = write_key(f"{alg.lower()}-{clock.now():%Y%m%d%H%M%S}{NEXT}", new_key(alg))
    log.info("sso.keys.published name=%s", path.name)
    return path


def turn(alg: str) -> Path:
    """The next key signs from now on. Raises `TurnRefused` while clients may not know it yet."""
    waiting = _next(alg)
    if waiting is None:
        raise TurnRefused(f"there is no next key of {alg}; make one with `next`")
    _wait_until(_written(waiting) + policy().key_known, "clients may not have fetched it")
    path = waiting.rename(waiting.with_name(waiting.name.removesuffix(NEXT) + ".pem"))
    since = clock.now().timestamp()
    os.utime(path, (since, since))
    log.info("sso.keys.turned name=%s", path.name)
    return path


def retire(alg: str) -> list[Path]:
    """Remove all but the one that signs. Raises `TurnRefused` while a token of theirs may live."""
    *old, signing = _in_use(alg)
    if not old:
        raise TurnRefused(f"{signing.name} is the only key of {alg}")
    _wait_until(_written(signing) + policy().key_known, "tokens of the old one may be in use")
    for path in old:
        path.unlink()
        log.info("sso.keys.retired name=%s", path.name)
    return old


def seal() -> list[Path]:
    """Encrypt each key under the newest passphrase, also one that lies open."""
    return [write_key(path.name, _taken(path)) for path in sorted(folder().glob("*.pem"))]


def _taken(path: Path) -> OpenedKey:
    try:
        return opened_key(path.name, path.read_text())
    except KeyUnreadable:
        found = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if isinstance(found, OpenedKey):
            return found
        raise


def _next(alg: str) -> Path | None:
    return next(iter(sorted(folder().glob(f"{alg.lower()}-*{NEXT}"))), None)


def _in_use(alg: str) -> list[Path]:
    """The last one signs."""
    found = sorted(folder().glob(f"{alg.lower()}-*.pem"))
    if using := [path for path in found if not path.name.endswith(NEXT)]:
        return using
    raise TurnRefused(f"there is no key of {alg}")


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _wait_until(moment: datetime, why: str) -> None:
    left = moment - clock.now()
    if left > timedelta():
        raise TurnRefused(f"{why}: wait until {moment:%H:%M:%S} UTC")


def main(words: list[str]) -> None:
    deeds: dict[str, Callable[[], object]] = {
        "list": lambda: None,
        "seal": seal,
    } | {
        f"{name} {alg}": partial(deed, alg)
        for name, deed in (("next", prepare_next), ("turn", turn), ("retire", retire))
        for alg in ALGORITHMS
    }
    deed = deeds.get(" ".join(words))
    if deed is None:
        raise SystemExit(f"panjereh keys: one of {', '.join(deeds)}")
    try:
        deed()
    except (TurnRefused, TypeError, ValueError) as refusal:
        raise SystemExit(f"panjereh keys: {refusal}") from None
    for path in sorted(folder().glob("*.pem")):
        sys.stdout.write(f"{path.name:<32} {_written(path):%Y-%m-%d %H:%M} {_part(path)}\n")


def _part(path: Path) -> str:
    if path.name.endswith(NEXT):
        return "published, not used yet"
    alg = path.name.partition("-")[0].upper()
    return "signs" if path == _in_use(alg)[-1] else "verifies only"
