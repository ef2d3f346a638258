"""A press on the demo page outlives a locked database: it is taken up after it, once."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest
from django.db import connection
from structlog.testing import capture_logs

from bihuan.base.time import SystemClock
from bihuan.console.models import DemoPress
from bihuan.gateway.simulate import Band, Wearer
from bihuan.wiring import simulator

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
NUMBER = "9900000001"
WITHIN_S = 20.0


class Counted(Band):
    """A band that only counts what was pressed on it."""

    def __init__(self) -> None:
        super().__init__(NUMBER, Wearer(43.8, 81.3), SystemClock())
        self.pressed: list[tuple[int, ...]] = []

    def press(self, *bits: int) -> None:
        self.pressed.append(bits)


async def _seen(told: list[object]) -> None:
    while not told:
        await asyncio.sleep(0)


async def _through_a_lock(band: Counted, told: list[object], lock: sqlite3.Connection) -> None:
    lock.execute("BEGIN IMMEDIATE")
    running = asyncio.create_task(simulator.presses({NUMBER: band}))
    await asyncio.wait_for(_seen(told), WITHIN_S)
    assert (band.pressed, running.done()) == ([], False), "it waits"
    lock.execute("ROLLBACK")
    await asyncio.wait_for(_seen(band.pressed), WITHIN_S)  # type: ignore[arg-type]  # a list that fills
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL locks rows, not the file")
def test_press_waits_for_a_locked_database_and_is_taken_up_once() -> None:
    press = DemoPress.objects.create(number=NUMBER, bits="16,0")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=0")  # else each try waits for five seconds
    band, path = Counted(), str(connection.settings_dict["NAME"])
    try:
        with (
            capture_logs() as told,
            closing(sqlite3.connect(path, uri=True, isolation_level=None)) as lock,
        ):
            asyncio.run(_through_a_lock(band, told, lock))  # type: ignore[arg-type]  # the same
    finally:
        connection.close()  # the next test begins with the timeout of the settings
    assert band.pressed == [(16, 0)]
    press.refresh_from_db()
    assert press.is_done
    assert {one["event"] for one in told} == {"waits for its database"}
