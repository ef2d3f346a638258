"""The value templates that real devices put into Home Assistant discovery; no others.

A template language in full would run code that strangers send. What is read: `{{ value }}`, a
path below `value_json` (`.x`, `['x']`, `[0]`), and the filters `float`, `int`, `round`,
`is_defined`, in any number. A default (`float(0)`) would invent a value and is refused.

Source: https://www.home-assistant.io/docs/configuration/templating/ (MQTT section); `round` is
Python's, as in Jinja.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from bihuan.base.errors import bad
from bihuan.gateway.formats.strict_json import Json, Number, kind
from bihuan.gateway.mqtt.payload import Body, exact

MAX_LENGTH = 500
WANT = "{{ value }} or {{ value_json.key }} with float, int, round(n) or is_defined"
_WHOLE = re.compile(r"\s*\{\{-?\s*(.+?)\s*-?\}\}\s*", re.DOTALL)
_STEP = re.compile(
    r"""\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*(?:'([^'\\]*)'|"([^"\\]*)"|(\d{1,6}))\s*\])""", re.ASCII
)
_FILTER = re.compile(r"\s*\|\s*([a-z_]+)\s*(?:\(\s*(\d{0,2})\s*\))?", re.ASCII)

Step: TypeAlias = "Callable[[Json], Json]"


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was understood.

    path     keys and places below `value_json`; None = the bare payload
    filters  applied from left to right
    """

    path: tuple[str | int, ...] | None = None
    filters: tuple[Step, ...] = ()

    def render(self, body: Body) -> Json:
        """The value in a payload; None where the payload does not have it.

        Raises BadInputError where the payload is not what the template reads.
        """
        node: Json
        if self.path is None:
            node = body.text
        else:
            node = body.document
            for step in self.path:
                node = _below(node, step)
        for apply in self.filters if node is not None else ():
            node = apply(node)
        return node


BARE = Template()


def parse(written: str) -> Template:
    """The template; raises BadInputError for every form that is not read here."""
    match = _WHOLE.fullmatch(written) if len(written) <= MAX_LENGTH else None
    if match is None:
        raise bad("value_template", written, WANT)
    inner = match[1]
    path: list[str | int] | None
    if inner.startswith("value_json"):
        path, at = [], len("value_json")
        while (step := _STEP.match(inner, at)) is not None:
            name = next((part for part in step.groups()[:3] if part is not None), None)
            path.append(int(step[4]) if name is None else name)
            at = step.end()
    elif inner.startswith("value"):
        path, at = None, len("value")
    else:
        raise bad("value_template", written, WANT)
    filters: list[Step] = []
    while (found := _FILTER.match(inner, at)) is not None:
        filters.append(_filter(written, found[1], found[2]))
        at = found.end()
    if inner[at:].strip():
        raise bad("value_template", written, WANT)
    return Template(None if path is None else tuple(path), tuple(filters))


def _filter(written: str, name: str, argument: str | None) -> Step:
    if name == "round":
        return partial(_round, int(argument or "0"))
    if name in _PLAIN and not argument:
        return _PLAIN[name]
    raise bad("value_template", written, WANT)


def _below(node: Json, step: str | int) -> Json:
    if isinstance(node, list) and isinstance(step, int):
        return node[step] if step < len(node) else None
    if isinstance(node, dict):
        found: Json = node.get(str(step))
        return found
    return None


def _number(node: Json) -> float:
    value = exact(node)
    if value is None or not math.isfinite(float(value)):
        raise bad("value", kind(node), "a number, as the template says")
    return float(value)


def _float(node: Json) -> Json:
    _number(node)
    return node  # the digits stay as they were written


def _int(node: Json) -> Json:
    return Number(str(int(_number(node))))


def _round(digits: int, node: Json) -> Json:
    return Number(repr(round(_number(node), digits)))


def _is_defined(node: Json) -> Json:
    return node


_PLAIN: dict[str, Step] = {"float": _float, "int": _int, "is_defined": _is_defined}
