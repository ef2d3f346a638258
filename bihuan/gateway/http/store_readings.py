"""Checked readings of many requests, stored together."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from django.db import transaction

from bihuan.base.errors import Fault
from bihuan.base.time import HOUR_US, Clock
from bihuan.gateway.consented import kept_columns
from bihuan.gateway.http.directory import Directory, named, unknown_device
from bihuan.gateway.http.lines import CHANNEL_KEYS, NO_TIME, Checked, Columns
from bihuan.gateway.http.once import refuse_other_body
from bihuan.gateway.http.request import RefusedError, Request
from bihuan.gateway.turns import READINGS_TURN
from bihuan.journal.append import Appender
from bihuan.journal.batch import Batch
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.readings import NewReadings, append_readings, seen0_now
from bihuan.journal.series import SeriesKey
from bihuan.journal.storage import alias_of, reading_lanes
from bihuan.register.entries import FrameRefused

PER_TURN = 16_000  # rows: about 16 ms, and a signal has a thread of its own
MOST_WAITING = 200_000
_MOST_LISTED = 10_000
_LISTED_A_TURN = 20


@dataclass(frozen=True, slots=True)
class Posted:
    """The readings of one request. is_lenient: the good ones are stored beside the faulty."""

    request: Request
    checked: Checked
    is_lenient: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """How many readings are durable, what was refused, whether they were new."""

    rows: int
    faults: list[Fault]
    lines: list[int]
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class _Part:
    """What of one request can be stored: its rows and the series that they index."""

    posted: Posted
    series: list[SeriesKey]
    columns: Columns


class ReadingStore:
    """Stores what was posted; used by the worker's thread alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._directory = Directory()
        self._listed: OrderedDict[str, int] = OrderedDict()

    def store(self, posted: Sequence[Posted]) -> list[Stored | Exception]:
        """What became of each request; durable when this returns. Raises where nothing is."""
        seen0 = seen0_now()
        answers: list[Stored | Exception] = []
        parts: list[_Part] = []
        strange: dict[str, None] = {}
        for one in posted:
            part, answer, unknown = self._checked(one, seen0)
            strange |= dict.fromkeys(unknown)
            answers.append(answer)
            if part is not None:
                parts.append(part)
        if parts:
            self._append(parts, seen0, {id(one): n for n, one in enumerate(posted)}, answers)
        if strange:
            self._list_unknown(list(strange))
        return answers

    def _checked(self, one: Posted, seen0: int) -> tuple[_Part | None, Stored, list[str]]:
        """What can be stored of a request, its answer so far, names that nobody adopted."""
        columns = one.checked.columns
        found = self._directory.series(one.request.sender, columns.devices, seen0)
        faults, lines = list(one.checked.faults), list(one.checked.lines)
        unknown: list[str] = []
        if None in found:
            fits = np.array([key is not None for key in found], np.bool_)
            unknown = self._unknown(columns.devices, seen0)
            for row in np.flatnonzero(~fits[columns.device]).tolist():
                faults.append(unknown_device(columns.devices[columns.device[row]]))
                lines.append(int(columns.line[row]))
            columns = columns.where(fits[columns.device])
        if not len(columns) or (faults and not one.is_lenient):
            return None, Stored(0, faults, lines), unknown
        series, columns = _series(found, columns)
        return _Part(one, series, columns), Stored(len(columns), faults, lines), unknown

    def _unknown(self, names: Sequence[str], seen0: int) -> list[str]:
        found = self._directory.devices(names, seen0)
        return [name for name, at in zip(names, found, strict=True) if at is None]

    def _append(
        self,
        parts: list[_Part],
        seen0: int,
        place: dict[int, int],
        answers: list[Stored | Exception],
    ) -> None:
        keyed = [part for part in parts if part.posted.request.idem is not None]
        together = [part for part in parts if part.posted.request.idem is None]
        with (
            READINGS_TURN.mine(),
            transaction.atomic(using=alias_of(1)),
        ):  # one commit for this turn
            for part in keyed:
                at = place[id(part.posted)]
                try:
                    answers[at] = self._append_once(part, seen0, answers[at])
                except RefusedError as error:
                    answers[at] = error
            if together:
                rows = kept_columns(_joined(together), self._clock.now_us())
                if len(rows.rows):  # else all of it is what somebody withdrew
                    append_readings(rows, seen0=seen0, clock=self._clock)

    def _append_once(self, part: _Part, seen0: int, answer: Stored | Exception) -> Stored:
        assert isinstance(answer, Stored)
        request = part.posted.request
        idem = request.idem
        assert idem is not None
        refuse_other_body(reading_lanes(), idem, self._clock.now_us() - request.window_us)
        rows = kept_columns(_joined([part]), self._clock.now_us())
        if not len(rows.rows):
            return answer
        made = append_readings(
            rows, seen0=seen0, clock=self._clock, idem=idem, window_us=request.window_us
        )
        return Stored(answer.rows, answer.faults, answer.lines, made.is_new)

    def _list_unknown(self, names: list[str]) -> None:
        """List devices that nobody adopted, each at most once an hour."""
        now_us = self._clock.now_us()
        fresh = [n for n in names if now_us - self._listed.get(n, now_us - HOUR_US) >= HOUR_US]
        if not fresh:
            return
        with Appender(FACTS_LANE, self._clock) as lane:
            for name in fresh[:_LISTED_A_TURN]:
                protocol, number = named(name)
                fault = Fault("device", name, "an adopted device").as_dict()
                lane.append(
                    FrameRefused(
                        protocol=protocol[:32], device=number[:64], raw=b"", faults=[fault]
                    )
                )
                self._listed[name] = now_us
        while len(self._listed) > _MOST_LISTED:
            self._listed.popitem(last=False)


def _series(found: list[SeriesKey | None], columns: Columns) -> tuple[list[SeriesKey], Columns]:
    """The series that rows are left of, and the rows indexing them."""
    if None not in found:
        return [key for key in found if key is not None], columns
    used = np.zeros(len(found), np.bool_)
    used[columns.device] = True
    series = [key for key, at in zip(found, used, strict=True) if at and key is not None]
    device = (np.cumsum(used) - 1)[columns.device]
    return series, Columns(
        columns.devices,
        device,
        columns.channel,
        columns.event_us,
        columns.value,
        columns.quality,
        columns.line,
    )


def _joined(parts: list[_Part]) -> NewReadings:
    """The rows of several requests as one call of the journal.

    Requests of one turn mostly speak of the same devices: each series stands once, since what
    the journal looks up is looked up for each series.
    """
    distinct = dict.fromkeys(chain.from_iterable(part.series for part in parts))
    place = dict(zip(distinct, range(len(distinct)), strict=True))
    index, event, arrival = [], [], []
    for part in parts:
        columns, received_us = part.columns, part.posted.request.received_us
        at = np.fromiter(map(place.__getitem__, part.series), np.uint32, len(part.series))
        index.append(at[columns.device])
        event.append(np.where(columns.event_us == NO_TIME, received_us, columns.event_us))
        arrival.append(np.full(len(columns), received_us, np.int64))
    every = [part.columns for part in parts]
    return NewReadings(
        series=list(distinct),
        channels=CHANNEL_KEYS,
        rows=Batch(
            series=np.concatenate(index),
            channel=np.concatenate([one.channel for one in every]),
            quality=np.concatenate([one.quality for one in every]),
            event_us=np.concatenate(event),
            arrival_us=np.concatenate(arrival),
            value=np.concatenate([one.value for one in every]),
        ),
    )
