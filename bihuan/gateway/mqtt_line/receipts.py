"""Which messages of the broker may be acknowledged: in the order in which they came, once stored.

MQTT 3.1.1, 4.6: PUBACKs go in the order of the messages. After a new connection the broker sends
again, marked DUP and with the same packet id, what it saw no PUBACK of: what this process stored
or is storing is recognised and not taken a second time.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_KNOWN = 1_000  # acknowledged messages of which a lost PUBACK is still recognised
Key = tuple[int, bytes]


@dataclass(slots=True)
class Receipt:
    """One message of QoS 1, from its arrival to its PUBACK; waits for `parts` to be stored."""

    key: Key
    came_us: int
    parts: int = 1
    twins: list[Receipt] = field(default_factory=list)

    @property
    def is_stored(self) -> bool:
        return self.parts == 0


class Receipts:
    """Acknowledges by `acknowledge(packet_id)`. Called from several threads."""

    def __init__(self, acknowledge: Callable[[int], None]) -> None:
        self._acknowledge = acknowledge
        self._lock = threading.Lock()
        self._open: deque[Receipt] = deque()
        self._acked: deque[Receipt] = deque(maxlen=MOST_KNOWN)
        self._former: dict[Key, Receipt] = {}

    def __len__(self) -> int:
        return len(self._open)

    def reconnected(self) -> None:
        """A new connection: nothing of the former one can be acknowledged any more."""
        with self._lock:
            for receipt in (*self._acked, *self._open):
                self._former[receipt.key] = receipt
            self._open.clear()
            self._acked.clear()

    def caught_up(self) -> None:
        """What the broker had to send again has come: what comes now is new, whatever its id."""
        with self._lock:
            self._former.clear()

    def oldest_us(self) -> int | None:
        """When the oldest message came that is not acknowledged; None where all are."""
        with self._lock:
            return self._open[0].came_us if self._open else None

    def came(
        self, packet_id: int, content: bytes, came_us: int, *, is_again: bool
    ) -> Receipt | None:
        """A message came; None: it is known, and is acknowledged without being taken again."""
        key = (packet_id, hashlib.sha256(content).digest())
        with self._lock:
            receipt = Receipt(key, came_us)
            self._open.append(receipt)
            known = self._former.pop(key, None) if is_again else None
            if known is None:
                return receipt
            if known.is_stored:
                self._finish(receipt)
            else:
                known.twins.append(receipt)
            return None

    def expects(self, receipt: Receipt, parts: int) -> None:
        """The message is stored in so many parts; none: it may be acknowledged."""
        with self._lock:
            receipt.parts = parts
            if parts == 0:
                self._finish(receipt)

    def stored(self, receipt: Receipt) -> None:
        """One part of a message is durable."""
        with self._lock:
            receipt.parts -= 1
            if receipt.parts == 0:
                self._finish(receipt)

    def _finish(self, receipt: Receipt) -> None:
        receipt.parts = 0
        for twin in receipt.twins:
            twin.parts = 0
        receipt.twins.clear()
        while self._open and self._open[0].is_stored:
            first = self._open.popleft()
            self._acked.append(first)
            self._acknowledge(first.key[0])
