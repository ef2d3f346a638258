"""How the register refuses a person: somebody was first (409), or it is not theirs to do (403)."""

from __future__ import annotations

from bihuan.base.time import rfc3339


class TakenError(Exception):
    """Somebody else acted first (409): who, when (µs), and the state now."""

    def __init__(self, by: int | None, at_us: int | None, state: str) -> None:
        self.by, self.at_us, self.state = by, at_us, state
        when = rfc3339(at_us) if at_us is not None else "before"
        super().__init__(
            f"act: got a row in state {state} (person {by}, {when}), want an earlier one"
        )


class ForbiddenError(Exception):
    """The person may not do this (403); nothing is said about the row."""


class BrokenError(Exception):
    """What a scenario declares broke on this row (500): nothing was stored, the reason says why."""
