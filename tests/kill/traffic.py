"""The world around the killed process: bands that resend until answered, people who click again."""

from __future__ import annotations

import json
import random
import select
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.kill import callouts
from tests.kill.frames import Frame
from tests.kill.tongues import TONGUES

# what changes no state of a matter, by whoever may
EVERYDAY = (
    *("ask_extension", "grant_extension", "ask_suspension", "grant_suspension", "resume"),
    *("supervise", "lift", "note", "summon", "report_in", "assist_report"),
)
WANTED = frozenset({"order", "lift_order", "report_matter"})  # no run proves a thing without
Work = dict[str, list[list[Any]]]


@dataclass
class Band:
    """One wristband: one frame under way at a time, sent again on every new line."""

    number: str
    protocol: str = "watch"
    waiting: Frame | None = None
    line: socket.socket | None = None
    heard: bytes = b""

    def connect(self, ports: dict[str, int]) -> None:
        at = ("127.0.0.1", ports[self.protocol])
        self.line = socket.create_connection(at, timeout=2)
        self.heard = b""
        self.line.sendall(TONGUES[self.protocol].login)
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
    busy: int = 0

    def ask(self, asked: dict[str, object]) -> None:
        n = asked["n"]
        assert isinstance(n, int)
        self.waiting[n] = asked
        self._send(asked)

    def again(self, rng: random.Random) -> None:
        """On a new process: what had no answer is asked once more, with the same key.

        So is one act that had its own: a page may have lost it. It must get the same one.
        """
        self.heard = b""
        self.waiting = {n: a for n, a in self.waiting.items() if a["do"] != "list"}
        once = ("confirm", "lift_order", "end_order")  # a second one is refused
        acts = [n for n, (asked, _at) in self.done.items() if asked["do"] not in once]
        for n in rng.sample(acts[-50:], min(1, len(acts))):
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
            if asked is not None and "busy" in told:
                self.busy += 1
                self.ask(asked)
            elif "cases" in told:
                work = {name: rows for name, rows in told.items() if name != "n"}
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

    def __init__(
        self, bands: list[tuple[str, str]], people: list[int], rng: random.Random, village: int
    ) -> None:
        self.village = village
        self.numbers: dict[int, str] = {}  # of those who are called by text
        self.commander = 0
        self.bands = [Band(number, protocol) for protocol, number in bands]
        self.clicks = Clicks()
        self.people, self.rng = people, rng
        self.sent: list[Frame] = []
        self.acked: list[Frame] = []
        self.asked = 0

    def begin(self, ports: dict[str, int], clicks: socket.socket) -> None:
        """A new process listens: reconnect, send again what was not answered."""
        self.clicks.line = clicks
        for band in self.bands:
            band.connect(ports)
        self.clicks.again(self.rng)
        self._list()

    def end(self) -> None:
        """The process is gone."""
        for band in self.bands:
            band.close()

    def acknowledged(self) -> dict[str, int]:
        """How many frames of each protocol were answered."""
        spoken = {band.number: band.protocol for band in self.bands}
        return dict(sorted(Counter(spoken[frame.band] for frame in self.acked).items()))

    def doubled_at_most(self) -> int:
        """How many frames have no identity: each of these may stand twice."""
        return sum(not frame.has_index for frame in self.sent)

    def is_of_all_sorts(self) -> bool:
        """Whether a lift, a matter and some replies that said yes were among what was answered."""
        done = [asked for asked, _at in self.clicks.done.values()]
        said_yes = sum(asked["do"] == "reply" and asked["digit"] == "1" for asked in done)
        return said_yes >= 15 and self._did() >= WANTED

    def _did(self) -> set[str]:
        """What was asked and answered, by its name."""
        return {str(asked["do"]) for asked, _at in self.clicks.done.values()}

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
                is_sos = self.rng.random() < 0.2
                make = TONGUES[band.protocol].make
                band.waiting = make(len(self.sent) + 1, band.number, is_sos)
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
        town = (self.commander, self.village, self.numbers)
        # what a run must hold comes first, however few lists a slow machine answers
        missing = WANTED - self._did()
        found = callouts.chosen(work, town, self.rng, missing)
        if "report_matter" in missing or self.rng.random() < 0.4:
            origin = self.rng.choice(self.people)
            found.append({"do": "report_matter", "person": origin, "area": self.village})
        names = {
            "awaiting_answer": ("take", "take", "false_alarm"),
            "in_progress": ("progress", "report", "report", *EVERYDAY, "submit"),
            "new": ("accept", "accept", "decline"),
            "accepted": ("assign", "note"),
            "awaiting_receipt": ("receive", "receive", "return", "transfer"),
            "received": ("begin", "summon", *EVERYDAY),
            "awaiting_check": ("pass", "pass", "send_back"),
            "awaiting_confirmation": ("solved", "solved", "not_solved"),
        }
        for case, state in self.rng.sample(work["cases"], min(3, len(work["cases"]))):
            name = self.rng.choice(names[str(state)])
            found += [
                {"do": name, "case": case, "person": person, **self._fields(name)}
                for person in self.rng.sample(self.people, 3)
            ]
        for call, person in self.rng.sample(work["calls"], min(1, len(work["calls"]))):
            found.append({"do": "confirm", "call": call, "person": person})
        return found

    def _fields(self, name: str) -> dict[str, object]:
        """What an act of a matter asks for."""
        given: dict[str, object] = {"f-target": f"role:village_duty@{self.village}"}
        asked: dict[str, dict[str, object]] = {
            "assign": given,
            "transfer": given,
            "summon": {"f-units": f"role:village_duty@{self.village}"},
            "decline": {"f-remedy": "可以申请复核"},
            "ask_extension": {"f-clock": "act", "f-days": "1"},
            "ask_suspension": {"f-until": "1"},
            "supervise": {"f-level": str(self.rng.randint(1, 3))},
        }
        return asked.get(name, {})
