"""Open311 GeoReport v2: services, requests posted, one request asked for; JSON and XML.

Source: GeoReport v2, wiki.open311.org. The standard lets anybody read; here a request is shown
to who sent it and to nobody else, because a description may name a person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from bihuan.base.errors import BadInputError, Fault, shown
from bihuan.base.ids import position_of
from bihuan.base.time import rfc3339
from bihuan.gateway.http.request import Answer, RefusedError, Request
from bihuan.gateway.http.signals import NewSignal, SignalStore
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.read import entries_upto
from bihuan.register.entries import SignalReceived

FORM: Final = "application/x-www-form-urlencoded"
StatusOf = Callable[[int], str]
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Service:
    """What can be asked for; code: the kind of the signal that it becomes."""

    code: str
    name: str
    description: str
    group: str
    keywords: str


# the words of the county's own systems (domain.md, B)
SERVICES: Final = {
    one.code: one
    for one in (
        Service("hazard", "隐患", "隐患线索 / a hazard that somebody saw", "安全", "隐患,安全"),
        Service("opinion", "居民意见", "小区意见 / a resident's opinion", "三方协同", "小区,物业"),
        Service("appeal", "企业诉求", "企业诉求 / a company's appeal", "一链通", "企业,诉求"),
        Service(
            "facility", "公共设施", "公共设施损坏 / something public is broken", "城市", "设施"
        ),
    )
}
_MOST: Final = {
    "address_string": 200, "address_id": 64, "description": 4_000, "email": 200,
    "device_id": 96, "account_id": 64, "first_name": 64, "last_name": 64, "phone": 32,
    "media_url": 480,
}  # fmt: skip
_POSITION: Final = {"lat": 90.0, "long": 180.0}
_OURS: Final = ("api_key", "jurisdiction_id", "service_code")
_ID: Final = re.compile(r"[1-9][0-9]{0,15}")


def services(request: Request) -> Answer:
    """The list of services, or `services/CODE`."""
    code, form = _form(request.path)
    if not code:
        return _answer([_service(one) for one in SERVICES.values()], "services", "service", form)
    if code not in SERVICES:
        raise RefusedError(404, Fault("service_code", shown(code, 40), _known()))
    return _answer([_service(SERVICES[code])], "services", "service", form)


class Requests:
    """Requests become signals; used by the worker's thread alone.

    status_of  says `open` or `closed` of a signal, by its lane-0 position
    """

    def __init__(self, signals: SignalStore, keys: KeyRing, status_of: StatusOf) -> None:
        self._signals, self._keys, self._status_of = signals, keys, status_of

    def post(self, request: Request) -> Answer:
        """Keep a request; 400 with every fault, as the standard has it."""
        _code, form = _form(request.path)
        fields = _fields(request.body)
        faults = _faults(fields)
        if faults:
            return _refusal(faults, form)
        detail = {k: v for k, v in fields.items() if k not in ("api_key", "jurisdiction_id")}
        new = NewSignal(fields["service_code"], None, None, None, {"open311": detail})
        kept = self._signals.keep(request, [new], _source(request))
        (identity,) = json.loads(kept.content)["signals"]
        told = {"service_request_id": str(identity), "service_notice": "", "account_id": ""}
        return _answer([told], "service_requests", "request", form, status=kept.status)

    def get(self, request: Request) -> Answer:
        """One request that this sender sent."""
        code, form = _form(request.path)
        at = position_of(int(code)) if _ID.fullmatch(code) else 0
        entry = next(entries_upto(FACTS_LANE, at - 1, at), None) if at else None
        payload = entry.payload if entry is not None and str(entry.id()) == code else None
        if entry is None or not isinstance(payload, SignalReceived):
            raise _nobody(code)
        if payload.source != _source(request):
            raise _nobody(code)
        sealed = self._keys.open(payload.detail)
        detail: Mapping[str, str] = json.loads(sealed)["open311"] if sealed else {}
        told = {
            "service_request_id": code,
            "status": self._status_of(entry.position),
            "service_name": SERVICES[payload.kind].name if payload.kind in SERVICES else "",
            "service_code": payload.kind,
            "description": detail.get("description", ""),
            "requested_datetime": rfc3339(entry.recorded_us),
            "address": detail.get("address_string", ""),
            "lat": detail.get("lat", ""),
            "long": detail.get("long", ""),
            "media_url": detail.get("media_url", ""),
        }
        return _answer([told], "service_requests", "request", form)


def api_key(body: bytes) -> str:
    """The key in the form of a request, where the standard puts it; empty where there is none."""
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=100)
    except (UnicodeDecodeError, ValueError):
        return ""
    return dict(pairs).get("api_key", "")


def _source(request: Request) -> str:
    return f"open311 {request.sender.id}"


def _nobody(code: str) -> RefusedError:
    """A request of somebody else is not told apart from none."""
    return RefusedError(404, Fault("service_request_id", shown(code, 40), "one that you sent"))


def _known() -> str:
    return "one of " + ", ".join(SERVICES)


def _form(path: str) -> tuple[str, str]:
    """(what is asked for, json or xml) of the end of a path."""
    name, dot, form = path.rpartition(".")
    if not dot or form not in ("json", "xml"):
        raise RefusedError(404, Fault("format", shown(form, 20), "json or xml"))
    return name, form


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
    except (UnicodeDecodeError, ValueError) as error:
        raise BadInputError(Fault("form", shown(error), "at most 100 fields in UTF-8")) from error
    return dict(pairs)


def _faults(fields: Mapping[str, str]) -> list[Fault]:
    faults = []
    if fields.get("service_code") not in SERVICES:
        faults.append(Fault("service_code", fields.get("service_code") or "nothing", _known()))
    for name, text in fields.items():
        most = _MOST.get(name)
        if most is None and name not in _OURS and name not in _POSITION:
            faults.append(Fault(shown(name, 40), "a field", "none that no service asks for"))
        elif most is not None and len(text) > most:
            faults.append(Fault(name, f"{len(text)} characters", f"at most {most}"))
    faults += [
        Fault(name, shown(fields[name], 40), f"a number from {-bound:g} to {bound:g}")
        for name, bound in _POSITION.items()
        if name in fields and not _is_within(fields[name], bound)
    ]
    has_place = {"lat", "long"} <= fields.keys() or any(
        fields.get(name) for name in ("address_string", "address_id")
    )
    if not has_place:
        faults.append(Fault("lat, long", "nothing", "a place, or address_string or address_id"))
    if fields.get("media_url") and not fields["media_url"].startswith("https://"):
        faults.append(Fault("media_url", shown(fields["media_url"], 60), "https://…"))
    return faults


def _is_within(text: str, bound: float) -> bool:
    try:
        return -bound <= float(text) <= bound
    except ValueError:
        return False


def _service(one: Service) -> Item:
    return {
        "service_code": one.code,
        "service_name": one.name,
        "description": one.description,
        "metadata": False,
        "type": "realtime",
        "keywords": one.keywords,
        "group": one.group,
    }


def _refusal(faults: list[Fault], form: str) -> Answer:
    told = [{"code": 400, "description": str(fault)} for fault in faults]
    return _answer(told, "errors", "error", form, status=400)


def _answer(items: list[Item], many: str, one: str, form: str, status: int = 200) -> Answer:
    if form == "json":
        return Answer(status, json.dumps(items, ensure_ascii=False).encode())
    root = ElementTree.Element(many)
    for item in items:
        node = ElementTree.SubElement(root, one)
        for name, found in item.items():
            text = str(found).lower() if isinstance(found, bool) else str(found)
            ElementTree.SubElement(node, name).text = text
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Answer(status, written, "text/xml; charset=utf-8")
