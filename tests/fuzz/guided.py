"""A small coverage-guided fuzzer: what reaches new arcs of the code is kept and mutated further.

Arcs are pairs of lines that follow each other in the files under test, seen with `sys.settrace`.
Seeded and counted, not timed, so that a run is the same everywhere.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final

Target = Callable[[bytes], None]
MOST_BYTES: Final = 4_096
_ODD: Final = (
    b"\x00",
    b"\xff",
    b"-1",
    b"0",
    b"99999999999999999999",
    b"nan",
    b"1e400",
    b"\xe4\xbd",
)


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What a run saw. grown: inputs beyond the seeds that reached something new."""

    runs: int
    arcs: int
    grown: int


def fuzz(target: Target, seeds: Sequence[bytes], under: str, runs: int, seed: int) -> Fuzzed:
    """Run the target on the seeds and on so many mutations.

    under  part of the path of the files whose arcs guide
    Raises AssertionError with the input at which the target raised anything.
    """
    rng = random.Random(seed)
    arcs: set[tuple[object, int, int]] = set()
    kept: list[bytes] = []
    for one in seeds:
        arcs |= _arcs(target, one, under)
        kept.append(one)
    for _ in range(runs):
        made = mutated(rng, kept)
        found = _arcs(target, made, under)
        if not found <= arcs:
            arcs |= found
            kept.append(made)
    return Fuzzed(runs, len(arcs), len(kept) - len(seeds))


def mutated(rng: random.Random, kept: Sequence[bytes]) -> bytes:
    """One to four changes of an input: bits, stretches, numbers, parts of other inputs."""
    made = bytearray(rng.choice(kept))
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(made) + 1)
        upto = min(len(made), at + rng.choice((1, 1, 2, 4, 16, 64)))
        other = rng.choice(kept)
        cut = rng.randrange(len(other) + 1)
        made[at:upto] = rng.choice(
            (
                b"",
                bytes(made[at:upto]) * 2,
                bytes(byte ^ 1 << rng.randrange(8) for byte in made[at:upto]),
                rng.randbytes(upto - at),
                other[cut : cut + rng.choice((1, 4, 16, 256))] + bytes(made[at:upto]),
                rng.choice(_ODD),
                bytes(made[at:upto]) + rng.choice((b",", b"*", b"#", b"[", b"]", b"<", b'"', b"{")),
            )
        )
    return bytes(made[:MOST_BYTES])


def _arcs(target: Target, given: bytes, under: str) -> set[tuple[object, int, int]]:
    """The arcs of one run; raises AssertionError where the target raises."""
    found: set[tuple[object, int, int]] = set()

    def enter(frame: FrameType, _event: str, _argument: Any) -> Any:
        code = frame.f_code
        if under not in code.co_filename:
            return None
        last = frame.f_lineno

        def step(at: FrameType, event: str, _argument: Any) -> Any:
            nonlocal last
            if event == "line":
                found.add((code, last, at.f_lineno))
                last = at.f_lineno
            return step

        return step

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        target(given)
    except Exception as error:
        raise AssertionError(f"{type(error).__name__}: {error}, at {given!r}") from error
    finally:
        sys.settrace(before)
    return found
