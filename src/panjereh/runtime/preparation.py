"""The one-off work around the start of the floors, skipped while what it is made of is the same."""

import contextlib
import json
from pathlib import Path

from panjereh.runtime.environment import FLOORS, Environment
from panjereh.runtime.progress import Progress
from panjereh.runtime.publish import packages, services_root
from panjereh.runtime.sandbox_keys import make_sandbox_keys
from panjereh.runtime.services import python
from panjereh.runtime.stamps import Stamp, digest, files_below
from panjereh.runtime.steps import Step, run_steps
from panjereh.runtime.supervisor import Supervisor

DEFAULT_PEOPLE = 10_000


def people(env: Environment) -> int:
    """How many people the sandbox has; `panjereh sandbox --people` chooses."""
    with contextlib.suppress(OSError, ValueError):
        return int((env.home / "people").read_text())
    return int(env.get("PEOPLE", str(DEFAULT_PEOPLE)))


def floor_steps(env: Environment, *, people: int) -> list[Step]:
    """Tables of every floor; in the sandbox also its people."""
    floors = [floor for floor in FLOORS if not (env.production and floor == "sandbox")]
    count = [] if env.production else [str(people)]
    return [
        Step(floor, python("panjereh.runtime.prepare", floor, *count), log_of_step(env, floor))
        for floor in floors
    ]


def log_of_step(env: Environment, name: str) -> Path:
    return env.home / "logs" / f"prepare-{name}.log"


def tables_people_and_static_files(root: Path) -> list[Path]:
    """The sources that migrations, seeds and the collected static files are made of."""
    parts = {"migrations", "static", "sandbox", "settings"}
    return [path for path in files_below(root) if parts & set(path.relative_to(root).parts)]


class Work:
    """Steps that need not be done again while what they were made of is the same."""

    name = ""

    def __init__(self, env: Environment, supervisor: Supervisor, progress: Progress) -> None:
        self.env, self.supervisor, self.progress = env, supervisor, progress
        self.stamp = Stamp(env.home / "run" / f"{self.name}.stamp")

    def watch(self) -> None:
        self.supervisor.tick()
        self.supervisor.check_stop()


class Preparation(Work):
    """Keys, tables, people, static files."""

    name = "prepare"

    def run(self) -> None:
        made_of = self._made_of()
        if self.stamp.holds(made_of):
            return
        if not self.env.production:
            with self.progress.step("Keys of the sandbox"):
                make_sandbox_keys(self.env.home)
        with self.progress.step(self._title()) as show:
            run_steps(self.env, self._steps(), watch=self.watch, done=lambda step: show(step.name))
        self.stamp.write(made_of)

    def _title(self) -> str:
        if self.env.production:
            return "Tables"
        return f"Tables and {people(self.env):,} people"

    def _steps(self) -> list[Step]:
        collect = Step(
            "static files",
            python("django", "collectstatic", "--no-input", "--clear", "--verbosity", "0"),
            log_of_step(self.env, "static-files"),
            {
                "DJANGO_SETTINGS_MODULE": "panjereh.runtime.settings.every_floor",
                "PANJEREH_COLLECTING": "1",
            },
        )
        return [*floor_steps(self.env, people=people(self.env)), collect]

    def _made_of(self) -> str:
        facts = [
            [self.env.database_url(floor) for floor in FLOORS],
            [self.env.public_urls, self.env.inner_urls],  # the exchange's entries name them
            people(self.env),
            self.env.profile,
        ]
        return digest(json.dumps(facts), tables_people_and_static_files(self.env.package_root))


class Publication(Work):
    """Service packages go through the catalogue, so the floors must be up."""

    name = "publish"

    def run(self) -> None:
        root = services_root()
        if self.env.production or not packages(root):
            return
        made_of = digest("", [*files_below(root), *files_below(self.env.package_root / "agency")])
        if self.stamp.holds(made_of):
            return
        with self.progress.step("Service packages"):
            step = Step(
                "publish", python("panjereh.runtime.publish"), log_of_step(self.env, "packages")
            )
            run_steps(self.env, [step], watch=self.watch)
        self.stamp.write(made_of)
