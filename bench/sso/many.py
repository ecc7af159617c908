"""Does a login, or the page of numbers, cost more when five million people are registered?

    .venv/bin/python bench/sso/many.py [--sizes 10000 5000000] [--logins 400] [--rounds 3]

One database grows from size to size. The accounts are spread over the past 400 days; their numbers
are put in as the job would have counted them, and then the job counts two days and must find
nothing to change. Needs some 4 GB of disk for five million.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from login import Login
from run import AT_ONCE, HERE, OURS, Cost, database_url, measure, started, wait_until_healthy

from panjereh.runtime.embedded import Postgres
from panjereh.runtime.ports import free_port

DAYS = 400
ASKED = 20
GROW = """
    INSERT INTO sso_person (id, national_id, given_name, family_name, father_name, birth_date,
        mobile, mobile_confirmed_at, registered_at, registered_through)
    SELECT gen_random_uuid(), lpad(n::text, 10, '0'), 'بیتا', 'بزرگی', 'حسن', '1988-03-04',
        '+989' || lpad(n::text, 9, '0'), at, at, CASE n %% 3 WHEN 0 THEN '' ELSE 'standard' END
    FROM (
        SELECT n, date_trunc('hour', now()) - make_interval(
            hours => ((%(last)s - n) * 24 * %(days)s / (%(last)s - %(first)s + 1))::int
        ) AS at
        FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
    ) AS people
"""
LEVELS = """
    INSERT INTO sso_attainedlevel (person_id, level, proof, attained_at)
    SELECT id, 1, 'civil-registry+shahkar', registered_at FROM sso_person
    WHERE national_id BETWEEN lpad(%(first)s::text, 10, '0') AND lpad(%(last)s::text, 10, '0')
"""
LOCAL = "(registered_at AT TIME ZONE 'Asia/Tehran')::date"
TODAY = "(now() AT TIME ZONE 'Asia/Tehran')::date"
COUNTED = (
    "TRUNCATE sso_numbers_change, sso_numbers_entry, sso_numbers_countedday",
    f"""INSERT INTO sso_numbers_countedday (day, counted_at)
        SELECT d, now() FROM generate_series(
            (SELECT min({LOCAL}) FROM sso_person), {TODAY} - 1, '1 day') d""",
    f"""INSERT INTO sso_numbers_change (day, kind, level, change)
        SELECT {LOCAL}, 'national', 1, count(*) FROM sso_person
        WHERE {LOCAL} < {TODAY} GROUP BY 1""",
    f"""INSERT INTO sso_numbers_entry (day, what, client_id, detail, times)
        SELECT {LOCAL}, 'registration', registered_through, 'national', count(*) FROM sso_person
        WHERE {LOCAL} < {TODAY} GROUP BY 1, 3""",
)


class Found(NamedTuple):
    people: int
    login: list[Cost]
    numbers: dict[str, float]


def main() -> None:
    options = parse()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="panjereh-bench-many-") as name, ExitStack() as stack:
        home = Path(name)
        home.chmod(0o755)
        postgres = Postgres(home)
        postgres.start()
        stack.callback(postgres.stop)
        port = surroundings(home, postgres)
        told = furnished()
        connection = psycopg.connect(
            database_url(postgres, "panjereh_sso"), autocommit=True, prepare_threshold=None
        )
        stack.callback(connection.close)
        server = started([sys.executable, "-m", "panjereh.runtime.serve", "sso"], home, stack)
        wait_until_healthy(f"http://127.0.0.1:{port}/health")
        clients = logins(port, told)
        found, people = [], AT_ONCE
        for size in options.sizes:
            grow(connection, people + 1, size)
            people = size
            (costs,) = measure({"ours": (server.pid, clients)}, postgres, options).values()
            found.append(Found(size, costs, numbers()))
    show(found, load)
    if options.json:
        Path(options.json).write_text(json.dumps([one._asdict() for one in found], indent=1))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 5_000_000])
    parser.add_argument("--logins", type=int, default=400, help="of each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", help="write the figures here as well")
    return parser.parse_args()


def surroundings(home: Path, postgres: Postgres) -> int:
    port = free_port()
    os.environ |= {
        "PANJEREH_HOME": str(home),
        "PANJEREH_PORT": str(port - 1),
        "PANJEREH_SSO_DATABASE_URL": database_url(postgres, "panjereh_sso"),
    }
    return port


def furnished() -> dict[str, Any]:
    command = [sys.executable, str(HERE / "furnish.py"), str(AT_ONCE), str(AT_ONCE)]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    told: dict[str, Any] = json.loads(output)
    return told


def logins(port: int, told: dict[str, Any]) -> list[Login]:
    issuer = f"http://sso.localhost:{port}"
    return [
        Login(port, issuer, OURS, "standard", f"sso={key}", secret=told["secret"])
        for key in told["cookies"]
    ]


def grow(connection: "psycopg.Connection[Any]", first: int, last: int) -> None:
    began = time.perf_counter()
    connection.execute("SET synchronous_commit = off")
    connection.execute("SET session_replication_role = replica")  # rows are right: no look at keys
    connection.execute("SET maintenance_work_mem = '256MB'")
    row = {"first": first, "last": last, "days": DAYS}
    connection.execute(GROW, row)  # type: ignore[arg-type]
    connection.execute(LEVELS, row)
    for statement in COUNTED:
        connection.execute(statement)
    connection.execute("VACUUM ANALYZE sso_person, sso_attainedlevel")
    connection.execute("CHECKPOINT")
    print(f"{last:,} people after {time.perf_counter() - began:.0f} s", file=sys.stderr)


def numbers() -> dict[str, float]:
    """Milliseconds, in a process of its own, as the page reads them."""
    command = [sys.executable, str(HERE / "read_numbers.py"), str(ASKED)]
    told: dict[str, float] = json.loads(
        subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    )
    return told


def show(found: list[Found], load: float) -> None:
    names = list(found[0].numbers)
    print(f"\nload before the run {load:.1f}\n")
    print(f"| people | CPU ms per login | of it database | {' | '.join(names)} |")
    print("|---:" * (3 + len(names)) + "|")
    for one in found:
        login = statistics.median(map(sum, one.login))
        database = statistics.median(cost.database for cost in one.login)
        rest = " | ".join(f"{one.numbers[name]:.1f}" for name in names)
        print(f"| {one.people:,} | {login:.2f} | {database:.2f} | {rest} |")


if __name__ == "__main__":
    main()
