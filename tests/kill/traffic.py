"""The world around the killed process: bands that resend until answered, people who click again."""

from __future__ import annotations

import json
import random
import select
import socket
import time
from dataclasses import dataclass, field

from tests.kill.frames import Frame, frame

Work = dict[str, list[list[int | str]]]


@dataclass
class Band:
    """One wristband: one frame under way at a time, sent again on every new line."""

    number: str
    waiting: Frame | None = None
    line: socket.socket | None = None
    heard: bytes = b""

    def connect(self, port: int) -> None:
        self.line = socket.create_connection(("127.0.0.1", port), timeout=2)
        self.heard = b""
        if self.waiting is not None:
            self.line.sendall(self.waiting.raw)

    def close(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None


@dataclass
class Clicks:
    """People at pages: what was asked, what was answered; unanswered clicks are sent again."""

    line: socket.socket | None = None
    heard: bytes = b""
    waiting: dict[int, dict[str, object]] = field(default_factory=dict)
    done: dict[int, tuple[dict[str, object], int]] = field(default_factory=dict)
    moved: list[int] = field(default_factory=list)
    refused: int = 0

    def ask(self, asked: dict[str, object]) -> None:
        n = asked["n"]
        assert isinstance(n, int)
        self.waiting[n] = asked
        self._send(asked)

    def again(self, rng: random.Random) -> None:
        """On a new process: what had no answer is asked once more, with the same key.

        So are two acts that had theirs: a page may have lost it. They must get the same one.
        """
        self.heard = b""
        self.waiting = {n: a for n, a in self.waiting.items() if a["do"] != "list"}
        acts = [n for n, (asked, _at) in self.done.items() if asked["do"] != "confirm"]
        for n in rng.sample(acts[-50:], min(2, len(acts))):
            self.waiting[n] = self.done[n][0]
        for asked in self.waiting.values():
            self._send(asked)

    def _send(self, asked: dict[str, object]) -> None:
        assert self.line is not None
        self.line.sendall(json.dumps(asked).encode() + b"\n")

    def hear(self, data: bytes) -> Work | None:
        """Take in answers; the list of open work where one came."""
        work = None
        self.heard += data
        while b"\n" in self.heard:
            line, self.heard = self.heard.split(b"\n", 1)
            told = json.loads(line)
            asked = self.waiting.pop(told["n"], None)
            if "cases" in told:
                work = {"cases": told["cases"], "calls": told["calls"]}
            elif asked is not None and told["n"] in self.done:
                if self.done[told["n"]][1] != told.get("at"):
                    self.moved.append(told["n"])
            elif asked is not None and "at" in told:
                self.done[told["n"]] = (asked, told["at"])
            elif asked is not None:
                self.refused += 1
        return work


class Traffic:
    """Everything that the parent sends and what it was told, over all kills."""

    def __init__(self, bands: list[str], people: list[int], rng: random.Random) -> None:
        self.bands = [Band(number) for number in bands]
        self.clicks = Clicks()
        self.people, self.rng = people, rng
        self.sent: list[Frame] = []
        self.acked: list[Frame] = []
        self.asked = 0

    def begin(self, port: int, clicks: socket.socket) -> None:
        """A new process listens: reconnect, send again what was not answered."""
        self.clicks.line = clicks
        for band in self.bands:
            band.connect(port)
        self.clicks.again(self.rng)
        self._list()

    def end(self) -> None:
        """The process is gone."""
        for band in self.bands:
            band.close()

    def is_idle(self) -> bool:
        return not self.clicks.waiting and all(band.waiting is None for band in self.bands)

    def run(self, until: float, *, is_new: bool = True) -> None:
        """Send and listen until a monotonic time (s); is_new False: only what is under way."""
        lines = {band.line: band for band in self.bands if band.line is not None}
        clicks = self.clicks.line
        assert clicks is not None
        while (left := until - time.monotonic()) > 0 and (is_new or not self.is_idle()):
            if is_new:
                self._send_new()
            ready, _, _ = select.select([*lines, clicks], [], [], left)
            for line in ready:
                try:
                    data = line.recv(65536)
                except ConnectionError:
                    data = b""
                if not data:
                    return  # it died by itself: the harness says so
                if line is clicks:
                    self._heard_clicks(data, is_new=is_new)
                else:
                    self._heard(lines[line], data)

    def _send_new(self) -> None:
        for band in self.bands:
            if band.waiting is None and band.line is not None:
                is_sos, has_index = self.rng.random() < 0.2, self.rng.random() < 0.5
                n = len(self.sent) + 1
                band.waiting = frame(n, band.number, is_sos=is_sos, has_index=has_index)
                self.sent.append(band.waiting)
                band.line.sendall(band.waiting.raw)

    def _heard(self, band: Band, data: bytes) -> None:
        band.heard += data
        if band.waiting is not None and band.waiting.reply in band.heard:
            self.acked.append(band.waiting)
            band.waiting, band.heard = None, b""

    def _heard_clicks(self, data: bytes, *, is_new: bool) -> None:
        work = self.clicks.hear(data)
        if work is not None and is_new:
            for asked in self._choose(work):
                self.asked += 1
                self.clicks.ask(asked | {"n": self.asked})
        if is_new and not self.clicks.waiting:
            self._list()

    def _list(self) -> None:
        self.asked += 1
        self.clicks.ask({"do": "list", "n": self.asked})

    def _choose(self, work: Work) -> list[dict[str, object]]:
        """A few clicks of anybody on anything: many are refused, as in life."""
        found: list[dict[str, object]] = []
        names = {
            "awaiting_answer": ("take", "take", "false_alarm"),
            "in_progress": ("progress", "report", "report"),
            "awaiting_confirmation": ("solved", "solved", "not_solved"),
        }
        for case, state in self.rng.sample(work["cases"], min(3, len(work["cases"]))):
            name = self.rng.choice(names[str(state)])
            found += [
                {"do": name, "case": case, "person": person}
                for person in self.rng.sample(self.people, 2)
            ]
        for call, person in self.rng.sample(work["calls"], min(1, len(work["calls"]))):
            found.append({"do": "confirm", "call": call, "person": person})
        return found
