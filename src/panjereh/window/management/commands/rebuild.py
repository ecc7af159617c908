"""`panjereh manage window rebuild`: the read models again, from the first event on."""

from typing import Any

from django.core.management.base import BaseCommand

from panjereh.window.rebuilding import rebuild


class Command(BaseCommand):
    help = "Builds what the window shows again out of the stream of events."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{rebuild()} events read")
