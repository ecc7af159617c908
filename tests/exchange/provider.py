"""A provider on a real socket: it keeps what it was asked and answers what the test wants."""

import json
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Reply = Callable[[socket.socket], None]


@dataclass
class Asked:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def http(
    body: bytes, *, status: int = 200, content_type: str = "application/json", **more: str
) -> bytes:
    named = {"content_type": content_type, "content_length": str(len(body))} | more
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Answer\r\n{head}\r\n".encode() + body


def says(answer: bytes) -> Reply:
    return lambda wire: wire.sendall(answer)


def says_json(value: Any, **how: Any) -> Reply:
    return says(http(json.dumps(value).encode(), **how))


def hangs(seconds: float) -> Reply:
    return lambda wire: time.sleep(seconds)


def breaks_off_after(answer: bytes) -> Reply:
    def reply(wire: socket.socket) -> None:
        wire.sendall(answer)
        wire.shutdown(socket.SHUT_RDWR)

    return reply


DEFAULT = says_json({"ok": True})


class Provider:
    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.reply: Reply = DEFAULT
        provider = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                while (asked := read_request(self.request)) is not None:
                    provider.asked.append(asked)
                    provider.reply(self.request)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Connections that the gateway gave up on are part of the tests."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def behave(self, reply: Reply = DEFAULT) -> None:
        self.reply = reply
        self.asked.clear()

    def __enter__(self) -> "Provider":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def read_request(wire: socket.socket) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        try:
            more = wire.recv(65536)
        except OSError:
            return None
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += wire.recv(65536)
    return Asked(method, target, headers, body)
