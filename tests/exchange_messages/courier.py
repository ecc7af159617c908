"""The background work of the exchange, but only that about messages and records."""

import asyncio
import os
import signal

os.environ["DJANGO_SETTINGS_MODULE"] = "panjereh.runtime.settings.operator"

import django

django.setup()

from panjereh.exchange.jobs import collect_records  # noqa: E402
from panjereh.exchange.messages.jobs import deliver_messages, keep_messages  # noqa: E402


async def main() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await asyncio.gather(deliver_messages(stop), keep_messages(stop), collect_records(stop))


if __name__ == "__main__":
    asyncio.run(main())
