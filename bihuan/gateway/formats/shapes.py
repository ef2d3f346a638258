"""What a JSON document must look like, as tables, and the walk that finds every fault.

A table says less than JSON Schema and reads faster; faults carry the JSON path (`data.stations[3]
.lat`), what was got and what was wanted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from bihuan.base.errors import Fault
from bihuan.gateway.formats.strict_json import Json, Number, kind

Rule: TypeAlias = Callable[[Mapping[str, Json], str], Iterator[Fault]]
ArrayRule: TypeAlias = Callable[[list[Json], str], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Text:
    """A string for which `fits` holds; `want` says in words what that is."""

    want: str = "a string"
    fits: Callable[[str], bool] = bool


@dataclass(frozen=True, slots=True)
class Num:
    """A number from `low` to `high`, both included; `integral` refuses fractions."""

    integral: bool = False
    low: Decimal | None = None
    high: Decimal | None = None
    of: str = ""

    @property
    def want(self) -> str:
        what = "an integer" if self.integral else "a number"
        low = "" if self.low is None else f" from {self.low}"
        high = "" if self.high is None else f" to {self.high}"
        return f"{what}{low}{high}{self.of}"


@dataclass(frozen=True, slots=True)
class Bool:
    """true or false."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these strings."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Many:
    """An array of one shape."""

    item: Shape
    least: int = 0
    most: int | None = None
    rule: ArrayRule | None = None


@dataclass(frozen=True, slots=True)
class Obj:
    """An object with named fields, or a map when `other` gives the shape of unnamed ones."""

    fields: Mapping[str, Shape] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    is_closed: bool = False
    other: Shape | None = None
    key: Text | None = None
    rules: tuple[Rule, ...] = ()


Shape: TypeAlias = Text | Num | Bool | OneOf | Many | Obj


def obj(fields: Mapping[str, Shape], *rules: Rule, is_closed: bool = False) -> Obj:
    """An object by its fields; a name that ends in `!` must be present."""
    named = {name.removesuffix("!"): shape for name, shape in fields.items()}
    required = frozenset(name[:-1] for name in fields if name.endswith("!"))
    return Obj(named, required, is_closed, rules=rules)


def pattern(regex: str, want: str) -> Text:
    """A string that fully matches."""
    compiled = re.compile(regex)
    return Text(want, lambda text: compiled.fullmatch(text) is not None)


def faults(shape: Shape, node: Json, path: str) -> Iterator[Fault]:
    """Every way in which `node`, found at `path`, departs from `shape`."""
    if isinstance(shape, Obj):
        yield from _object_faults(shape, node, path)
    elif isinstance(shape, Many):
        yield from _array_faults(shape, node, path)
    elif isinstance(shape, Num):
        if not isinstance(node, Number) or not is_within(shape, node):
            yield Fault(path, kind(node), shape.want)
    else:
        yield from _scalar_faults(shape, node, path)


def below(path: str, name: str) -> str:
    """The path of a field of the object at `path`."""
    return f"{path}.{name}" if path else name


def _scalar_faults(shape: Text | Bool | OneOf, node: Json, path: str) -> Iterator[Fault]:
    if isinstance(shape, Text):
        if not isinstance(node, str) or not shape.fits(node):
            yield Fault(path, kind(node), shape.want)
    elif isinstance(shape, Bool):
        if not isinstance(node, bool):
            yield Fault(path, kind(node), "true or false")
    elif not isinstance(node, str) or node not in shape.values:
        yield Fault(path, kind(node), "one of " + ", ".join(shape.values))


def is_within(shape: Num, number: Number) -> bool:
    """Whether a number is of the kind and in the range of its shape."""
    value = number.decimal
    if shape.integral and not number.is_integral:
        return False
    return (shape.low is None or value >= shape.low) and (shape.high is None or value <= shape.high)


def _array_faults(shape: Many, node: Json, path: str) -> Iterator[Fault]:
    if not isinstance(node, list):
        yield Fault(path, kind(node), "an array")
        return
    if len(node) < shape.least:
        yield Fault(path, f"{len(node)} items", f"at least {shape.least}")
    if shape.most is not None and len(node) > shape.most:
        yield Fault(path, f"{len(node)} items", f"at most {shape.most}")
    for place, item in enumerate(node):
        yield from faults(shape.item, item, f"{path}[{place}]")
    if shape.rule is not None:
        yield from shape.rule(node, path)


def _object_faults(shape: Obj, node: Json, path: str) -> Iterator[Fault]:
    if not isinstance(node, Mapping):
        yield Fault(path, kind(node), "an object")
        return
    for name in sorted(shape.required - node.keys()):
        yield Fault(below(path, name), "nothing", "the required field")
    for name, value in node.items():
        if name in shape.fields:
            yield from faults(shape.fields[name], value, below(path, name))
        else:
            yield from _unnamed_faults(shape, name, value, path)
    for rule in shape.rules:
        yield from rule(node, path)


def _unnamed_faults(shape: Obj, name: str, value: Json, path: str) -> Iterator[Fault]:
    """What is wrong with a field the table does not name: a map's entry, or one too many."""
    if shape.other is not None:
        if shape.key is not None and not shape.key.fits(name):
            yield Fault(below(path, name), "this key", shape.key.want)
        yield from faults(shape.other, value, below(path, name))
    elif shape.is_closed:
        yield Fault(below(path, name), "a field", "none outside " + ", ".join(shape.fields))
