"""From a checked CAP tree to an Alert, and from an Alert to its XML."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from bihuan.base.errors import bad, shown
from bihuan.gateway.formats import cap_tables
from bihuan.gateway.formats.cap_model import (
    Alert,
    Area,
    Info,
    NamedValue,
    Pair,
    Reference,
    Resource,
)


class _Reader:
    """The texts below one checked element, by name."""

    def __init__(self, node: ElementTree.Element, namespace: str) -> None:
        self._node = node
        self._namespace = namespace

    def text(self, name: str) -> str | None:
        found = self._node.find(self._namespace + name)
        return None if found is None else found.text or ""

    def must(self, name: str) -> str:
        return self.text(name) or ""

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(found.text or "" for found in self._node.findall(self._namespace + name))

    def below(self, name: str) -> Iterator[_Reader]:
        for found in self._node.findall(self._namespace + name):
            yield _Reader(found, self._namespace)

    def named(self, name: str) -> tuple[NamedValue, ...]:
        return tuple(
            NamedValue(found.must("valueName"), found.must("value")) for found in self.below(name)
        )

    def stripped(self, name: str) -> str | None:
        text = self.text(name)
        return None if text is None else text.strip(cap_tables.SPACE)

    def moment(self, name: str) -> datetime | None:
        return cap_tables.moment(self.must(name))

    def decimal(self, name: str) -> Decimal | None:
        return cap_tables.decimal(self.must(name))


def alert_of(root: ElementTree.Element, namespace: str, signature: str) -> Alert:
    """The alert of a tree in which no fault was found."""
    of = _Reader(root, namespace)
    sent = of.moment("sent")
    if sent is None:
        raise bad("alert/sent", shown(of.must("sent")), "a checked time")
    parts = cap_tables.words(of.must("references"))
    return Alert(
        identifier=of.must("identifier"),
        sender=of.must("sender"),
        sent=sent,
        status=of.must("status"),
        msg_type=of.must("msgType"),
        scope=of.must("scope"),
        source=of.text("source"),
        restriction=of.text("restriction"),
        addresses=of.text("addresses"),
        codes=of.texts("code"),
        note=of.text("note"),
        references=tuple(found for part in parts if (found := cap_tables.reference(part))),
        incidents=of.text("incidents"),
        infos=tuple(_info(below) for below in of.below("info")),
        signatures=tuple(_verbatim(node) for node in root if node.tag.startswith(signature)),
    )


def xml_of(alert: Alert, namespace: str) -> bytes:
    """The document of an alert, elements in the standard's order; not yet checked."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<alert xmlns="{namespace}">']
    lines += _lines(_alert_parts(alert), 1)
    lines += [*alert.signatures, "</alert>", ""]
    try:
        return "\n".join(lines).encode()
    except UnicodeEncodeError as error:
        raise bad("document", "a lone surrogate", "text that UTF-8 can carry") from error


def _info(of: _Reader) -> Info:
    return Info(
        categories=of.texts("category"),
        event=of.must("event"),
        urgency=of.must("urgency"),
        severity=of.must("severity"),
        certainty=of.must("certainty"),
        language=of.stripped("language") or "en-US",
        response_types=of.texts("responseType"),
        audience=of.text("audience"),
        event_codes=of.named("eventCode"),
        effective=of.moment("effective"),
        onset=of.moment("onset"),
        expires=of.moment("expires"),
        sender_name=of.text("senderName"),
        headline=of.text("headline"),
        description=of.text("description"),
        instruction=of.text("instruction"),
        web=of.stripped("web"),
        contact=of.text("contact"),
        parameters=of.named("parameter"),
        resources=tuple(_resource(below) for below in of.below("resource")),
        areas=tuple(_area(below) for below in of.below("area")),
    )


def _resource(of: _Reader) -> Resource:
    size = of.stripped("size")
    return Resource(
        resource_desc=of.must("resourceDesc"),
        mime_type=of.must("mimeType"),
        size_bytes=None if size is None else int(size),
        uri=of.stripped("uri"),
        deref_uri=of.text("derefUri"),
        digest=of.text("digest"),
    )


