"""What is measured: a provider, nginx as bare proxy before it, and the gateway with its NATS."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from panjereh.runtime.embedded import Nats, Postgres
from panjereh.runtime.environment import DOORS, PORTS
from panjereh.runtime.ports import free_port, free_ports

ITEMS = 22  # of the answer; two thirds of them are granted
GRANTED = 15
ANSWER = "{" + ", ".join(f'"field_{n}": "value of field number {n:02} ..."' for n in range(ITEMS))
ANSWER += "}"

NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000; client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s;
  {server}
}}
"""
PROVIDER = (
    "server {{ listen 127.0.0.1:{port}; default_type application/json; return 200 '{answer}'; }}"
)
PROXY = """
  upstream provider {{ server 127.0.0.1:{provider}; keepalive 128; }}
  server {{ listen 127.0.0.1:{port}; location / {{
    proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; }} }}
"""
CHANNEL = """
  upstream gateway {{ server 127.0.0.1:{gateway}; keepalive 128; keepalive_requests 10000000; }}
  server {{ listen 127.0.0.1:{port}; location / {{
    proxy_pass https://gateway; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_ssl_certificate {keys}/systems/consumer.crt;
    proxy_ssl_certificate_key {keys}/systems/consumer.key;
    proxy_ssl_trusted_certificate {keys}/tls/roots.crt; proxy_ssl_verify on;
    proxy_ssl_name localhost; proxy_ssl_session_reuse on; }} }}
"""


@dataclass
class Stage:
    """Ports and process ids of what runs; ends with the `with` block."""

    home: Path
    provider_port: int = 0
    proxy_port: int = 0
    gateway_port: int = 0
    channel_port: int = 0
    provider_pid: int = 0
    proxy_pid: int = 0
    gateway_pids: Sequence[int] = ()
    channel_pid: int = 0
    nats_pid: int = 0

    def __enter__(self) -> "Stage":
        self._stack = ExitStack()
        self.provider_port, self.proxy_port, self.channel_port = (free_port() for _ in range(3))
        base = free_ports(PORTS)
        self.gateway_port = base + DOORS["gsb"]
        server = PROVIDER.format(port=self.provider_port, answer=ANSWER)
        self.provider_pid = self._nginx("provider", server)
        proxy = PROXY.format(port=self.proxy_port, provider=self.provider_port)
        self.proxy_pid = self._nginx("proxy", proxy)
        postgres = Postgres(self.home, durable=False)
        postgres.start()
        self._stack.callback(postgres.stop)
        nats = Nats(self.home, free_port())  # every record on the disk before it is acknowledged
        nats.start()
        self._stack.callback(nats.stop)
        assert nats._child
        self.nats_pid = nats._child.pid
        os.environ |= {
            "PANJEREH_HOME": str(self.home),
            "PANJEREH_PORT": str(base),
            "PANJEREH_NATS_URL": nats.url,
            "PANJEREH_EXCHANGE_DATABASE_URL": (
                f"postgresql:///panjereh_exchange?host={postgres.socket_folder}&user=postgres"
            ),
            "DJANGO_SETTINGS_MODULE": "panjereh.runtime.settings.operator",
        }
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def gateway(self, workers: int) -> Iterator[None]:
        environment = os.environ | {"PANJEREH_GATEWAY_WORKERS": str(workers)}
        command = [sys.executable, "-m", "panjereh.runtime.serve", "exchange"]
        with (self.home / "gateway.log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            for _ in range(8):  # the kernel chooses a worker for each connection
                wait_until_healthy(f"http://127.0.0.1:{self.gateway_port}/health")
            self.gateway_pids = [process.pid, *children(process.pid)]
            yield
        finally:
            stop(process)

    @property
    def channel_door(self) -> int:
        return self.gateway_port - DOORS["gsb"] + DOORS["gsb-tls"]

    def open_channel(self) -> None:
        """wrk has no certificate of its own: nginx shows the consumer's for it."""
        keys = self.home / "keys"
        server = CHANNEL.format(gateway=self.channel_door, port=self.channel_port, keys=keys)
        self.channel_pid = self._nginx("channel", server)

    def _nginx(self, name: str, server: str) -> int:
        """Returns the process id of the one worker."""
        folder = self.home / name
        folder.mkdir(parents=True)
        if os.geteuid() == 0:
            shutil.chown(folder, "www-data")
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, server=server))
        master = subprocess.Popen(
            ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        )
        self._stack.callback(stop, master)
        time.sleep(0.5)
        return children(master.pid)[0]


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(20)


def wait_until_healthy(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not become healthy")
