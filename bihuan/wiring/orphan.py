"""A part whose parent is gone ends by itself: it must not hold a port beside its successor."""

from __future__ import annotations

import os
import signal
import threading

LOOK_S = 1.0


def end_with_parent() -> None:
    """From now on this process gets SIGTERM when the process that started it is gone."""
    parent = os.getppid()

    def look() -> None:
        while not threading.Event().wait(LOOK_S):
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)
                return

    threading.Thread(target=look, name="orphan", daemon=True).start()
