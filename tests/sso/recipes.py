"""The recipes of the guide, taken out of it and run."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from people import register_client

from panjereh.runtime.ports import free_port
from panjereh.sso.digests import new_secret

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "sign-in-with-my-government.md"
OUTSIDE = Path(__file__).parent / "outside"
HARNESS = OUTSIDE / "guide"
NODE = Path(sys.executable).with_name("node")
APACHE = shutil.which("apache2") or "/usr/sbin/apache2"
OPENIDC = Path("/usr/lib/apache2/modules/mod_auth_openidc.so")
_FENCE = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def recipes() -> dict[str, str]:
    """File name -> text, as a reader of the guide copies it."""
    return dict(_FENCE.findall(GUIDE.read_text()))


@dataclass
class RecipeSite:
    """A site of others, made from a recipe, in a process of its own."""

    client_id: str
    port: int
    process: "subprocess.Popen[str]"
    folder: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)  # node and Apache have children
        self.process.communicate(timeout=20)


def start(kind: str, issuer: str, folder: Path, **facts: Any) -> RecipeSite:
    """Registered like any site, and open when this returns."""
    port, secret, client_id = free_port(), new_secret(), f"guide-{kind}"
    url = f"http://localhost:{port}"
    register_client(
        client_id,
        secret=secret,
        **{
            "agency": client_id,
            "redirect_uris": [url + CALLBACKS[kind]],
            "post_logout_redirect_uris": [f"{url}/", f"{url}/signin/signed-out"],
            "backchannel_logout_uri": url + LOGOUTS[kind],
            "may_refresh": True,
        }
        | facts,
    )
    surroundings = os.environ | {
        "SIGN_IN_ISSUER": issuer,
        "SIGN_IN_CLIENT_ID": client_id,
        "SIGN_IN_CLIENT_SECRET": secret,
        "SITE_URL": url,
        "SITE_FOLDER": str(folder),
        "PORT": str(port),
        "SITE_SECRET_KEY": new_secret(),
    }
    command = MAKERS[kind](folder, port, surroundings)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    assert process.stdout is not None
    if kind == "apache":
        wait_for(port, process, folder / "log")
    else:
        assert process.stdout.readline() == "open\n", (folder / "log").read_text()
    return RecipeSite(client_id, port, process, folder)


def _django(folder: Path, port: int, surroundings: dict[str, str]) -> list[str]:
    found = recipes()
    for name in ("settings.py", "urls.py"):
        (folder / name).write_text((HARNESS / f"before_{name}").read_text() + found[name])
    (folder / "sign_in.py").write_text(found["sign_in.py"])
    return [sys.executable, str(HARNESS / "serve_django.py"), str(port)]


def _panjereh(folder: Path, port: int, surroundings: dict[str, str]) -> list[str]:
    found = recipes()
    for name in ("settings.py", "urls.py"):
        before = (HARNESS / f"before_{name}").read_text()
        (folder / name).write_text(before + found[f"panjereh_{name}"])
    (folder / "secret").write_text(surroundings["SIGN_IN_CLIENT_SECRET"])
    surroundings["SIGN_IN_CLIENT_SECRET_FILE"] = str(folder / "secret")
    return [sys.executable, str(HARNESS / "serve_django.py"), str(port)]


def _node(folder: Path, port: int, surroundings: dict[str, str]) -> list[str]:
    (folder / "site.mjs").write_text(recipes()["site.mjs"])
    (folder / "node_modules").symlink_to(OUTSIDE / "node_modules")
    return [str(NODE), "site.mjs"]


def _python(folder: Path, port: int, surroundings: dict[str, str]) -> list[str]:
    (folder / "site.py").write_text(recipes()["site.py"])
    return [sys.executable, str(HARNESS / "serve_wsgi.py"), str(port)]


def _apache(folder: Path, port: int, surroundings: dict[str, str]) -> list[str]:
    before = (HARNESS / "before_apache.conf").read_text()
    (folder / "httpd.conf").write_text(before + recipes()["apache.conf"])
    surroundings["SIGN_IN_PASSPHRASE"] = new_secret()
    surroundings["BEHIND_URL"] = f"http://127.0.0.1:{start_behind()}/"
    return [APACHE, "-DFOREGROUND", "-f", str(folder / "httpd.conf")]


MAKERS = {
    "django": _django,
    "panjereh": _panjereh,
    "node": _node,
    "python": _python,
    "apache": _apache,
}
CALLBACKS = {
    "django": "/oidc/callback/",
    "panjereh": "/signin/callback",
    "node": "/callback",
    "python": "/callback",
    "apache": "/signin",
}
LOGOUTS = {
    "django": "/back-channel-logout",
    "panjereh": "/signin/back-channel-logout",
    "node": "/back-channel-logout",
    "python": "/back-channel-logout",
    "apache": "/signin?logout=backchannel",
}


class _Behind(BaseHTTPRequestHandler):
    """A program that knows nothing of signing in: it believes the headers of its proxy."""

    def do_GET(self) -> None:
        level = self.headers.get("My-Government-acr", "").rpartition(":")[2]
        name = self.headers.get("My-Government-family_name", "")
        told = {"name": name.encode("latin-1").decode() or None, "level": int(level or 0)}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def start_behind() -> int:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Behind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def wait_for(port: int, site: "subprocess.Popen[str]", log: Path) -> None:
    """Apache says nothing when it is open."""
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert site.poll() is None, log.read_text()
        time.sleep(0.05)
