"""CAP 1.2 alerts in and out: check names every fault, parse gives an Alert, write gives XML.

Fault paths are XPath-like and count from 1: `alert/info[2]/area[1]/polygon[1]`.

Source: OASIS Common Alerting Protocol 1.2 (2010-07-01). What the standard says SHOULD be is in
`advice` and never refuses a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from bihuan.base.errors import BadInputError, Fault, shown
from bihuan.gateway.formats.cap_build import alert_of, xml_of
from bihuan.gateway.formats.cap_model import (
    Alert,
    Area,
    Circle,
    Info,
    NamedValue,
    Reference,
    Resource,
    Standing,
    standings,
    supersedes,
)
from bihuan.gateway.formats.cap_tables import ALERT, SPACE, Element
from bihuan.gateway.formats.safe_xml import tree

__all__ = [
    "Alert", "Area", "Circle", "Info", "NamedValue", "Reference", "Resource", "Standing",
    "advice", "check", "parse", "standings", "supersedes", "write",
]  # fmt: skip

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"
_CAP = f"{{{NAMESPACE}}}"
_SCHEMA_HINTS = {
    "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation",
    "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation",
}


def check(raw: bytes) -> list[Fault]:
    """Every fault of a CAP 1.2 document; empty means accepted."""
    try:
        return _tree_faults(tree(raw))
    except BadInputError as error:
        return list(error.faults)


def parse(raw: bytes) -> Alert:
    """The alert of a document; raises BadInputError with every fault found in it."""
    root = tree(raw)
    found = _tree_faults(root)
    if found:
        raise BadInputError(*found)
    return alert_of(root, _CAP, SIGNATURE)


def write(alert: Alert) -> bytes:
    """The alert as a CAP 1.2 document in UTF-8; `parse` of it gives the same alert.

    Raises BadInputError with every fault if the alert breaks the standard: nothing faulty leaves.
    """
    written = xml_of(alert, NAMESPACE)
    found = check(written)
    if found:
        raise BadInputError(*found)
    return written


def advice(alert: Alert) -> list[Fault]:
    """What the standard says an alert SHOULD have and this one has not."""
    found = []
    if alert.status == "Exercise" and not alert.note:
        found.append(Fault("alert/note", "nothing", "which exercise, as status is Exercise"))
    if alert.msg_type == "Error" and not alert.note:
        found.append(Fault("alert/note", "nothing", "what was wrong, as msgType is Error"))
    for place, info in enumerate(alert.infos, start=1):
        path = f"alert/info[{place}]"
        if info.headline and len(info.headline) > 160:
            got = f"{len(info.headline)} characters"
            found.append(Fault(f"{path}/headline", got, "at most 160 characters"))
        if not info.areas:
            found.append(Fault(f"{path}/area", "nothing", "where the alert applies"))
        if not info.expires:
            found.append(Fault(f"{path}/expires", "nothing", "until when the alert applies"))
    return found


def _tree_faults(root: ElementTree.Element) -> list[Fault]:
    if root.tag != _CAP + "alert":
        return [Fault("document", shown(root.tag), f"the element alert of {NAMESPACE}")]
    return [*_element_faults(ALERT, root, "alert"), *_alert_rules(root), *_area_rules(root)]


def _element_faults(spec: Element, node: ElementTree.Element, path: str) -> Iterator[Fault]:
    for name, value in node.items():
        if name not in _SCHEMA_HINTS:
            yield Fault(f"{path}/@{name}", shown(value), "no attribute")
    if spec.check is None:
        yield from _sequence_faults(spec, node, path)
    elif len(node):
        yield Fault(path, f"the element {_name(node[0])} inside", "text alone")
    else:
        text = node.text or ""
        want = spec.check(text)
        if want is not None:
            yield Fault(path, shown(text) if text else "nothing", want)


def _sequence_faults(spec: Element, node: ElementTree.Element, path: str) -> Iterator[Fault]:
    """Faults of a parent: stray text, unknown, misplaced, surplus and missing elements."""
    stray = "".join([node.text or "", *(child.tail or "" for child in node)]).strip(SPACE)
    if stray:
        yield Fault(path, shown(stray), "elements alone")
    counts = [0] * len(spec.children)
    yield from _order_faults(spec, node, path, counts)
    for below, count in zip(spec.children, counts, strict=True):
        if count < below.least:
            yield Fault(f"{path}/{below.name}", "nothing", "the required element")
        if below.most is not None and count > below.most:
            yield Fault(f"{path}/{below.name}", f"{count} elements", f"at most {below.most}")


def _order_faults(
    spec: Element, node: ElementTree.Element, path: str, counts: list[int]
) -> Iterator[Fault]:
    """Faults of each child in its place; `counts` receives how often each element occurred."""
    order = {_CAP + child.name: place for place, child in enumerate(spec.children)}
    names = [*(child.name for child in spec.children), "a signature"]
    reached = 0
    for child in node:
        if spec is ALERT and child.tag.startswith(SIGNATURE):
            reached = len(spec.children)
            continue
        place = order.get(child.tag)
        if place is None:
            yield Fault(f"{path}/{_name(child)}", "this element", f"one of {_known(spec)}")
            continue
        below = spec.children[place]
        counts[place] += 1
        at = f"{path}/{below.name}" + ("" if below.most == 1 else f"[{counts[place]}]")
        if place < reached:
            yield Fault(at, f"the element after {names[reached]}", f"the order {_known(spec)}")
        reached = max(reached, place)
        yield from _element_faults(below, child, at)


def _alert_rules(root: ElementTree.Element) -> Iterator[Fault]:
    """The rules that join elements of the alert (section 3.2.1)."""
    kind, scope = root.findtext(_CAP + "msgType"), root.findtext(_CAP + "scope")
    if kind in ("Update", "Cancel", "Ack", "Error") and root.find(_CAP + "references") is None:
        yield Fault("alert/references", "nothing", f"the messages meant, as msgType is {kind}")
    if scope == "Private" and not (root.findtext(_CAP + "addresses") or "").strip():
        yield Fault("alert/addresses", "nothing", "the recipients, as scope is Private")
    if scope == "Restricted" and not (root.findtext(_CAP + "restriction") or "").strip():
        yield Fault("alert/restriction", "nothing", "the rule, as scope is Restricted")


def _area_rules(root: ElementTree.Element) -> Iterator[Fault]:
    for at, info in enumerate(root.findall(_CAP + "info"), start=1):
        for place, area in enumerate(info.findall(_CAP + "area"), start=1):
            has_ceiling = area.find(_CAP + "ceiling") is not None
            if has_ceiling and area.find(_CAP + "altitude") is None:
                path = f"alert/info[{at}]/area[{place}]/altitude"
                yield Fault(path, "nothing", "the altitude below the ceiling")


def _name(node: ElementTree.Element) -> str:
    return shown(node.tag.removeprefix(_CAP))


def _known(spec: Element) -> str:
    return ", ".join(child.name for child in spec.children)
