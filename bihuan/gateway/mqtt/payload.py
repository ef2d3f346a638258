"""Payloads read within bounds: JSON, bare text, exact numbers, and the leaves of an object."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import cast

from bihuan.base.errors import BadInputError, bad
from bihuan.gateway.formats import strict_json
from bihuan.gateway.formats.strict_json import Json, Number, kind

MAX_BYTES = 256 * 1024
MAX_DEPTH = 24
MAX_NODES = 10_000
MAX_TEXT = 1_000
_NUMBER = re.compile(r"[+-]?\d{1,40}(?:\.\d{0,40})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
# what devices write where they have no value: ESPHome `nan`, Home Assistant `unknown`
_NO_VALUE = ("", "nan", "none", "null", "unknown", "unavailable")


def document(payload: bytes, most_bytes: int = MAX_BYTES, most_nodes: int = MAX_NODES) -> Json:
    """The JSON of a payload; raises BadInputError for anything else or anything too large."""
    if len(payload) > most_bytes:
        raise bad("payload", f"{len(payload)} bytes", f"at most {most_bytes} bytes")
    read = strict_json.read(payload)
    _bound(read, most_nodes)
    return read


def json_object(payload: bytes, most_bytes: int = MAX_BYTES) -> Mapping[str, Json]:
    """The JSON object of a payload; raises BadInputError for anything else."""
    return as_object(document(payload, most_bytes), "payload")


def as_object(node: Json, field: str) -> Mapping[str, Json]:
    if not isinstance(node, dict):
        raise bad(field, kind(node), "an object")
    return cast("Mapping[str, Json]", node)


def text(payload: bytes) -> str:
    """A bare payload as text; raises BadInputError where it is none."""
    if len(payload) > MAX_TEXT:
        raise bad("payload", f"{len(payload)} bytes", f"at most {MAX_TEXT} bytes of text")
    try:
        return payload.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise bad("payload", payload[:40], "text in UTF-8") from error


class Body:
    """One payload that many templates read: taken apart once, or refused each time the same."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @property
    def document(self) -> Json:
        read = self._read
        if isinstance(read, BadInputError):
            raise read
        return read

    @property
    def text(self) -> str:
        """The payload as bare text, as long as a document may be."""
        if len(self.raw) > MAX_BYTES:
            raise bad("payload", f"{len(self.raw)} bytes", f"at most {MAX_BYTES} bytes")
        try:
            return self.raw.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            raise bad("payload", self.raw[:40], "text in UTF-8") from error

    @cached_property
    def _read(self) -> Json | BadInputError:
        try:
            return document(self.raw)
        except BadInputError as error:
            return error


def has_value(node: Json) -> bool:
    """Whether the sender says that there is a value at all."""
    return not (node is None or (isinstance(node, str) and node.strip().lower() in _NO_VALUE))


def exact(node: Json) -> Fraction | None:
    """The exact value of a number, also of one written as text; None for anything else."""
    written = node.text if isinstance(node, Number) else node
    if not isinstance(written, str) or not _NUMBER.fullmatch(written.strip()):
        return None
    if not math.isfinite(float(written)):
        return None
    return Fraction(Decimal(written.strip()))


def plain(node: Json) -> object:
    """A node as what `json` would have read; a number beyond floats stays text."""
    if isinstance(node, Number):
        if node.text.lstrip("-").isdigit():
            return int(node.text)
        value = float(node.text)
        return value if math.isfinite(value) else node.text
    if isinstance(node, list):
        return [plain(below) for below in node]
    if isinstance(node, dict):
        return {key: plain(below) for key, below in node.items()}
    return node


def leaves(node: Mapping[str, Json], path: str = "") -> Iterator[tuple[str, Json]]:
    """Every value below nested objects with its dotted path; an array counts as one value."""
    for key, below in node.items():
        here = f"{path}.{key}" if path else key
        if isinstance(below, dict) and below:
            yield from leaves(cast("Mapping[str, Json]", below), here)
        else:
            yield here, below


def _bound(node: Json, most_nodes: int) -> None:
    waiting: list[tuple[Json, int]] = [(node, 1)]
    count = 0
    while waiting:
        here, depth = waiting.pop()
        count += 1
        if count > most_nodes:
            raise bad("payload", f"more than {most_nodes} values", f"at most {most_nodes} values")
        if depth > MAX_DEPTH:
            raise bad("payload", "deeper nesting", f"at most {MAX_DEPTH} levels")
        if isinstance(here, dict):
            waiting.extend((below, depth + 1) for below in here.values())
        elif isinstance(here, list):
            waiting.extend((below, depth + 1) for below in here)
