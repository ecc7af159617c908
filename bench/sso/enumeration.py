"""Does the speed of the first answer of a login tell who has an account? A rank test.

    .venv/bin/python bench/sso/enumeration.py [--each 1000] [--json FILE]

People with an account, people without and people whose account is closed ask for a code in turns,
each on a browser of its own, with every national id once. The exchange answers as slowly as a real
one. For each pair: how often one of the first kind waits longer than one of the second (one half
when nothing can be told), and how many standard errors that is away from one half. Between -3 and 3
the order of so many answers tells nothing. See README.md.
"""

import argparse
import http.client
import json
import math
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import combinations
from pathlib import Path
from urllib.parse import urlencode

from run import database_url, started

from panjereh.common.identifiers import national_id_check_digit
from panjereh.runtime.embedded import Postgres
from panjereh.runtime.ports import free_port

sys.path.append(str(Path(__file__).parents[1] / "exchange"))
from stage import wait_until_healthy

HERE = Path(__file__).parent
KINDS = ("registered", "unknown", "closed")
EXCHANGE_SECONDS = 0.02
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')

Waits = dict[str, list[float]]


class Exchange(BaseHTTPRequestHandler):
    """Every number is its owner's, every message is taken."""

    protocol_version = "HTTP/1.1"

    messages = 0

    def do_POST(self) -> None:
        Exchange.messages += self.path.endswith("/send-sms")
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(EXCHANGE_SECONDS)
        raw = b'{"match": true, "message_id": "m"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def main() -> None:
    options = parse()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="panjereh-bench-sso-") as name, ExitStack() as stack:
        home = Path(name)
        home.chmod(0o755)
        postgres = Postgres(home)
        postgres.start()
        stack.callback(postgres.stop)
        port = start(home, postgres, stack, options.each)
        waits = measure(port, options.each)
        time.sleep(1)  # what went aside
    assert Exchange.messages == options.each + WARMING, "each registered person gets a code"
    told = {"load_before": load, "each": options.each, **compared(waits)}
    show(told, waits)
    if options.json:
        Path(options.json).write_text(json.dumps(told, indent=1) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=1000, help="people of each kind")
    parser.add_argument("--json", help="write the figures here as well")
    return parser.parse_args()


def start(home: Path, postgres: Postgres, stack: ExitStack, each: int) -> int:
    exchange = ThreadingHTTPServer(("127.0.0.1", 0), Exchange)
    threading.Thread(target=exchange.serve_forever, daemon=True).start()
    stack.callback(exchange.shutdown)
    port = free_port()
    os.environ |= {
        "PANJEREH_HOME": str(home),
        "PANJEREH_PORT": str(port - 1),
        "PANJEREH_EXCHANGE_INNER_URL": f"http://127.0.0.1:{exchange.server_port}",
        "PANJEREH_SSO_DATABASE_URL": database_url(postgres, "panjereh_sso"),
    }
    people = {kind: ids(kind, each) for kind in ("registered", "closed")}
    command = [sys.executable, str(HERE / "furnish_people.py")]
    subprocess.run(command, input=json.dumps(people).encode(), check=True)
    started([sys.executable, "-m", "panjereh.runtime.serve", "sso"], home, stack)
    wait_until_healthy(f"http://127.0.0.1:{port}/health")
    return port


def ids(kind: str, each: int) -> list[str]:
    """National ids with right check digits, so that the form takes them; one more set to warm."""
    first = 100_000_000 * (KINDS.index(kind) + 1)
    numbers = (f"{first + n:09d}" for n in range(each + WARMING))
    return [number + national_id_check_digit(number) for number in numbers]


WARMING = 30


def measure(port: int, each: int) -> Waits:
    waits: Waits = {kind: [] for kind in KINDS}
    people = {kind: ids(kind, each) for kind in KINDS}
    for turn in range(each + WARMING):
        for kind in random.sample(KINDS, len(KINDS)):
            waited = ask(port, people[kind][turn])
            if turn >= WARMING:
                waits[kind].append(waited)
    return waits


def ask(port: int, national_id: str) -> float:
    """Seconds between the form and its answer, on a browser that has never been here."""
    wire = http.client.HTTPConnection("127.0.0.1", port)
    cookies: dict[str, str] = {}
    place = send(wire, "GET", "/fa/login/", cookies)[1]
    page, _ = send(wire, "GET", place, cookies)
    token = TOKEN.search(page)
    assert token, page[:500]
    form = urlencode({"csrfmiddlewaretoken": token[1], "national_id": national_id})
    began = time.perf_counter()
    _, onward = send(wire, "POST", place, cookies, form)
    waited = time.perf_counter() - began
    assert onward.endswith("/code/"), onward
    wire.close()
    return waited


def send(
    wire: http.client.HTTPConnection,
    method: str,
    path: str,
    cookies: dict[str, str],
    body: str = "",
) -> tuple[str, str]:
    headers = {
        "Host": f"sso.localhost:{wire.port}",
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    wire.request(method, path, body, headers)
    answer = wire.getresponse()
    text = answer.read().decode()
    for cookie in answer.headers.get_all("Set-Cookie") or ():
        name, _, value = cookie.partition(";")[0].partition("=")
        cookies[name] = value
    return text, answer.headers.get("Location", "")


def compared(waits: Waits) -> dict[str, dict[str, float]]:
    return {f"{a} - {b}": rank_test(waits[a], waits[b]) for a, b in combinations(KINDS, 2)}


def rank_test(first: Sequence[float], second: Sequence[float]) -> dict[str, float]:
    """Mann and Whitney: the share of pairs in which the first waits longer, and its z."""
    joined = sorted([(wait, 0) for wait in first] + [(wait, 1) for wait in second])
    ranks = sum(place for place, (_, which) in enumerate(joined, 1) if which == 0)
    n, m = len(first), len(second)
    share = (ranks - n * (n + 1) / 2) / (n * m)
    error = math.sqrt((n + m + 1) / (12 * n * m))
    return {"share": round(share, 4), "z": round((share - 0.5) / error, 2)}


def show(told: dict[str, object], waits: Waits) -> None:
    for kind, seconds in waits.items():
        deciles = statistics.quantiles(seconds, n=10)
        sys.stdout.write(
            f"{kind:12} median {statistics.median(seconds) * 1000:6.2f} ms,"
            f" 10 to 90 % {deciles[0] * 1000:6.2f} to {deciles[-1] * 1000:6.2f}\n"
        )
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
