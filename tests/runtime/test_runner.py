"""`make test` counts honestly, and `make trace` leaves no row out."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))

import run  # noqa: E402
import trace_rows  # noqa: E402

REPORT = '<testsuites><testsuite tests="5" failures="1" errors="1" skipped="1"/></testsuites>'


def job(tmp_path: Path, report: str = "") -> run.Job:
    path = tmp_path / "report.xml"
    if report:
        path.write_text(report)
    return run.Job("suite", [], report=path)


def test_a_report_is_counted(tmp_path: Path) -> None:
    counted = job(tmp_path, REPORT)
    run.count(counted, 1)
    assert (counted.passed, counted.failed, counted.skipped) == (2, 2, 1)


def test_a_suite_that_breaks_without_a_report_is_a_failure(tmp_path: Path) -> None:
    for code in (2, 4, -11):
        broken = job(tmp_path)
        run.count(broken, code)
        assert (broken.passed, broken.failed) == (0, 1)


def test_a_suite_that_breaks_after_its_tests_is_a_failure(tmp_path: Path) -> None:
    broken = job(tmp_path, '<testsuites><testsuite tests="5"/></testsuites>')
    run.count(broken, -9)
    assert (broken.passed, broken.failed) == (5, 1)


def test_a_check_passes_or_fails() -> None:
    for code, passed, failed in ((0, 1, 0), (1, 0, 1)):
        check = run.Job("lint", [])
        run.count(check, code)
        assert (check.passed, check.failed) == (passed, failed)


def test_a_check_that_could_not_ask_is_left_out_and_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check = run.Job("advisories", ["sh", "-c", "echo nobody could be asked; exit 77"])
    run.run([check])
    assert (check.passed, check.failed, check.skipped) == (0, 0, 1)
    assert "left out: nobody could be asked" in capsys.readouterr().out


def test_a_suite_that_hangs_is_killed_and_counts_as_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "LONGEST_SECONDS", 0.2)
    hanging = run.Job("hanging", ["sleep", "1000"], report=tmp_path / "none.xml")
    run.run([hanging])
    assert hanging.failed == 1
    assert "hanging ran for more than 0.2 s and was killed" in capsys.readouterr().out


TWO = (
    "import os, pathlib\n\n\ndef test_sound() -> None: ...\n\n\ndef test_lost() -> None:\n    {}\n"
)
ONCE = "mark = pathlib.Path(__file__).with_name('seen'); seen = mark.exists(); mark.touch()"


def suite_job(tmp_path: Path, code: str) -> run.Job:
    path = tmp_path / "test_it.py"
    path.write_text(TWO.format(code))
    report = tmp_path / "report.xml"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-c/dev/null",
        f"--rootdir={tmp_path.parents[1]}",
    ]
    return run.Job("it", [*command, f"--junit-xml={report}"], ["tests/it"], report=report)


@pytest.fixture
def beside_the_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run, "ROOT", tmp_path)
    (tmp_path / "tests" / "it").mkdir(parents=True)
    return tmp_path / "tests" / "it"


def ran(folder: Path, code: str) -> tuple[run.Job, list[str]]:
    job = suite_job(folder, code)
    run.run([job])
    return job, run.tried_again([job])


def test_a_test_that_fails_once_is_told_and_does_not_fail_the_run(
    beside_the_tests: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job, unsteady = ran(beside_the_tests, f"{ONCE}; assert seen")
    assert (job.passed, job.failed) == (2, 0)
    assert unsteady == ["tests/it/test_it.py::test_lost"]
    assert run.close([job], unsteady) == 0
    assert "unsteady, failed and then passed alone:\n  tests/it/test_it.py::test_lost\n" in (
        capsys.readouterr().out
    )


def test_a_test_that_fails_twice_has_failed(beside_the_tests: Path) -> None:
    job, unsteady = ran(beside_the_tests, "raise AssertionError")
    assert (job.passed, job.failed, unsteady) == (1, 1, [])


def test_a_long_suite_is_divided_and_no_file_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PARTS", {"runtime": 3})
    parts = dict(run.parts_of("runtime"))
    assert list(parts) == ["runtime-1", "runtime-2", "runtime-3"]
    files = sorted(file for part in parts.values() for file in part)
    assert files == sorted(f"tests/runtime/{file.name}" for file in TESTS.glob("runtime/test_*.py"))
    assert dict(run.parts_of("house")) == {"house": ["tests/house"]}


def test_many_failures_are_no_accident(
    beside_the_tests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "MOST_TRIED_AGAIN", 0)
    job, unsteady = ran(beside_the_tests, f"{ONCE}; assert seen")
    assert (job.failed, unsteady) == (1, [])


def test_the_last_line_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = run.Job("a", [], passed=3), run.Job("b", [], passed=1, failed=2)
    assert run.close([good]) == 0
    assert run.close([good, bad]) == 1
    assert capsys.readouterr().out == "3 passed, 0 failed\nfailed: b\n4 passed, 2 failed\n"


def test_what_is_missing_and_may_not_be_installed_is_said_plainly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run.shutil, "which", lambda _tool: None)
    monkeypatch.setattr(run.os, "geteuid", lambda: 1000)
    assert "chromium" in run.provide_tools()
    told = capsys.readouterr().out
    assert "chromium is missing: left out are the tests marked `browser`" in told
    assert "sudo apt-get install chromium" in told


def test_an_unknown_suite_is_refused() -> None:
    command = [sys.executable, str(TESTS / "run.py"), "cellar"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "no such suite: cellar" in done.stderr


def test_an_unknown_requirement_fails_the_suite(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((TESTS / "conftest.py").read_text())
    (tmp_path / "test_x.py").write_text(
        'import pytest\n\n\n@pytest.mark.req("WIN-999")\ndef test_x() -> None: ...\n'
    )
    sources = (TESTS / "conftest.py").read_text()
    source = sources.replace("Path(__file__).parent.parent", f"Path({str(TESTS.parent)!r})")
    (tmp_path / "conftest.py").write_text(source)
    command = [sys.executable, "-m", "pytest", str(tmp_path), "-q", "-p", "no:cacheprovider"]
    options = ["-c", str(TESTS.parent / "pyproject.toml"), "--rootdir", str(tmp_path)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "unknown requirement ['WIN-999']" in done.stdout + done.stderr


def test_the_trace_has_every_row_once() -> None:
    rows = json.loads(trace_rows.ROWS.read_text())["items"]
    page = trace_rows.page(rows, {"WIN-01": ["tests/b.py::test_b", "tests/a.py::test_a"]})
    assert len(rows) == 459
    for row in rows:
        assert page.count(f"| {row['id']} |") == 1
    assert "`tests/a.py::test_a`<br>`tests/b.py::test_b`" in page
    assert "1 of 459 rows have a test." in page
