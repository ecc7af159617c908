"""Everything a change has to pass: format, lint, types, contracts, translations, every suite.

`make test`, or `python tests/run.py [--lint-only] [suite …]`. Two jobs run at once; every suite is
a pytest process of its own, for its floor's settings, with its own home folder, databases and NATS,
on one PostgreSQL that all share. The last line is `N passed, M failed`.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from panjereh.runtime.embedded import Nats, Postgres
from panjereh.runtime.environment import FLOORS, PORTS
from panjereh.runtime.home import Home, HomeRefused
from panjereh.runtime.ports import free_port, free_ports
from panjereh.runtime.processes import start_child
from panjereh.runtime.upkeep import down

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
AT_ONCE = 3  # suites wait for browsers and servers: two cores bear three of them
LEFT_OUT = 77  # a check's exit code, as test drivers have it
MOST_TRIED_AGAIN = 5  # of one suite; more is no accident
LONGEST_FIRST = ("journeys", "runtime", "types")
LONGEST_SECONDS = 900  # of one job: a machine under load takes thrice the usual time
PARTS = {"sso": 3}
# program -> Debian's package, and what cannot be tested without it
TOOLS = {
    "apache2": ("libapache2-mod-auth-openidc", "signing in behind a reverse proxy"),
    "chromium": ("chromium", "the tests marked `browser`"),
    "pdfsig": ("poppler-utils", "signatures of documents checked by an outside program"),
    "softhsm2-util": ("softhsm2", "signing with a token through PKCS#11"),
    "zbarimg": ("zbar-tools", "QR codes read by an outside program"),
}


@dataclass
class Job:
    name: str
    command: Sequence[str]
    targets: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)
    report: Path | None = None
    log: Path = Path()
    began: float = 0.0
    process: "subprocess.Popen[bytes] | None" = None
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def main(arguments: list[str]) -> int:
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    suites = [name for name in arguments if not name.startswith("-")]
    with tempfile.TemporaryDirectory(prefix="panjereh-tests-") as name, ExitStack() as stack:
        work = Path(name)
        work.chmod(0o711)  # under root PostgreSQL runs as nobody and has to reach its folder
        jobs = [] if suites else list(checks(work))
        if "--lint-only" not in arguments:
            missing = provide_tools()
            jobs += stack.enter_context(suite_jobs(work, suites, missing))
        run(jobs)
        unsteady = tried_again(jobs)
    return close(jobs, unsteady)


def checks(work: Path) -> Iterator[Job]:
    python = sys.executable
    home = {"PANJEREH_HOME": str(work / "checks")}
    yield Job("format", [python, "-m", "ruff", "format", "--check", "--no-cache", "."])
    yield Job("lint", [python, "-m", "ruff", "check", "--no-cache", "."])
    yield Job("types", [python, "-m", "mypy"], environment=home)
    yield Job("floor contracts", [str(Path(python).with_name("lint-imports")), "--no-cache"])
    yield Job("advisories", [python, "tools/audit.py"])
    yield Job("translations", [python, "-m", "panjereh.runtime.translations", "check"])


def provide_tools() -> set[str]:
    """Install what is missing when we may; else say plainly what is left out."""
    missing = {tool for tool in TOOLS if not shutil.which(tool)}
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = [TOOLS[tool][0] for tool in sorted(missing)]
        say(f"installing {' '.join(packages)} with apt-get …")
        apt(["update", "-qq"])
        apt(["install", "-y", "-qq", "--no-install-recommends", *packages])
        missing = {tool for tool in TOOLS if not shutil.which(tool)}
    for tool in sorted(missing):
        package, lost = TOOLS[tool]
        say(f"{tool} is missing: left out are {lost}. Install it: sudo apt-get install {package}")
    return missing


def apt(words: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", *words], env=environment, stdout=subprocess.DEVNULL, check=False)


def suite_names() -> list[str]:
    return sorted(p.name for p in TESTS.iterdir() if p.is_dir() and any(p.rglob("test_*.py")))


@contextmanager
def suite_jobs(work: Path, chosen: list[str], missing: set[str]) -> Iterator[list[Job]]:
    """A job for each suite, with the services it runs on."""
    suites = [name for name in suite_names() if not chosen or name in chosen]
    if unknown := set(chosen) - set(suites):
        raise SystemExit(f"no such suite: {', '.join(sorted(unknown))}")
    parts = dict(part for suite in suites for part in parts_of(suite))
    postgres = Postgres(work / "shared", durable=False)
    postgres.start()
    brokers = [Nats(work / name, free_port(), durable=False) for name in parts]
    try:
        for broker in brokers:
            broker.start()
        yield [
            suite_job(work, name, targets, postgres, broker, missing)
            for (name, targets), broker in zip(parts.items(), brokers, strict=True)
        ]
    finally:
        for broker in brokers:
            broker.stop()
        postgres.stop()


def parts_of(suite: str) -> Iterator[tuple[str, list[str]]]:
    """A name for each part of a suite, and its files; a long suite is divided by their size."""
    count = PARTS.get(suite, 1)
    if count == 1:
        yield suite, [f"tests/{suite}"]
        return
    files = sorted((TESTS / suite).glob("test_*.py"), key=lambda file: -file.stat().st_size)
    for part in range(count):
        yield f"{suite}-{part + 1}", [str(file.relative_to(ROOT)) for file in files[part::count]]


def suite_job(
    work: Path, name: str, targets: list[str], postgres: Postgres, broker: Nats, missing: set[str]
) -> Job:
    report = work / f"{name}.xml"
    options = ["-q", "--no-header", f"--junit-xml={report}", "-o", "junit_family=xunit2"]
    options += ["-o", "faulthandler_timeout=200"]  # a test that hangs shows where
    if "chromium" in missing:
        options += ["-m", "not browser"]
    socket_folder = postgres.socket_folder
    temporary = work / name / "tmp"
    temporary.mkdir(parents=True)
    environment = {
        "TMPDIR": str(temporary),
        "PANJEREH_HOME": str(work / name),
        "PANJEREH_TEST_POSTGRES": str(socket_folder),
        "PANJEREH_NATS_URL": broker.url,
        "PANJEREH_PORT": str(free_ports(PORTS)),
    } | {
        f"PANJEREH_{floor.upper()}_DATABASE_URL": (
            f"postgresql:///panjereh_{floor}_{name}?host={socket_folder}&user=postgres"
        )
        for floor in FLOORS
    }
    return Job(name, [sys.executable, "-m", "pytest", *options], targets, environment, report)


def run(jobs: list[Job]) -> None:
    waiting = sorted(jobs, key=lambda job: job.name not in LONGEST_FIRST)
    running: list[Job] = []
    try:
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                running.append(begin(waiting.pop(0)))
            for job in [job for job in running if has_ended(job)]:
                running.remove(job)
                end(job)
            time.sleep(0.05)
    finally:
        for job in running:
            stop(job)


def begin(job: Job) -> Job:
    handle, name = tempfile.mkstemp(prefix="panjereh-job-")
    job.log, job.began = Path(name), time.monotonic()
    environment = {**os.environ, **job.environment, "PYTHONUNBUFFERED": "1"}
    with os.fdopen(handle, "wb") as output:
        job.process = start_child(
            ["env", "-C", str(ROOT), *job.command, *job.targets],
            output=output,
            environment=environment,
        )
    return job


def has_ended(job: Job) -> bool:
    """Also when it hangs: then it is killed, which counts as a failure."""
    assert job.process
    if job.process.poll() is None and time.monotonic() - job.began > LONGEST_SECONDS:
        say(f"  {job.name} ran for more than {LONGEST_SECONDS} s and was killed")
        os.killpg(job.process.pid, signal.SIGKILL)
        job.process.wait()
    return job.process.poll() is not None


def stop(job: Job) -> None:
    if job.process and job.process.poll() is None:
        os.killpg(job.process.pid, signal.SIGTERM)
        job.process.wait(30)
    stop_platforms(job)
    job.log.unlink(missing_ok=True)


def stop_platforms(job: Job) -> None:
    """A platform in the background outlives a test that was killed."""
    for folder, below, names in os.walk(job.environment.get("TMPDIR", "/nowhere")):
        if Path(folder).name == "home" and "lock" in names:
            below.clear()
            with suppress(HomeRefused):
                down(Home(Path(folder)))


def end(job: Job) -> None:
    assert job.process
    count(job, job.process.returncode)
    stop_platforms(job)
    seconds = time.monotonic() - job.began
    words = f"{job.passed} passed, {job.failed} failed"
    words += f", {job.skipped} skipped" if job.skipped else ""
    say(f"  {job.name:<18} {seconds:6.1f} s   {words if job.report else told(job)}")
    if job.failed:
        say(job.log.read_text(errors="replace"))
    job.log.unlink()


def told(job: Job) -> str:
    if job.skipped:
        return f"left out: {job.log.read_text(errors='replace').strip()}"
    return "FAILED" if job.failed else "ok"


def count(job: Job, code: int) -> None:
    """Numbers out of the report; a suite that broke without one is one failure."""
    if job.report and job.report.exists():
        for suite in ElementTree.parse(job.report).iter("testsuite"):
            number = {key: int(suite.get(key, 0)) for key in ("tests", "skipped")}
            job.failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            job.skipped += number["skipped"]
            job.passed += number["tests"]
        job.passed -= job.failed + job.skipped
    elif not job.report:
        job.passed, job.skipped = int(code == 0), int(code == LEFT_OUT)
    nothing_to_run = job.skipped if not job.report else code == 5
    if code != 0 and not job.failed and not nothing_to_run:
        job.failed = 1


def tried_again(jobs: list[Job]) -> list[str]:
    """The failed tests that pass alone on a machine that has come to rest: a browser that was
    starved for seconds is no finding, but it is told, and whatever fails twice has failed."""
    unsteady = []
    for job in jobs:
        tests = failed_tests(job)
        if not 0 < len(tests) <= MOST_TRIED_AGAIN or len(tests) != job.failed:
            continue
        say(f"  once more, alone: {' '.join(tests)}")
        again = replace(job, targets=tests, passed=0, failed=0, skipped=0)
        run([again])
        if again.failed == 0 and again.passed == len(tests):
            job.passed, job.failed = job.passed + len(tests), 0
            unsteady += tests
    return unsteady


def failed_tests(job: Job) -> list[str]:
    if not job.report or not job.report.exists():
        return []
    cases = ElementTree.parse(job.report).iter("testcase")
    lost = (c for c in cases if c.find("failure") is not None or c.find("error") is not None)
    return [f"{c.get('classname', '').replace('.', '/')}.py::{c.get('name')}" for c in lost]


def close(jobs: list[Job], unsteady: Sequence[str] = ()) -> int:
    failed = sum(job.failed for job in jobs)
    if unsteady:
        say("unsteady, failed and then passed alone:\n  " + "\n  ".join(unsteady))
    if failed:
        say("failed: " + ", ".join(job.name for job in jobs if job.failed))
    say(f"{sum(job.passed for job in jobs)} passed, {failed} failed")
    return 1 if failed else 0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
