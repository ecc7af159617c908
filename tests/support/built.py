"""What a browser or a Persian reader needs beside the sources, made when it is not there yet."""

import subprocess
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[2]
FRONTEND = ROOT / "frontend"
BUILT = ROOT / "src/panjereh/ui/static/ui/built"


def ensure_styles() -> None:
    """Build the style sheets unless they are newer than everything they are made of."""
    sheet = BUILT / "app.rtl.css"
    sources = [*(FRONTEND / "scss").glob("*.scss"), FRONTEND / "build.mjs"]
    if sheet.exists() and all(s.stat().st_mtime <= sheet.stat().st_mtime for s in sources):
        return
    _npm("run", "build")


def axe_script() -> str:
    """The source of axe-core, which looks for what shuts people out of a page."""
    script = FRONTEND / "node_modules/axe-core/axe.min.js"
    if not script.exists():
        _npm("ci")
    return script.read_text()


def _npm(*words: str) -> None:
    if words != ("ci",) and not (FRONTEND / "node_modules").exists():
        _npm("ci")
    npm = Path(sys.executable).with_name("npm")
    done = subprocess.run([npm, *words], cwd=FRONTEND, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"npm {' '.join(words)} failed:\n{done.stdout}\n{done.stderr}"


def ensure_translations(*packages: str) -> None:
    for package in packages:
        for catalogue in (ROOT / "src/panjereh" / package / "locale").rglob("django.po"):
            compiled = catalogue.with_suffix(".mo")
            if not compiled.exists() or compiled.stat().st_mtime < catalogue.stat().st_mtime:
                polib.pofile(str(catalogue)).save_as_mofile(str(compiled))
