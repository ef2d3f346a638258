"""JSON read exactly: numbers keep their text, a key stands once, nothing is guessed.

`36.50` stays `36.50`: in FHIR the written digits are the precision of the measurement, and a
float would lose them. Source: RFC 8259, and https://hl7.org/fhir/R4/json.html for decimals.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import NoReturn, TypeAlias

from bihuan.base.errors import BadInputError, Fault, bad, shown

MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 64
MAX_DIGITS = 400


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a JSON document as it was written; equal only if written the same."""

    text: str

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.text)

    @property
    def is_integral(self) -> bool:
        """Whether the value has no fraction (`300`, `3e2` and `300.0` have none)."""
        value = self.decimal
        return value == value.to_integral_value()

    def __str__(self) -> str:
        return self.text


Json: TypeAlias = "Mapping[str, Json] | list[Json] | str | Number | bool | None"


def read(raw: bytes) -> Json:
    """The document as objects (dicts), arrays (lists), texts, `Number`, bool and None.

    Raises BadInputError naming `document` or the key for what is not one clean JSON document:
    empty, over MAX_BYTES, not UTF-8, not JSON, deeper than MAX_DEPTH, a key given twice, a lone
    surrogate. A byte order mark is passed over (RFC 8259, 8.1).
    """
    text = _decoded(raw)
    twice: list[str] = []
    try:
        document: Json = json.loads(
            text,
            object_pairs_hook=partial(_object, twice),
            parse_int=_number,
            parse_float=_number,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        near = shown(text[error.pos : error.pos + 20], 20) or "the end"
        where = f"{near} at line {error.lineno} column {error.colno}"
        raise bad("document", where, f"JSON ({error.msg})") from error
    except RecursionError as error:
        raise bad("document", "nesting without end", f"at most {MAX_DEPTH} levels") from error
    if twice:
        raise BadInputError(*(Fault(key, "the key twice in one object", "once") for key in twice))
    _bound(document)
    return document


def write(document: Json) -> str:
    """The document as JSON text; numbers exactly as they were written."""
    return "".join(_pieces(document))


def kind(node: object) -> str:
    """What a node is, in the words of JSON, for messages."""
    if isinstance(node, bool):
        return "true" if node else "false"
    if node is None:
        return "null"
    if isinstance(node, str):
        return shown(json.dumps(node, ensure_ascii=False), 80)
    if isinstance(node, Number):
        return shown(node.text, 80)
    return "an object" if isinstance(node, dict) else "an array"


def _decoded(raw: bytes) -> str:
    if not raw.strip():
        raise bad("document", "an empty file", "a JSON document")
    if len(raw) > MAX_BYTES:
        raise bad("document", f"{len(raw)} bytes", f"at most {MAX_BYTES} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"byte {raw[error.start]:#04x} at offset {error.start}"
        raise bad("document", found, "JSON in UTF-8") from error


def _object(twice: list[str], pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        counted = Counter(key for key, _ in pairs)
        twice.extend(key for key, times in counted.items() if times > 1)
    return made


def _number(text: str) -> Number:
    """A number whose value can be worked with: neither endless nor astronomically large."""
    exponent = text.lower().partition("e")[2]
    if len(text) > MAX_DIGITS or len(exponent) > 5:
        raise bad(
            "document", shown(text), f"a number of at most {MAX_DIGITS} digits, e-9999 to e9999"
        )
    return Number(text)


def _refuse_constant(name: str) -> NoReturn:
    raise bad("document", name, "a number of JSON")


def _bound(document: Json) -> None:
    """Refuse nesting beyond MAX_DEPTH and text that no UTF-8 can carry, without recursion."""
    waiting: list[tuple[Json, int]] = [(document, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise bad("document", "deeper nesting", f"at most {MAX_DEPTH} levels")
        if isinstance(node, str):
            _refuse_surrogate(node)
        elif isinstance(node, dict):
            for key in node:
                _refuse_surrogate(key)
            waiting.extend((below, depth + 1) for below in node.values())
        elif isinstance(node, list):
            waiting.extend((below, depth + 1) for below in node)


def _refuse_surrogate(text: str) -> None:
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise bad("document", shown(ascii(text)), "text without a lone surrogate")


def _pieces(node: Json) -> Iterator[str]:
    if isinstance(node, dict):
        yield "{"
        for place, (key, below) in enumerate(node.items()):
            yield f"{', ' if place else ''}{json.dumps(key, ensure_ascii=False)}: "
            yield from _pieces(below)
        yield "}"
    elif isinstance(node, list):
        yield "["
        for place, below in enumerate(node):
            yield ", " if place else ""
            yield from _pieces(below)
        yield "]"
    elif isinstance(node, Number):
        yield node.text
    else:
        yield json.dumps(node, ensure_ascii=False)
