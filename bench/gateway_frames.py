"""A steady stream of `watch` frames, a process of its own for `bench.gateway_sos`.

    python -m bench.gateway_frames PORT PER_SECOND SECONDS

Each band has a line of its own and measures its wearer's pulse: stored and answered. Prints how
many were answered.
"""

from __future__ import annotations

import asyncio
import sys
import time

from bench.gateway_sender import number
from bihuan.gateway.decoders.watch import encode

LINES = 500
FIRST = 1_500  # the bands before these are pressed


async def line(port: int, n: int, every_s: float, until: float) -> int:
    """One band: a frame each `every_s`, never before the answer to the last; how many."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    band, answered = number(FIRST + n), 0
    due = time.monotonic() + every_s * n / LINES
    while due < until:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        content = f"bphrt,120,80,{60 + answered % 40},170,1,70,60"
        writer.write(encode("3G", band, None, content))
        await reader.readuntil(b"]")
        answered += 1
        due += every_s
    writer.close()
    return answered


async def run(port: int, per_s: float, seconds: float) -> int:
    until = time.monotonic() + seconds
    every_s = LINES / per_s
    return sum(await asyncio.gather(*(line(port, n, every_s, until) for n in range(LINES))))


def main() -> None:
    port, per_s, seconds = sys.argv[1:]
    print(asyncio.run(run(int(port), float(per_s), float(seconds))))


if __name__ == "__main__":
    main()