def _area(of: _Reader) -> Area:
    circles = (cap_tables.circle(text) for text in of.texts("circle"))
    return Area(
        area_desc=of.must("areaDesc"),
        polygons=tuple(cap_tables.polygon(text) for text in of.texts("polygon")),
        circles=tuple(found for found in circles if found),
        geocodes=of.named("geocode"),
        altitude_ft=of.decimal("altitude"),
        ceiling_ft=of.decimal("ceiling"),
    )


def _verbatim(node: ElementTree.Element) -> str:
    text: str = ElementTree.tostring(node, encoding="unicode")
    return text[: len(text) - len(node.tail or "")] if node.tail else text


_Part = tuple[str, "str | list[_Part] | None"]


def _alert_parts(alert: Alert) -> list[_Part]:
    return [
        ("identifier", alert.identifier),
        ("sender", alert.sender),
        ("sent", _time(alert.sent)),
        ("status", alert.status),
        ("msgType", alert.msg_type),
        ("source", alert.source),
        ("scope", alert.scope),
        ("restriction", alert.restriction),
        ("addresses", alert.addresses),
        *(("code", code) for code in alert.codes),
        ("note", alert.note),
        ("references", " ".join(_reference(one) for one in alert.references) or None),
        ("incidents", alert.incidents),
        *(("info", _info_parts(info)) for info in alert.infos),
    ]


def _info_parts(info: Info) -> list[_Part]:
    return [
        ("language", info.language),
        *(("category", category) for category in info.categories),
        ("event", info.event),
        *(("responseType", response) for response in info.response_types),
        ("urgency", info.urgency),
        ("severity", info.severity),
        ("certainty", info.certainty),
        ("audience", info.audience),
        *_named_parts("eventCode", info.event_codes),
        ("effective", _time(info.effective)),
        ("onset", _time(info.onset)),
        ("expires", _time(info.expires)),
        ("senderName", info.sender_name),
        ("headline", info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
        ("web", info.web),
        ("contact", info.contact),
        *_named_parts("parameter", info.parameters),
        *(("resource", _resource_parts(resource)) for resource in info.resources),
        *(("area", _area_parts(area)) for area in info.areas),
    ]


def _resource_parts(resource: Resource) -> list[_Part]:
    size = resource.size_bytes
    return [
        ("resourceDesc", resource.resource_desc),
        ("mimeType", resource.mime_type),
        ("size", None if size is None else str(size)),
        ("uri", resource.uri),
        ("derefUri", resource.deref_uri),
        ("digest", resource.digest),
    ]


def _area_parts(area: Area) -> list[_Part]:
    return [
        ("areaDesc", area.area_desc),
        *(("polygon", " ".join(_pair(one) for one in ring)) for ring in area.polygons),
        *(("circle", f"{_pair(one.centre)} {one.radius_km:f}") for one in area.circles),
        *_named_parts("geocode", area.geocodes),
        ("altitude", None if area.altitude_ft is None else f"{area.altitude_ft:f}"),
        ("ceiling", None if area.ceiling_ft is None else f"{area.ceiling_ft:f}"),
    ]


def _named_parts(name: str, values: tuple[NamedValue, ...]) -> Iterator[_Part]:
    for one in values:
        yield (name, [("valueName", one.name), ("value", one.value)])


def _pair(of: Pair) -> str:
    return f"{of[0]:f},{of[1]:f}"


def _reference(of: Reference) -> str:
    return f"{of.sender},{of.identifier},{_time(of.sent)}"


def _time(at: datetime | None) -> str | None:
    """The time as CAP writes it: whole seconds, UTC as -00:00 (section 3.3.2)."""
    if at is None:
        return None
    offset = at.utcoffset()
    if offset is None or at.microsecond or offset % timedelta(minutes=1):
        raise bad("time", at.isoformat(), "whole seconds and a zone of whole minutes")
    sign = "-" if offset <= timedelta(0) else "+"
    minutes = abs(offset) // timedelta(minutes=1)
    return f"{at.replace(tzinfo=None).isoformat()}{sign}{minutes // 60:02}:{minutes % 60:02}"


def _lines(parts: list[_Part], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for name, held in parts:
        if isinstance(held, list):
            yield f"{indent}<{name}>"
            yield from _lines(held, depth + 1)
            yield f"{indent}</{name}>"
        elif held is not None:
            # a bare carriage return would come back as a line feed
            yield f"{indent}<{name}>{escape(held, {chr(13): '&#13;'})}</{name}>"
