"""Make the local environment: packages, front-end assets, translations. Called by the Makefile.

Written for any Python 3.6 and later, so that a too-old one gets a clear line instead of a syntax
error. Needs neither pip nor ensurepip on the machine: pip is the wheel beside this file. Every
step leaves a stamp of what it was made of and is skipped while that is the same.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "stamps"
LOG = VENV / "install.log"
BUILT = ROOT / "src" / "panjereh" / "ui" / "static" / "ui" / "built"
LEAST_PYTHON = (3, 11)
LEAST_FREE_MB = 1500
WIDTH = 46


def main(arguments):
    check_python()
    check_folder()
    make_venv()
    install_packages("requirements-dev.lock" if "--dev" in arguments else "requirements.lock")
    install_project()
    build_front_end()
    compile_translations()
    if "--dev" in arguments:
        install_outside_clients()


def check_python():
    if sys.version_info[:2] < LEAST_PYTHON:
        found = f"{sys.version_info[0]}.{sys.version_info[1]} ({sys.executable})"
        stop(f"Python {found} is too old; 3.11 or later is needed: make up PYTHON=python3.11")


def check_folder():
    if not os.access(str(ROOT), os.W_OK):
        stop(f"{ROOT} cannot be written by this user. Mend its permissions or clone elsewhere.")
    free = shutil.disk_usage(str(ROOT)).free // 2**20
    if not PYTHON.exists() and free < LEAST_FREE_MB:
        stop(f"Only {free} MB are free where {ROOT} lies; it needs {LEAST_FREE_MB} MB.")


def make_venv():
    """An environment that works is kept; one whose Python is gone or too old is made anew."""
    probe = f"import sys; sys.exit(sys.version_info[:2] < {LEAST_PYTHON})"
    if PYTHON.exists() and subprocess.call([str(PYTHON), "-c", probe]) == 0:
        return
    with Step("Python environment"):
        run([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV])


def install_packages(lock):
    made_of = digest([ROOT / lock])
    if stamped(lock, made_of) or (lock == "requirements.lock" and has_dev_packages()):
        return
    total = (ROOT / lock).read_text().count("==")
    with Step("Python packages (once)") as step:
        command = pip("install", "--require-hashes", "--no-input", "-r", ROOT / lock)
        run(command, each_line=step.counting("Collecting ", total))
    stamp(lock, made_of)


def has_dev_packages():
    """They hold all the others, at the same versions."""
    return stamped("requirements-dev.lock", digest([ROOT / "requirements-dev.lock"]))


def install_project():
    made_of = digest([ROOT / "pyproject.toml"])
    if stamped("project", made_of):
        return
    with Step("Panjereh itself"):
        run(pip("install", "--no-deps", "--no-build-isolation", "--editable", ROOT))
    stamp("project", made_of)


def pip(command, *words):
    wheel = sorted((ROOT / "tools").glob("pip-*.whl"))[-1]
    return [PYTHON, wheel / "pip", command, "--disable-pip-version-check", *words]


def build_front_end():
    folder = ROOT / "frontend"
    sources = files_below(folder)
    made_of = digest(sources)
    if not sources or (BUILT.is_dir() and stamped("frontend", made_of)):
        return
    npm = [VENV / "bin" / "npm", "--prefix", folder]
    with Step("Style sheets and fonts"):
        run([*npm, "ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"])
        run([*npm, "run", "build"])
    stamp("frontend", made_of)


def install_outside_clients():
    """Software of others that signs in at our sign-on in the tests."""
    folder = ROOT / "tests" / "sso" / "outside"
    made_of = digest([folder / "package-lock.json"])
    if (folder / "node_modules").is_dir() and stamped("outside", made_of):
        return
    with Step("Clients of others, for the tests"):
        run([VENV / "bin" / "npm", "--prefix", folder, "ci", "--loglevel=error"])
    stamp("outside", made_of)


def compile_translations():
    texts = [path for path in files_below(ROOT / "src" / "panjereh") if path.suffix == ".po"]
    made_of = digest(texts)
    compiled = all(text.with_suffix(".mo").exists() for text in texts)
    if not texts or (compiled and stamped("translations", made_of)):
        return
    with Step("Translations"):
        run([PYTHON, "-m", "panjereh.runtime.translations", "compile"])
    stamp("translations", made_of)


class Step:
    """One line on the terminal: the name now, the seconds when it is done."""

    def __init__(self, name):
        self.line = f"  {name} ".ljust(WIDTH, ".")

    def __enter__(self):
        self.began = time.time()
        show(self.line)
        return self

    def counting(self, word, total):
        """A watcher of output lines that shows how far we are; drawn over itself on a terminal."""
        seen = []

        def count(line):
            if line.startswith(word) and sys.stdout.isatty():
                seen.append(line)
                show(f"\r{self.line} {len(seen)} of {total}")

        return count

    def __exit__(self, kind, *_):
        start = f"\r\x1b[K{self.line}" if sys.stdout.isatty() else ""
        show(f"{start} not done\n" if kind else f"{start} {time.time() - self.began:.1f} s\n")


def show(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def run(command, each_line=lambda line: None):
    """Run it with its output in the log; a failure carries the output."""
    VENV.mkdir(exist_ok=True)
    lines = []
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    process = subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        universal_newlines=True,
        env={**os.environ, "PATH": path},
    )
    for line in process.stdout:
        lines.append(line.rstrip())
        each_line(line)
    with LOG.open("a") as log:
        log.write("\n".join(lines) + "\n")
    if process.wait():
        raise Failed(lines)


class Failed(Exception):
    """A command of a step failed; its argument is what it said."""


def stamped(name, made_of):
    try:
        return (STAMPS / name).read_text() == made_of
    except OSError:
        return False


def stamp(name, made_of):
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(made_of)


def digest(paths):
    total = hashlib.sha256(str(ROOT).encode())  # an environment does not survive being moved
    for path in sorted(paths):
        total.update(str(path).encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def files_below(folder):
    found = []
    for parent, folders, names in os.walk(str(folder)):
        folders[:] = [name for name in folders if name not in ("node_modules", "__pycache__")]
        found += [Path(parent) / name for name in names]
    return found


def stop(text):
    sys.exit(f"panjereh: {text}")


def explain(lines):
    if any("No space left on device" in line for line in lines):
        stop(f"The disk that holds {ROOT} is full. Make room and run it again.")
    told = "\n    ".join(lines[-8:])
    stop(f"the step above failed. The end of {LOG}:\n    {told}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failed as failed:
        explain(failed.args[0])
    except KeyboardInterrupt:
        stop("stopped; run it again to go on.")
    except OSError as error:
        stop(f"{error.filename or ROOT}: {error.strerror}")
