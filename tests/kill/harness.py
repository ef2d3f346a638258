"""Fork, let it work, kill it, fork the next; after the last, count.

    python -m tests.kill.harness KILLS SEED MOST_SECONDS

Django is loaded once, in the parent; each child is a fork that runs the real thing on the data
folder of BIHUAN_DATA (and the database of BIHUAN_DATABASE). The parent holds no connection and
no thread. Prints one JSON object; exit 1 where something does not hold.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sys
import time
from pathlib import Path

import django
from django.conf import settings
from django.db import connections

CHILD_DIED = "the process ended by itself, before it was killed"
SPEED = 600  # a tenth of a second is a minute: ladders are climbed, leases run out
LONGEST_S = 0.25
BANDS = 6


def main(kills: int, seed: int, most_s: float) -> dict[str, object]:
    """Run until so many kills or seconds are over; what was counted and every fault."""
    from tests.kill import checks  # noqa: PLC0415 - needs Django's settings
    from tests.kill.child import FastClock  # noqa: PLC0415
    from tests.kill.traffic import Traffic  # noqa: PLC0415

    rng = random.Random(seed)
    clock = FastClock(1_772_409_600_000_000, time.monotonic_ns(), SPEED)
    numbers, people = found(clock)
    traffic = Traffic(numbers, people, rng)
    started = time.monotonic()
    killed, ready = 0, 0
    while killed < kills and time.monotonic() - started < most_s:
        with Child(clock) as child:
            # one in six is killed while it starts, the others under traffic
            starts_s = rng.uniform(0.002, 0.1) if rng.random() < 1 / 6 else 5.0
            ready += child.work(traffic, starts_s, rng.uniform(0.0, LONGEST_S))
        killed += 1
    drained = drain(traffic, clock)
    ran_s = time.monotonic() - started
    wrong = checks.faults(traffic.sent, traffic.acked, traffic.clicks, settings.BIHUAN_DATA)
    if not drained:
        wrong.append("what was under way was not answered within 30 s of the last start")
    return {
        "seed": seed,
        "kills": killed,
        "of_serving_processes": ready,
        "seconds": round(ran_s, 1),
        "frames_acknowledged": len(traffic.acked),
        "acts_answered": len(traffic.clicks.done),
        "acts_refused": traffic.clicks.refused,
        "entries": last_position(),
        "faults": wrong[:50],
    }


def found(clock: object) -> tuple[list[str], list[int]]:
    """A county with six elders who wear bands; their numbers, and who clicks."""
    from bihuan.base.time import MovableClock, datetime_of  # noqa: PLC0415
    from bihuan.journal.append import Appender  # noqa: PLC0415
    from bihuan.journal.county import create  # noqa: PLC0415
    from bihuan.journal.keys import KeyRing  # noqa: PLC0415
    from bihuan.wiring.boot import open_data  # noqa: PLC0415
    from tests.county import Registrar, settle_people  # noqa: PLC0415

    keys = KeyRing(open_data() / "keys.db")
    still = MovableClock(datetime_of(1_772_409_600_000_000))
    create("青禾县", still, lanes=4)
    numbers = [f"{1208178000 + n}" for n in range(BANDS)]
    with Appender(0, still) as lane:
        registrar = Registrar(lane, keys)
        people = settle_people(registrar)
        for number in numbers:
            subject = registrar.subject(people.elder, people.village)
            registrar.contact(subject, people.daughter)
            registrar.device(subject, number)
    connections.close_all()
    who = (people.daughter, people.secretary, people.town_officer, people.commander)
    return numbers, [*who, people.stranger]


class Child:
    """One fork; killed at the end of the block, by its id."""

    def __init__(self, clock: object) -> None:
        self._clock = clock

    def __enter__(self) -> Child:
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            _live(self._clock, theirs)
        theirs.close()
        self.clicks = ours
        return self

    def __exit__(self, *_error: object) -> None:
        os.kill(self.pid, signal.SIGKILL)
        _pid, status = os.waitpid(self.pid, 0)
        self.clicks.close()
        if not os.WIFSIGNALED(status):
            raise RuntimeError(CHILD_DIED)

    def port(self, until: float) -> int | None:
        """Where it listens; None where it does not yet at that time (monotonic s)."""
        self.clicks.settimeout(max(until - time.monotonic(), 0.001))
        try:
            told = self.clicks.recv(256)
        except TimeoutError:
            return None
        if not told:
            raise RuntimeError(CHILD_DIED)
        self.clicks.settimeout(None)
        return int(json.loads(told)["port"])

    def work(
        self, traffic: object, starts_s: float, seconds: float, *, is_new: bool = True
    ) -> bool:
        """Wait so long until it listens, send it traffic for so long; whether it listened."""
        from tests.kill.traffic import Traffic  # noqa: PLC0415

        assert isinstance(traffic, Traffic)
        port = self.port(time.monotonic() + starts_s)
        if port is None:
            return False
        traffic.begin(port, self.clicks)
        try:
            traffic.run(time.monotonic() + seconds, is_new=is_new)
        finally:
            traffic.end()
        return True


def _live(clock: object, clicks: socket.socket) -> None:
    """The child's whole life; it never returns to the parent's code."""
    from tests.kill import child  # noqa: PLC0415

    try:
        assert isinstance(clock, child.FastClock)
        child.run(settings.BIHUAN_DATA, clock, clicks)
    finally:
        os._exit(3)


def drain(traffic: object, clock: object) -> bool:
    """A last process answers all that is under way; whether it did."""
    from tests.kill.traffic import Traffic  # noqa: PLC0415

    assert isinstance(traffic, Traffic)
    with Child(clock) as child:
        child.work(traffic, 30, 30, is_new=False)
    return traffic.is_idle()


def last_position() -> int:
    from bihuan.journal.read import last_position as last  # noqa: PLC0415

    return last(0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
    Path(os.environ["BIHUAN_DATA"]).mkdir(parents=True, exist_ok=True)
    django.setup()
    result = main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    sys.stdout.write(json.dumps(result) + "\n")
    sys.exit(1 if result["faults"] else 0)
