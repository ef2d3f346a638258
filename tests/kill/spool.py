"""The county of the spool's kills: founded before, judged after.

python -m tests.kill.spool found|judge      (judge: the frames as JSON on stdin)
"""

from __future__ import annotations

import json
import os
import sys

import django

BANDS = ("1208178001", "1208178002", "1208178003")


def found() -> dict[str, object]:
    """A county whose elders wear these bands."""
    from bihuan.base.time import SystemClock  # noqa: PLC0415 - needs Django's settings
    from bihuan.journal import county  # noqa: PLC0415
    from bihuan.journal.append import Appender  # noqa: PLC0415
    from bihuan.journal.keys import KeyRing  # noqa: PLC0415
    from bihuan.wiring.boot import open_data  # noqa: PLC0415
    from tests.county import Registrar, settle_people  # noqa: PLC0415

    clock, keys = SystemClock(), KeyRing(open_data() / "keys.db")
    county.create("青禾县", clock, lanes=4)
    with Appender(0, clock) as lane:
        registrar = Registrar(lane, keys)
        people = settle_people(registrar)
        for number in BANDS:
            registrar.device(registrar.subject(people.elder, people.village), number)
    return {}


def judge() -> dict[str, object]:
    """What does not hold of the frames that were sent, and of those that were acknowledged."""
    from tests.kill.checks import frame_faults  # noqa: PLC0415 - needs Django's settings
    from tests.kill.frames import Frame, frame  # noqa: PLC0415

    told = json.load(sys.stdin)
    sent: list[Frame] = [
        frame(n, band, is_sos=is_sos, has_index=has_index)
        for n, band, is_sos, has_index in told["sent"]
    ]
    acked = [one for one in sent if one.n in set(told["acked"])]
    return {"faults": list(frame_faults(sent, acked))}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
    django.setup()
    sys.stdout.write(json.dumps({"found": found, "judge": judge}[sys.argv[1]]()) + "\n")
