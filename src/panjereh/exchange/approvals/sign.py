"""A member signs a contract on its own machine, with the key of its system:

`python -m panjereh.exchange.approvals.sign CONTRACT.json KEY` prints the signature; KEY is a file
with the seed of the Ed25519 key in hex. It needs no database and no network.
"""

import json
import sys
import time
from pathlib import Path

from nacl.signing import SigningKey

from panjereh.exchange.approvals.contract import ContractRefused, content_hash, named_keys, sign
from panjereh.exchange.approvals.contract import thumbprint as name_of


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m panjereh.exchange.approvals.sign CONTRACT.json KEY\n")
        return 2
    try:
        contract = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        key = SigningKey(bytes.fromhex(Path(arguments[1]).read_text().strip()))
        if name_of(key.verify_key.encode().hex()) not in named_keys(contract).values():
            raise ContractRefused("the contract does not name this key")
        hashed = content_hash(contract)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(sign(hashed, key, verdict="accept", signed_at=int(time.time())) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
