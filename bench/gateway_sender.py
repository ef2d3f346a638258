"""Senders for `bench.gateway_intake`, a process of their own: keep-alive lines, batches of 1,000.

    python -m bench.gateway_sender PORT TOKEN json|lines|arrow DEVICES LINES REQUESTS

Prints one JSON object: the seconds from the first byte sent to the last answer.
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import sys
import time
from datetime import UTC, datetime, timedelta

import pyarrow as pa

ROWS = 1_000
START = datetime(2026, 3, 2, tzinfo=UTC)
MEDIA = {
    "json": "application/json",
    "lines": "application/x-ndjson",
    "arrow": "application/vnd.apache.arrow.stream",
}


def number(n: int) -> str:
    """The number of the n-th device."""
    return f"{1208000000 + n}"


def body(form: str, devices: int, seed: int) -> bytes:
    """A batch of 1,000 readings of so many devices, one after the other in time."""
    rng = random.Random(seed)
    first = rng.randrange(0, 2_000 - devices + 1)
    names = [f"watch/{number(first + n % devices)}" for n in range(ROWS)]
    values = [rng.randrange(50, 120) for _ in range(ROWS)]
    at = [START + timedelta(seconds=seed * 100 + n / 10) for n in range(ROWS)]
    if form == "arrow":
        table = pa.table(
            {
                "device": pa.array(names).dictionary_encode(),
                "channel": pa.array(["heart_rate"] * ROWS).dictionary_encode(),
                "value": pa.array(values, pa.float64()),
                "unit": pa.array(["bpm"] * ROWS).dictionary_encode(),
                "at": pa.array(at, pa.timestamp("us", "UTC")),
            }
        )
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        return sink.getvalue()
    rows = [
        {"device": d, "channel": "heart_rate", "value": v, "unit": "bpm", "at": t.isoformat()}
        for d, v, t in zip(names, values, at, strict=True)
    ]
    if form == "lines":
        return "\n".join(json.dumps(row, separators=(",", ":")) for row in rows).encode()
    return json.dumps(rows, separators=(",", ":")).encode()


async def line(port: int, requests: list[bytes], count: int) -> None:
    """Send so many requests, each after the answer to the one before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for n in range(count):
        writer.write(requests[n % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 201"), head
        length = next(
            int(part.split(b":")[1])
            for part in head.lower().split(b"\r\n")
            if part.startswith(b"content-length")
        )
        await reader.readexactly(length)
    writer.close()


async def run(port: int, requests: list[bytes], lines: int, count: int) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(line(port, requests[n:] + requests[:n], count) for n in range(lines)))
    return time.perf_counter() - started


def main() -> None:
    port, token, form, devices, lines, count = sys.argv[1:]
    requests = []
    for seed in range(16):
        content = body(form, int(devices), seed)
        head = (
            f"POST /v1/readings HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: {MEDIA[form]}\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        requests.append(head.encode() + content)
    seconds = asyncio.run(run(int(port), requests, int(lines), int(count) // int(lines)))
    print(json.dumps({"seconds": seconds, "bytes": len(requests[0])}))


if __name__ == "__main__":
    main()
