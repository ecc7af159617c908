"""Change the policy, and print how long the gateway takes to have the change, as JSON."""

import json
import sys
import time
import urllib.request

import django

django.setup()

from panjereh.exchange import actions  # noqa: E402
from panjereh.exchange.models import Operator, PolicyState, System  # noqa: E402


def main(port: int) -> None:
    operator = Operator.objects.get()
    system = System.objects.get(code="provider")
    began = time.perf_counter()
    actions.move_system(actor=operator, system=system, base_url=system.base_url)
    wanted = PolicyState.objects.get().version
    while held(port) < wanted:
        time.sleep(0.005)
    print(json.dumps({"seconds": time.perf_counter() - began}))


def held(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=30) as answer:
        version: int = json.load(answer)["policy"]
        return version


if __name__ == "__main__":
    main(int(sys.argv[1]))
