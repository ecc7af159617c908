"""The sign-on on a real port, and sites of third parties in processes of their own."""

import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from people import SECRET, register_client

from panjereh.runtime.ports import free_port
from panjereh.sandbox.walker import Page, Walker

HERE = Path(__file__).parent


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Quiet."""


@dataclass
class LiveSso:
    """`url` is what browsers use, `inner` where a process calls."""

    port: int
    server: ThreadedWSGIServer

    @property
    def url(self) -> str:
        return f"http://sso.localhost:{self.port}"

    @property
    def inner(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def start_sso() -> LiveSso:
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return LiveSso(server.server_port, server)


@dataclass
class Shop:
    """A site of a third party."""

    client_id: str
    port: int
    process: "subprocess.Popen[str]"
    database: str = ""
    log: Path = field(default_factory=Path)

    @property
    def url(self) -> str:
        return f"http://{self.client_id}.localhost:{self.port}"

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=10)
        with _server() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')


def start_shop(client_id: str, sso_url: str, sso_inner: str, folder: Path) -> Shop:
    port, database = free_port(), f"shop_{client_id}_{os.getpid()}"
    with _server() as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{database}"')
    secret = folder / f"{client_id}.secret"
    secret.write_text(SECRET + client_id)
    socket_folder = os.environ["PANJEREH_TEST_POSTGRES"]
    surroundings = os.environ | {
        "PANJEREH_SSO_URL": sso_url,  # its forms may lead to the sign-on: signing out does
        "SHOP_CLIENT": client_id,
        "SHOP_ISSUER": sso_url,
        "SHOP_INNER_ISSUER": sso_inner,
        "SHOP_SECRET_FILE": str(secret),
        "PANJEREH_WINDOW_DATABASE_URL": f"postgresql:///{database}?host={socket_folder}&user=postgres",
    }
    log = folder / f"{client_id}.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "shop_serve.py", str(port)],
            cwd=HERE,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    shop = Shop(client_id, port, process, database, log)
    assert process.stdout is not None
    if not process.stdout.readline().endswith("is open\n"):
        shop.stop()
        raise AssertionError(log.read_text())
    return shop


def register_shop(shop: Shop, **facts: Any) -> None:
    register_client(
        shop.client_id,
        secret=SECRET + shop.client_id,
        **{
            "agency": shop.client_id,
            "redirect_uris": [f"{shop.url}/signin/callback"],
            "post_logout_redirect_uris": [f"{shop.url}/signin/signed-out"],
            "backchannel_logout_uri": f"{shop.url}/signin/back-channel-logout",
            "granted_claims": ["national_id", "family_name", "birth_date", "phone_number"],
        }
        | facts,
    )


def look(walker: Walker, url: str) -> Page:
    """One request, without following and without minding its status."""
    return walker._send("GET", url, b"", "")


def _server() -> "psycopg.Connection[Any]":
    return psycopg.connect(
        host=os.environ["PANJEREH_TEST_POSTGRES"],
        user="postgres",
        dbname="postgres",
        autocommit=True,
    )
