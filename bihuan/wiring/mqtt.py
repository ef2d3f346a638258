"""MQTT as the environment sets it: the broker that the gateway hears, if there is one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import Clock
from bihuan.gateway.mqtt.hubs import HUBS
from bihuan.gateway.mqtt_line.address import address, read_rules, system_names
from bihuan.gateway.mqtt_line.open import Wanted, open_line
from bihuan.gateway.worker import StoreWorker


@contextmanager
def hear_mqtt(worker: StoreWorker, clock: Clock, folder: Path) -> Iterator[None]:
    """Hear the broker of the settings while this block runs; without one, do nothing.

    folder  where the line keeps what outlives a restart
    """
    wanted = mqtt_wanted()
    if wanted is None:
        yield
        return
    line = open_line(wanted, worker, clock, folder)
    line.start()
    try:
        yield
    finally:
        line.stop()


def mqtt_wanted() -> Wanted | None:
    """What the settings ask for; raises BadInputError that names each variable at fault."""
    if not settings.BIHUAN_MQTT:
        return None
    faults: list[Fault] = []
    systems = rules = at = None
    try:
        at = address(
            settings.BIHUAN_MQTT,
            settings.BIHUAN_MQTT_CLIENT,
            settings.BIHUAN_MQTT_PASSWORD,
            settings.BIHUAN_MQTT_CA,
        )
    except BadInputError as error:
        faults += error.faults
    try:
        systems = system_names(settings.BIHUAN_MQTT_SYSTEMS)
    except BadInputError as error:
        faults += error.faults
    if systems == ():
        faults.append(Fault("BIHUAN_MQTT_SYSTEMS", "nothing", "some of " + ", ".join(HUBS)))
    try:
        named = settings.BIHUAN_MQTT_RULES
        rules = read_rules(Path(named)) if named else {}
    except BadInputError as error:
        faults += error.faults
    if faults or at is None or systems is None or rules is None:
        raise BadInputError(*faults)
    return Wanted(at, systems, rules)
