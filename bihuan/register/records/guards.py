"""What stands in the way of an act besides its row's own facts: what devices measured, say.

An act's `check` is pure over rows. A guard may read what no row holds; it is asked once, before
the act is appended, and never again: what was done is not judged anew when rows are made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bihuan.base.errors import Fault

# row, act and recorded time (µs); what stands in the way, () = nothing
Guard = Callable[[int, str, int], Sequence[Fault]]
_guards: list[Guard] = []


def guarded_by(guard: Guard) -> None:
    """Ask this guard too; the same one a second time changes nothing."""
    if guard not in _guards:
        _guards.append(guard)


def standing(row_id: int, act: str, now_us: int) -> list[Fault]:
    """Everything that stands in the way of an act now."""
    return [fault for guard in _guards for fault in guard(row_id, act, now_us)]
