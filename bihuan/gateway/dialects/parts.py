"""What every protocol's orders are made of: values, the order itself, and how it is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bihuan.base.errors import bad
from bihuan.gateway.decoded import Decoded

_PHONE = re.compile(r"\+?[0-9]{3,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """A value of an order, with its unit in its name."""

    low: int
    high: int

    def text(self, name: str, value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, int):
            raise bad(name, value, "a whole number")
        if not self.low <= value <= self.high:
            raise bad(name, value, f"{self.low} to {self.high}")
        return str(value)


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number to call; empty takes the stored one away."""

    def text(self, name: str, value: object) -> str:
        if not isinstance(value, str) or (value and not _PHONE.fullmatch(value)):
            raise bad(name, value, "3 to 20 digits, a + before them allowed")
        return value


@dataclass(frozen=True, slots=True)
class PhoneNumbers:
    """All numbers of a device at once, by commas: those that are left out are taken away.

    is_padded  the device wants a place for each, empty or not
    """

    most: int
    is_padded: bool = False

    def text(self, name: str, value: object) -> str:
        numbers = value.split(",") if isinstance(value, str) else []
        if not 1 <= len(numbers) <= self.most or not all(map(_PHONE.fullmatch, numbers)):
            raise bad(name, value, f"1 to {self.most} telephone numbers, by commas")
        return ",".join(numbers + [""] * (self.most - len(numbers) if self.is_padded else 0))


Parameter = WholeNumber | PhoneNumber | PhoneNumbers
SWITCH = WholeNumber(0, 1)


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to ask of a device: its words in the protocol, and the values that it needs.

    answers  how what the device then says begins, in the dialect's own words (`Dialect.told`)
    """

    template: str
    parameters: Mapping[str, Parameter]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Addressee:
    """The device as its own frames name it: maker and index are echoed to it."""

    device: str
    maker: str
    index: str | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """One sending of an order. number: the order's own, which the device may say again."""

    number: int = 0
    at_us: int = 0


Texts = Mapping[str, str]


def kind_of(decoded: Decoded) -> str:
    """What a frame says, where its type alone tells which order it answers."""
    return decoded.kind


def unmarked(_decoded: Decoded) -> int | None:
    """A protocol in which no answer names its order."""
    return None


@dataclass(frozen=True, slots=True)
class Dialect:
    """The orders of one protocol.

    write  the bytes of an order whose values are checked
    maker  how a device is addressed that never named its maker; None: not before it did
    told   what of a frame says which order it answers
    mark   the order's number that a frame names, modulo `marks`; None where it names none
    """

    orders: Mapping[str, Order]
    write: Callable[[Order, Texts, Addressee, Sending], bytes]
    maker: str | None = ""
    told: Callable[[Decoded], str] = kind_of
    mark: Callable[[Decoded], int | None] = unmarked
    marks: int = 1

    def is_answer(self, name: str, number: int, decoded: Decoded) -> bool:
        """Whether a frame answers this order."""
        said = self.told(decoded).upper()
        if not any(said.startswith(answer.upper()) for answer in self.orders[name].answers):
            return False
        mark = self.mark(decoded)
        return mark is None or mark == number % self.marks
