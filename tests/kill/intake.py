"""The county of the intake's kills: founded before, counted after.

python -m tests.kill.intake found|count
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter

import django


def found() -> dict[str, object]:
    """A county with a gauge; the token of a sender."""
    from bihuan.base.time import SystemClock  # noqa: PLC0415 - needs Django's settings
    from bihuan.journal import county  # noqa: PLC0415
    from bihuan.journal.keys import KeyRing  # noqa: PLC0415
    from bihuan.register.acts import Registrar  # noqa: PLC0415
    from bihuan.register.senders.acts import Scope, issue  # noqa: PLC0415
    from bihuan.wiring.boot import open_data  # noqa: PLC0415

    clock, keys = SystemClock(), KeyRing(open_data() / "keys.db")
    county.create("青禾县", clock, lanes=4)
    gauge = Registrar(clock, keys).adopt("http", "gauge-1")
    scope = Scope(kinds=("readings", "signals"), devices=[gauge], rows_per_s=1e6)
    return {"token": issue("kill", scope, clock).token}


def count() -> dict[str, int]:
    """How often each delivery stands in the journal."""
    from bihuan.journal.models import FACTS_LANE  # noqa: PLC0415 - needs Django's settings
    from bihuan.journal.read import entries, read_batches  # noqa: PLC0415
    from bihuan.journal.storage import reading_lanes  # noqa: PLC0415
    from bihuan.register.entries import SignalReceived  # noqa: PLC0415

    counted: Counter[str] = Counter()
    for entry in entries(FACTS_LANE):
        if isinstance(entry.payload, SignalReceived):
            counted["signal-" + entry.payload.source.rpartition("-")[2]] += 1
    for lane in reading_lanes():
        for place in read_batches(lane):
            counted.update(f"level-{int(value)}" for value in place.batch.value)
    return dict(counted)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
    django.setup()
    sys.stdout.write(json.dumps({"found": found, "count": count}[sys.argv[1]]()) + "\n")
