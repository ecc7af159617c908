"""Recovery codes: 20 digits each, which every keyboard has.

66 random bits need no lock on the account (800-63B asks for one below 64), so nobody can use such
a lock to keep the owner out who has lost the phone. They are hashed slowly and keyed all the same.
"""

import hashlib
import secrets

from panjereh.sso.digests import keyed

DIGITS, GROUP, SALT_BYTES = 20, 4, 16


def new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def new_salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


def digest(code: str, salt: bytes) -> str:
    slow = hashlib.scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1)
    return keyed("recovery-code", slow.hex())


def grouped(code: str) -> str:
    return " ".join(code[i : i + GROUP] for i in range(0, DIGITS, GROUP))
