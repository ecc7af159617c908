"""The two kinds of load: as much as possible (wrk), and a steady rate (our own client)."""

import asyncio
import json
import re
import ssl
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nacl.signing import SigningKey

from panjereh.common.http_signatures import content_digest, ed25519_signer, sign

BODY = json.dumps({"national_id": "0012345679", "padding": "x" * 900}).encode()
DIGEST = content_digest(BODY)
TICKS = 10_000  # microseconds of a clock tick in /proc
LINES = 64


@dataclass
class Messages:
    """Makes messages; every one is good once."""

    client: str
    key: str
    path: str
    signed: bool = True  # else the caller is known by its channel
    count: int = 0

    def __post_init__(self) -> None:
        self._signer = ed25519_signer(SigningKey(bytes.fromhex(self.key)))

    def next(self) -> bytes:
        self.count += 1
        headers = {
            "x-road-client": self.client,
            "x-road-id": f"{time.time_ns():x}-{self.count}",
            "x-road-userid": "IR0012345679",
            "x-road-issue": "14050902-7K3M-9QRT",
            "content-type": "application/json",
            "content-digest": DIGEST,
        }
        if self.signed:
            headers |= sign(
                "POST",
                self.path,
                headers,
                keyid=self.client,
                algorithm="ed25519",
                signer=self._signer,
            )
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {self.path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(BODY)}\r\n{lines}\r\n"
        return head.encode() + BODY

    def write(self, file: Path, count: int) -> Path:
        with file.open("wb") as out:
            for _ in range(count):
                out.write(self.next() + b"\0")
        return file


@dataclass(frozen=True)
class Saturation:
    calls_per_second: float
    microseconds: dict[str, float]  # CPU per call by process


def saturate(
    port: int, messages: Path, pids: dict[str, Sequence[int]], seconds: int, connections: int
) -> Saturation:
    """Run wrk; every answer must be a good one."""
    before = {name: cpu(group) for name, group in pids.items()}
    script = Path(__file__).with_name("replay.lua")
    address = f"http://127.0.0.1:{port}"
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "-s", script, address, "--", messages],
        capture_output=True,
        text=True,
        check=True,
    )
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise SystemExit(f"answers were refused; the figure would say nothing:\n{done.stdout}")
    count = int(re.findall(r"(\d+) requests in", done.stdout)[0])
    rate = float(re.findall(r"Requests/sec:\s*([\d.]+)", done.stdout)[0])
    spent = {name: (cpu(group) - before[name]) * TICKS / count for name, group in pids.items()}
    return Saturation(rate, spent)


def cpu(pids: Sequence[int]) -> int:
    total = 0
    for pid in pids:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(words[11]) + int(words[12])
    return total


async def steady(
    port: int, messages: Sequence[bytes], rate: int, channel: ssl.SSLContext | None = None
) -> list[float]:
    """Milliseconds of each call at a steady rate, sorted. A call that is late counts from when it
    should have begun, so a stall is not hidden by waiting for it."""
    idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    name = "localhost" if channel else None
    for _ in range(LINES):
        line = await asyncio.open_connection("127.0.0.1", port, ssl=channel, server_hostname=name)
        idle.put_nowait(line)
    took: list[float] = []

    async def one(message: bytes, due: float) -> None:
        reader, writer = await idle.get()
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"an answer was refused:\n{head.decode()}")
        length = int(re.findall(rb"(?i)content-length: (\d+)", head)[0])
        await reader.readexactly(length)
        took.append((time.perf_counter() - due) * 1000)
        idle.put_nowait((reader, writer))

    calls = []
    begin = time.perf_counter() + 0.1
    for number, message in enumerate(messages):
        due = begin + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        calls.append(asyncio.create_task(one(message, due)))
    await asyncio.gather(*calls)
    while not idle.empty():
        idle.get_nowait()[1].close()
    return sorted(took)


def quantile(took: list[float], share: float) -> float:
    return took[min(int(len(took) * share), len(took) - 1)]
