"""A request as handlers see it, and what they answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from bihuan.base.errors import Fault
from bihuan.base.time import DAY_US
from bihuan.register.senders.acts import Sender

MOST_FAULTS = 100
WINDOW_US = DAY_US  # as long a key stands for its delivery
FOR_GOOD_US = 1 << 60
JSON = "application/json"


class RefusedError(Exception):
    """A request that is refused whatever it holds: status, what is wrong, further headers."""

    def __init__(self, status: int, fault: Fault, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(fault))
        self.status, self.fault, self.headers = status, fault, dict(headers or {})


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a known sender, whole and bounded.

    path   what follows the route's own part, without a slash
    key    what the sender calls this delivery by; None: every delivery is new
    is_spooled
           it waited at a spool: its key is the spool's and stands for good
    """

    sender: Sender
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    key: str | None
    received_us: int
    is_spooled: bool = False

    @property
    def window_us(self) -> int:
        """How long its key stands for this delivery."""
        return FOR_GOOD_US if self.is_spooled else WINDOW_US

    @property
    def is_lenient(self) -> bool:
        """Whether the good ones of many are to be taken beside the faulty."""
        return "handling=lenient" in self.headers.get("prefer", "")

    @property
    def media_type(self) -> str:
        """The type of the body, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def idem(self) -> bytes | None:
        """Identity of the delivery: 16 bytes of who and key, 16 of the body."""
        if self.key is None:
            return None
        said = f"http|{self.sender.id}|{self.key}".encode()
        return hashlib.sha256(said).digest()[:16] + hashlib.sha256(self.body).digest()[:16]

    @property
    def source(self) -> str:
        """How entries name the sender."""
        return f"http {self.sender.name}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    content: bytes
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def said(status: int, document: object, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer in JSON."""
    return Answer(status, msgspec.json.encode(document), JSON, headers or {})


def faulty(faults: list[Fault], *, at: list[int] | None = None) -> Answer:
    """422 with the first faults and how many there are. at: the line of each, from 1."""
    return said(422, {"faults": listed(faults, at), "count": len(faults)})


def listed(faults: list[Fault], at: list[int] | None) -> list[dict[str, object]]:
    """The first faults as objects, each with its line where there are lines."""
    shown = [dict[str, object](fault.as_dict()) for fault in faults[:MOST_FAULTS]]
    for one, line in zip(shown, at or (), strict=False):
        one["line"] = line
    return shown
