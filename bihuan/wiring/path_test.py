"""The monthly test press, carried out: begun when due, sent to the gateway's own port, judged.

A part of the keeper. The frame goes over TCP like any band's, and the gateway answers once it is
stored; engine and dispatcher then do what they always do.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from contextlib import closing

import structlog
from django.conf import settings

from bihuan.base.errors import BadInputError
from bihuan.base.time import MINUTE_US, SECOND_US, Clock
from bihuan.gateway.simulate import SOS_BIT, alarm_frame
from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.loop.pathtest import acts
from bihuan.loop.pathtest.models import PathProbe, PathRun
from bihuan.loop.watch.notice import note

LOOK_EVERY_US = SECOND_US
NOTICE_EVERY_US = MINUTE_US
SENT_WITHIN_US = 10 * SECOND_US  # a run that a restart left behind is not sent late: it fails
WAIT_S = 5.0
NOWHERE = (0.0, 0.0)
log = structlog.get_logger(__name__)


class PathTest:
    """One look after the other. send: gives a frame to the gateway as a band would."""

    def __init__(self, clock: Clock, keys: KeyRing, send: Callable[[bytes], None]) -> None:
        self._clock, self._keys, self._send = clock, keys, send
        self._sent: set[int] = set()
        self._look_us = self._notice_us = 0

    def run_once(self) -> None:
        """Begin what is due, send what was begun, judge what was sent."""
        at_us = self._clock.monotonic_us()
        if at_us < self._look_us:
            return
        self._look_us = at_us + LOOK_EVERY_US
        run = PathRun.objects.using(MAIN).filter(state="begun").first()
        if run is None and acts.is_due(self._clock.now_us()):
            self._begin()
            run = PathRun.objects.using(MAIN).filter(state="begun").first()
        if run is not None:
            self._press(run)
            acts.look(run.id, self._clock, self._keys)
            self._notice_us = 0
        if at_us >= self._notice_us:
            self._notice_us = at_us + NOTICE_EVERY_US
            note(acts.troubles(self._clock.now_us()), {"path"}, self._clock)

    def _begin(self) -> None:
        try:
            acts.begin("scheduled", None, self._clock, self._keys)
        except BadInputError as error:
            log.warning("path test not begun", fault=str(error))

    def _press(self, run: PathRun) -> None:
        now_us = self._clock.now_us()
        if run.id in self._sent or now_us - run.begun_us > SENT_WITHIN_US:
            return
        self._sent.add(run.id)
        probe = PathProbe.objects.using(MAIN).get(id=1)
        index = f"{run.position & 0xFFFF:04X}"
        try:
            self._send(alarm_frame(probe.number, index, NOWHERE, (SOS_BIT,), now_us))
        except OSError as error:  # judged like any press that does not arrive
            log.warning("path test not sent", error=type(error).__name__)


def to_gateway(frame: bytes) -> None:
    """Send a frame to this machine's gateway and wait for its answer. Raises OSError."""
    ports = settings.BIHUAN_DATA / "run" / "ports.json"
    if not ports.exists():
        raise FileNotFoundError(ports.name)
    said = json.loads(ports.read_text())
    address = (said["host"], said["devices"]["watch"])
    with closing(socket.create_connection(address, timeout=WAIT_S)) as line:
        line.sendall(frame)
        line.recv(1024)
