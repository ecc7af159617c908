"""`panjereh demo`: a birth certificate through all five floors, against the running platform.

When nothing runs, it starts a platform of its own in a temporary folder and stops it afterwards.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from panjereh.runtime.environment import Environment, environment
from panjereh.runtime.person import person_to_try
from panjereh.sandbox.demo.journey import Journey
from panjereh.sandbox.demo.own_platform import own_platform
from panjereh.sandbox.demo.story import Hop, Story
from panjereh.sandbox.walker import WrongPage


def main(*, as_json: bool = False) -> int:
    """Walk the journey and tell it; 0 when every hop was right, else 1."""
    console = Console(stderr=as_json)
    story = Story(listen=lambda hop: console.print(_line(hop), highlight=False, soft_wrap=True))
    try:
        with _platform(console) as env:
            Journey(env, story, person_to_try(env)).walk()
    except WrongPage as wrong:
        console.print(f"[bold red]wrong[/] {wrong}")
        story.facts["wrong"] = str(wrong)
    if as_json:
        sys.stdout.write(json.dumps(story.as_data(), ensure_ascii=False, indent=1) + "\n")
    elif "wrong" not in story.facts:
        for name, value in story.facts.items():
            console.print(
                f"[bold]{name.replace('_', ' ')}[/]: {value}", highlight=False, soft_wrap=True
            )
    return 1 if "wrong" in story.facts else 0


@contextmanager
def _platform(console: Console) -> Iterator[Environment]:
    env = environment()
    if person_to_try(env):
        yield env
        return
    console.print("Nothing runs here; the demo starts a platform of its own.")
    with own_platform() as own:
        yield own


def _line(hop: Hop) -> str:
    return f"[cyan]{hop.floor:<12}[/] {hop.milliseconds:>8.1f} ms  {hop.what}"
