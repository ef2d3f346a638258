"""Which signals of a frame are news: a press always, a state bit only when it appears.

Kept where the device is answered, because it needs every frame of a device, in order. After a
restart a bit that is still set counts as news once more: a call too many, never one too few.
"""

from __future__ import annotations

from bihuan.gateway.arrival import Arrival


class News:
    """The alarm bits that each device had set in its last frame that was stored."""

    def __init__(self) -> None:
        self._set: dict[tuple[str, str], frozenset[str]] = {}

    def of(self, arrival: Arrival) -> tuple[str, ...]:
        """The signal kinds of a frame that are news; as decided before, where they were."""
        if arrival.spoken is not None:
            return arrival.spoken
        kinds = tuple(dict.fromkeys(signal.kind for signal in arrival.decoded.signals))
        if arrival.is_alarm_frame:
            return kinds
        known = self._set.get((arrival.protocol, arrival.decoded.device or ""), frozenset())
        return tuple(kind for kind in kinds if kind not in known)

    def remember(self, arrival: Arrival) -> None:
        """After it is durable: a frame that was not stored is still news when it comes again."""
        decoded = arrival.decoded
        if decoded.device is None:
            return
        who = (arrival.protocol, decoded.device)
        kinds = frozenset(signal.kind for signal in decoded.signals)
        if decoded.cleared is not None:
            if not arrival.is_alarm_frame:
                self._set[who] = self._set.get(who, frozenset()) - decoded.cleared | kinds
        elif decoded.position or kinds:
            self._set[who] = kinds
