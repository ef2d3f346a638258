"""The ThingsBoard device API over HTTP: a token and a body in, a status and arrivals out. No I/O.

    POST /api/v1/TOKEN/telemetry     {"k": v}, {"ts": ms, "values": {...}}, or an array of them
    POST /api/v1/TOKEN/attributes    {"k": v}

Whoever mounts it stores the arrivals, and sends the answer only when they are durable.

Source: https://thingsboard.io/docs/reference/http-api/ (200 with an empty body; 400, 401).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from bihuan.base.errors import Fault
from bihuan.base.time import datetime_of
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.credentials import Holder
from bihuan.gateway.mqtt.payload import MAX_BYTES
from bihuan.gateway.mqtt.thingsboard import NAME, ThingsBoard
from bihuan.gateway.mqtt_line.route import Mail, arrivals

KINDS = ("telemetry", "attributes")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is stored, and what is then answered. body: JSON with every fault, or empty.

    Where something of a message is refused, the rest of it is stored all the same.
    """

    status: int
    arrivals: tuple[Arrival, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def body(self) -> bytes:
        if not self.faults:
            return b""
        told = {"faults": [fault.as_dict() for fault in self.faults]}
        return json.dumps(told, ensure_ascii=False).encode()


def take(
    hub: ThingsBoard,
    holder_of: Callable[[str], Holder | None],
    asked: tuple[str, str],
    body: bytes,
    now_us: int,
) -> Answer:
    """Read one request. asked: token and kind (telemetry, attributes), as the path has them.

    hub        one for all requests of a process; its lock is the caller's
    holder_of  whose token it is, such as `Credentials.holder`

    200 all is used, 400 something is refused (each fault said), 401 nobody's token, 404 no such
    path, 413 too large. A retry with the same `ts` adds nothing within a day.
    """
    token, kind_of = asked
    if kind_of not in KINDS:
        return Answer(404, faults=(Fault("path", kind_of, " or ".join(KINDS)),))
    holder = holder_of(token)
    if holder is None or holder[0] != NAME:
        return Answer(401, faults=(Fault("token", "an unknown one", "one of an adopted device"),))
    if len(body) > MAX_BYTES:
        fault = Fault("payload", f"{len(body)} bytes", f"at most {MAX_BYTES} bytes")
        return Answer(413, faults=(fault,))
    received = datetime_of(now_us)
    heard = hub.take_from(holder[1], kind_of, body, received=received)
    # the token stays out of the journal: the path is written with the device's number
    mail = Mail(f"/api/v1/{holder[1]}/{kind_of}", body, False, received)
    made = arrivals(heard, mail)
    return Answer(400 if heard.faults else 200, made, heard.faults)
