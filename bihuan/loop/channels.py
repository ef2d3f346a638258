"""Channels: the ways to reach a person. A channel says what it knows of a message's fate.

accepted, delivered, answered, heard, confirmed are separate facts with evidence of their own;
"the provider took it" is `accepted` and nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bihuan.base.time import SECOND_US
from bihuan.loop.entries import Fact
from bihuan.loop.models import ScreenPhone


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent: to whom, why (call, ask), about which case."""

    delivery_id: int
    case_id: int
    person_id: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Told:
    """One fact about a message, with the evidence for it."""

    fact: Fact
    evidence: str


class Channel(Protocol):
    """A way to reach people. ring_s: how long it may ring before nobody answers; 0 = no ringing."""

    name: str
    ring_s: int

    def send(self, message: Message, now_us: int) -> list[Told]:
        """Send once; what is known of it now. An exception leaves the outcome unknown."""
        ...


class ScreenChannel:
    """On-screen phones for the demo and for drills: they ring while their page is open."""

    name = "screen"
    ring_s = 45
    open_within_us = 15 * SECOND_US

    def send(self, message: Message, now_us: int) -> list[Told]:
        phone = ScreenPhone.objects.filter(person_id=message.person_id).first()
        if phone is None or now_us - phone.seen_us > self.open_within_us:
            return [Told("off", "no page of this phone is open")]
        return [Told("accepted", "screen"), Told("delivered", "its page is open and rings")]


def phone_seen(person_id: int, now_us: int) -> None:
    """The page of an on-screen phone says that it is open."""
    ScreenPhone.objects.update_or_create(person_id=person_id, defaults={"seen_us": now_us})


class BoardChannel:
    """The duty board: it sounds until somebody answers, where one is open and can be heard.

    is_heard  whether such a board is there now (µs)
    """

    name = "board"
    ring_s = 0

    def __init__(self, is_heard: Callable[[int], bool]) -> None:
        self._is_heard = is_heard

    def send(self, message: Message, now_us: int) -> list[Told]:
        if not self._is_heard(now_us):
            return [Told("off", "no board that can be heard is open")]
        return [Told("accepted", "board"), Told("delivered", "an open board sounds")]


class InAppChannel:
    """A message on the person's own page of the site: `delivered` once that page has shown it."""

    name = "in_app"
    ring_s = 0

    def send(self, message: Message, now_us: int) -> list[Told]:
        return [Told("accepted", "stands on the person's page")]
