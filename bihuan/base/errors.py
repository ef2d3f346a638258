"""What bad input gets: field, got, want; never a silent default."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field of what came from outside."""

    field: str
    got: str
    want: str

    def __str__(self) -> str:
        return f"{self.field}: got {self.got}, want {self.want}"

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "got": self.got or "nothing", "want": self.want}


class BadInputError(ValueError):
    """Outside input that cannot be used, with every fault found in it."""

    def __init__(self, *faults: Fault) -> None:
        if not faults:
            raise ValueError("BadInputError needs at least one fault")
        self.faults = faults
        super().__init__("; ".join(str(fault) for fault in faults))


def bad(field: str, got: object, want: str) -> BadInputError:
    """The error for a single field: `raise bad("heart_rate_bpm", -4, "0 to 300")`."""
    return BadInputError(Fault(field, shown(got), want))


def shown(got: object, limit: int = 120) -> str:
    """What was got, as text that fits a message: bytes as hex, long values cut and marked."""
    text = got.hex() if isinstance(got, bytes | bytearray | memoryview) else str(got)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
