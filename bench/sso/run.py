"""CPU of one complete login beside npm oidc-provider, on the same PostgreSQL, in one run.

    .venv/bin/python bench/sso/run.py [--people 10000] [--logins 400] [--rounds 5] [--json FILE]

A login is authorize (with a running session), token and userinfo, every answer checked. CPU is
that of the server's process and of all of PostgreSQL; the client's own does not count. See
README.md. Needs `npm ci` in peer/ once.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives import serialization
from joserfc.jwk import ECKey
from login import CALLBACK, Login, Paths

from panjereh.runtime.embedded import Postgres
from panjereh.runtime.ports import free_port

sys.path.append(str(Path(__file__).parents[1] / "exchange"))
from stage import stop, wait_until_healthy

HERE = Path(__file__).parent
NODE = Path(sys.executable).with_name("node")
AT_ONCE = 4
OURS = Paths("/oauth2/authorize", "/oauth2/token", "/oauth2/userinfo", "/oauth2/par")
PEERS = Paths("/auth", "/token", "/me", "/request")
TICK = 1 / os.sysconf("SC_CLK_TCK")

Logins = list[Login]


class Cost(NamedTuple):
    """Milliseconds of CPU."""

    server: float
    database: float


Found = dict[str, list[Cost]]


def main() -> None:
    options = parse()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="panjereh-bench-sso-") as name, ExitStack() as stack:
        home = Path(name)
        home.chmod(0o755)
        postgres = Postgres(home)
        postgres.start()
        stack.callback(postgres.stop)
        ours = start_ours(home, postgres, stack, options.people)
        peer = start_peer(home, postgres, stack)
        found = measure(ours | peer, postgres, options)
    show(found, load, options.people)
    if options.json:
        told = {"load_before": load, "people": options.people, "milliseconds": found}
        Path(options.json).write_text(json.dumps(told, indent=1) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--logins", type=int, default=400, help="of each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", help="write the figures here as well")
    return parser.parse_args()


def start_ours(
    home: Path, postgres: Postgres, stack: ExitStack, people: int
) -> dict[str, tuple[int, Logins]]:
    port = free_port()
    os.environ |= {
        "PANJEREH_HOME": str(home),
        "PANJEREH_PORT": str(port - 1),
        "PANJEREH_SSO_DATABASE_URL": database_url(postgres, "panjereh_sso"),
    }
    command = [sys.executable, str(HERE / "furnish.py"), str(people), str(2 * AT_ONCE)]
    told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    server = started([sys.executable, "-m", "panjereh.runtime.serve", "sso"], home, stack)
    wait_until_healthy(f"http://127.0.0.1:{port}/health")
    cookies = [f"sso={key}" for key in told["cookies"]]
    who: dict[str, Any] = {"port": port, "issuer": f"http://sso.localhost:{port}", "paths": OURS}
    key = ECKey.import_key(told["key"])
    plain = [
        Login(**who, client_id="standard", cookie=c, secret=told["secret"])
        for c in cookies[:AT_ONCE]
    ]
    keyed = [Login(**who, client_id="high", cookie=c, key=key) for c in cookies[AT_ONCE:]]
    return {"ours": (server.pid, plain), "ours, PAR and DPoP": (server.pid, keyed)}


def start_peer(home: Path, postgres: Postgres, stack: ExitStack) -> dict[str, tuple[int, Logins]]:
    port, issuer_key = free_port(), signing_key(home)
    key = ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True)
    issuer = f"http://127.0.0.1:{port}"
    standard = {
        "client_id": "standard",
        "client_secret": "s" * 43,
        "redirect_uris": [CALLBACK],
        "id_token_signed_response_alg": "ES256",
    }
    high = {
        "client_id": "high",
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "id_token_signed_response_alg": "ES256",
        "jwks": {"keys": [key.as_dict(private=False)]},
        "dpop_bound_access_tokens": True,
        "require_pushed_authorization_requests": True,
    }
    given = {
        "port": port,
        "issuer": issuer,
        "clients": [standard, high],
        "jwks": {"keys": [issuer_key.as_dict(private=True)]},
        "database": {
            "host": str(postgres.socket_folder),
            "user": "postgres",
            "database": "panjereh_window",
        },
    }
    server = started([str(NODE), str(HERE / "peer" / "server.mjs"), json.dumps(given)], home, stack)
    wait_until_healthy(f"{issuer}/.well-known/openid-configuration")
    who: dict[str, Any] = {"port": port, "issuer": issuer, "paths": PEERS, "cookie": ""}
    plain = [Login(**who, client_id="standard", secret="s" * 43) for _ in range(AT_ONCE)]
    keyed = [Login(**who, client_id="high", key=key) for _ in range(AT_ONCE)]
    return {"peer": (server.pid, plain), "peer, PAR and DPoP": (server.pid, keyed)}


def signing_key(home: Path) -> ECKey:
    """The peer signs with the same key as we do."""
    keys = home / "keys"
    passphrase = (keys / "sso-signing-keys.secret").read_text().split()[0]
    pem = (keys / "sso" / "signing" / "es256-1.pem").read_bytes()
    key = serialization.load_pem_private_key(pem, passphrase.encode())
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return ECKey.import_key(text, {"alg": "ES256", "use": "sig", "kid": "bench"})


def database_url(postgres: Postgres, name: str) -> str:
    return f"postgresql:///{name}?host={postgres.socket_folder}&user=postgres"


def started(command: list[str], home: Path, stack: ExitStack) -> "subprocess.Popen[bytes]":
    with (home / "servers.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    stack.callback(stop, process)
    return process


def measure(
    servers: dict[str, tuple[int, Logins]], postgres: Postgres, options: argparse.Namespace
) -> Found:
    """Milliseconds of CPU per login, a figure for each round; the servers take turns."""
    assert postgres._child
    database = postgres._child.pid
    found: Found = {name: [] for name in servers}
    for round_number in range(options.rounds + 1):  # the first one warms
        for name, (pid, logins) in servers.items():
            before = family_cpu(pid), family_cpu(database)
            log_in(logins, options.logins)
            spent = family_cpu(pid) - before[0], family_cpu(database) - before[1]
            if round_number:
                found[name].append(Cost(*(1000 * part / options.logins for part in spent)))
    return found


def log_in(logins: Logins, count: int) -> None:
    failures: list[BaseException] = []
    threads = [
        threading.Thread(target=guarded, args=(login, count // len(logins), failures))
        for login in logins
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit(f"a login failed; the figure would say nothing: {failures[0]!r}")


def guarded(login: Login, count: int, failures: list[BaseException]) -> None:
    try:
        login.connect()
        for _ in range(count):
            login.once()
    except BaseException as error:
        failures.append(error)


def family_cpu(pid: int) -> float:
    """Seconds of a process and of all it started, those that have ended included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(int(fields[n]) for n in (11, 12, 13, 14)) * TICK
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(family_cpu(int(child)) for child in children)


def show(found: Found, load: float, people: int) -> None:
    median = {name: statistics.median(map(sum, costs)) for name, costs in found.items()}
    print(f"\n{people:,} people; load before the run {load:.1f}\n")
    print("| CPU ms per login | median | least | most | of it database |")
    print("|---|---:|---:|---:|---:|")
    for name, costs in found.items():
        least, most = min(map(sum, costs)), max(map(sum, costs))
        database = statistics.median(cost.database for cost in costs)
        print(f"| {name} | {median[name]:.2f} | {least:.2f} | {most:.2f} | {database:.2f} |")
    print()
    for more in ("", ", PAR and DPoP"):
        print(f"ours / peer{more}: {median['ours' + more] / median['peer' + more]:.2f}")


if __name__ == "__main__":
    main()
