"""The primitive types of FHIR R4 in JSON: what each may hold.

Source: https://hl7.org/fhir/R4/datatypes.html#primitive and narrative.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from bihuan.base.errors import BadInputError
from bihuan.gateway.formats.safe_xml import tree
from bihuan.gateway.formats.shapes import Text
from bihuan.gateway.formats.strict_json import Json, Number

_YEAR = r"(?!0000)\d{4}"
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
_ZONE = r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))"
_DATE = re.compile(rf"{_YEAR}(?:-{_MONTH}(?:-{_DAY})?)?", re.ASCII)
_DATETIME = re.compile(rf"({_YEAR}(?:-{_MONTH}(?:-{_DAY})?)?)(T{_CLOCK}{_ZONE})?", re.ASCII)
_INSTANT = re.compile(rf"({_YEAR}-{_MONTH}-{_DAY})T{_CLOCK}{_ZONE}", re.ASCII)
_BASE64 = re.compile(r"[0-9a-zA-Z+/]+={0,2}")
_MAX_TEXT = 1024 * 1024
_XHTML = "{http://www.w3.org/1999/xhtml}"
# narrative.html: formatting, tables, lists, links and images; nothing that acts
_XHTML_TEXT = """
    a abbr acronym address b bdo big blockquote br caption center cite code col colgroup dd
    del dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins kbd li map area ol p pre q s samp
    small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var dir menu"""
_XHTML_NAMES = frozenset(_XHTML_TEXT.split())


def _day_exists(text: str) -> bool:
    if len(text) < 10:
        return True
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _is_date(text: str) -> bool:
    return bool(_DATE.fullmatch(text)) and _day_exists(text)


def _is_datetime(text: str) -> bool:
    found = _DATETIME.fullmatch(text)
    if found is None or not _day_exists(found[1]):
        return False
    return found[2] is None or len(found[1]) == 10


def _is_instant(text: str) -> bool:
    found = _INSTANT.fullmatch(text)
    return found is not None and _day_exists(found[1])


def _is_base64(text: str) -> bool:
    packed = "".join(text.split())
    return len(packed) % 4 == 0 and _BASE64.fullmatch(packed) is not None


def _is_text(text: str) -> bool:
    return bool(text.strip()) and len(text) <= _MAX_TEXT and not _CONTROL.search(text)


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def _is_xhtml(text: str) -> bool:
    """One well-formed div in the XHTML namespace, with content, of harmless elements."""
    try:
        root = tree(text.encode())
    except BadInputError:
        return False
    if root.tag != _XHTML + "div":
        return False
    nodes = list(root.iter())
    names = {node.tag.removeprefix(_XHTML) for node in nodes}
    acts = any(name.startswith("on") for node in nodes for name, _ in node.items())
    has_content = bool("".join(root.itertext()).strip()) or "img" in names
    return names <= _XHTML_NAMES and not acts and has_content


def _matches(regex: str) -> Callable[[str], bool]:
    compiled = re.compile(regex, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


_LINK = Text("a URI without spaces", _matches(r"[^\s]+"))
_TEXTS: Mapping[str, Text] = {
    "string": Text("a text that is not empty", _is_text),
    "markdown": Text("a text that is not empty", _is_text),
    "uri": _LINK,
    "url": _LINK,
    "canonical": _LINK,
    "oid": Text("urn:oid: and an OID", _matches(r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+")),
    "uuid": Text("urn:uuid: and a UUID", _matches(r"urn:uuid:[0-9a-f-]{36}")),
    "id": Text("1 to 64 of A-Z a-z 0-9 - .", _matches(r"[A-Za-z0-9\-.]{1,64}")),
    "code": Text(
        "a code without leading, trailing or double spaces", _matches(r"[^\s]+(\s[^\s]+)*")
    ),
    "base64Binary": Text("base-64", _is_base64),
    "date": Text("YYYY, YYYY-MM or YYYY-MM-DD", _is_date),
    "dateTime": Text("a date, or date and time with seconds and zone", _is_datetime),
    "instant": Text("date and time with seconds and zone", _is_instant),
    "time": Text("HH:MM:SS", _matches(_CLOCK)),
    "xhtml": Text("a well-formed, harmless XHTML div with content", _is_xhtml),
}
_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_RANGES = {
    "integer": (-(2**31), 2**31 - 1),
    "unsignedInt": (0, 2**31 - 1),
    "positiveInt": (1, 2**31 - 1),
}


def want_of(type_name: str, node: Json) -> str | None:
    """What was wanted instead of `node` for a primitive type; None if it fits."""
    if type_name == "boolean":
        return None if isinstance(node, bool) else "true or false"
    if type_name == "decimal":
        return None if isinstance(node, Number) else "a decimal number"
    if type_name in _RANGES:
        low, high = _RANGES[type_name]
        if isinstance(node, Number) and _WHOLE.fullmatch(node.text) and low <= node.decimal <= high:
            return None
        return f"a whole number from {low} to {high}"
    text = _TEXTS[type_name]
    return None if isinstance(node, str) and text.fits(node) else text.want
