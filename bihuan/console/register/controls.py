"""A form from declared fields, and back: what was typed becomes values, references are looked up.

A field that points to something takes its number or code, or a name that one thing alone has;
where several have it the form comes back with these to choose from. Times are typed in China's
time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import CHINA, datetime_of
from bihuan.console.home import keys
from bihuan.console.register import wording
from bihuan.console.register.choosing import candidates
from bihuan.console.register.fault_words import in_words, want_of
from bihuan.console.register.reach import Reach, inside, log_rows
from bihuan.console.register.scenario_words import said_by
from bihuan.console.register.sheet import Control
from bihuan.journal.storage import MAIN
from bihuan.loop import proofs
from bihuan.register.models import Area
from bihuan.register.records.values import from_text
from bihuan.register.scheme import Field

PREFIX: Final = "v."
MOST_AREAS: Final = 400
POINTS: Final = ("party", "subject", "record")
WIDGETS: Final = {
    "text": "text",
    "long_text": "long",
    "integer": "text",
    "decimal": "text",
    "yes_no": "radio",
    "date": "date",
    "time": "datetime-local",
    "choice": "select",
    "choices": "checks",
    "area": "select",
    "party": "text",
    "subject": "text",
    "record": "text",
    "place": "text",
    "photo": "file",
}
YES_NO: Final = (("yes", ("是", "Yes")), ("no", ("否", "No")))
HINTS: Final = {
    "party": ("姓名、名称或编号", "Name or number"),
    "subject": ("姓名、名称或编号", "Name or number"),
    "record": ("台账编号", "Number of the record"),
    "place": ("纬度,经度", "latitude,longitude"),
    "photo": ("JPEG、PNG、WebP，10 MB 以内", "JPEG, PNG or WebP, 10 MB at most"),
}
PICKED: Final = "several"


def controls(
    reach: Reach, fields: Iterable[Field], held: Mapping[str, Any] | None = None
) -> list[Control]:
    """A control for each field. held: the values that stand now."""
    return [control(reach, one, (held or {}).get(one.name)) for one in fields]


def control(reach: Reach, one: Field, value: Any = None) -> Control:
    """The control of one field."""
    made = Control(one, PREFIX + one.name, wording.word(one.title), WIDGETS[one.kind])
    made.unit = wording.unit(one.unit)
    made.value = typed(one, value)
    made.hint = wording.word(HINTS[one.kind]) if one.kind in HINTS else ""
    if one.want is not None:
        made.hint = wording.word(one.want)
    made.attributes = _attributes(one)
    options = one.choices if one.kind in ("choice", "choices") else ()
    if one.kind == "yes_no":
        options = YES_NO
    chosen = set(value) if isinstance(value, list) else {made.value}
    made.choices = [(code, wording.word(title), code in chosen) for code, title in options]
    if one.kind == "area":
        made.choices = [(str(i), n, str(i) == made.value) for i, n in area_choices(reach)]
    return made


def typed(one: Field, value: Any) -> str:
    """A value as it stands in its control."""
    if value is None:
        return ""
    if one.kind == "time" and isinstance(value, int):
        return f"{datetime_of(value).astimezone(CHINA):%Y-%m-%dT%H:%M}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def values_of(
    request: HttpRequest, reach: Reach, scenario: str, fields: Iterable[Field], key_id: int | None
) -> dict[str, Any]:
    """What a form says of these fields, for `checked` to judge.

    key_id  under whose key a photo is kept, None where the form has none. Raises BadInputError
    with every reference that is not one thing.
    """
    said: dict[str, Any] = {}
    faults = []
    for one in fields:
        if one.kind == "photo":
            said |= _photo(request, one, key_id)
            continue
        text = request.POST.get(PREFIX + one.name, "")
        if one.kind == "choices":
            said[one.name] = request.POST.getlist(PREFIX + one.name)
        elif one.kind == "time":
            said[one.name] = _moment(text)
        else:
            said[one.name] = from_text(one, text)
        if one.kind in POINTS and isinstance(said[one.name], str):
            found = _meant(reach, scenario, one, text.strip())
            if len(found) != 1:
                faults.append(Fault(one.name, text, _choose(found)))
            said[one.name] = found[0][0] if found else None
    if faults:
        raise BadInputError(*faults)
    return said


def _meant(reach: Reach, scenario: str, one: Field, text: str) -> list[tuple[int, str]]:
    """What a reference may mean; several are told by name, which is a view of each."""
    found = candidates(reach, scenario, one, text)
    if len(found) > 1 and one.kind != "record":
        noun = "row" if one.kind == "subject" else "party"
        log_rows(reach, [(noun, identity, identity) for identity, _name in found], "choosing")
    return found


def refilled(
    made: Iterable[Control], request: HttpRequest, faults: Iterable[Fault], scenario: str = ""
) -> list[str]:
    """Put back what was typed and every fault beside its control; those of no control come back."""
    known = {one.field.name: one for one in made}
    for one in known.values():
        said = request.POST.getlist(one.name)
        one.value = said[0] if said else ""
        one.choices = [(code, title, code in said) for code, title, _on in one.choices]
    loose = []
    for fault in faults:
        found = known.get(fault.field.split(".")[0])
        if found is None:
            loose.append(in_words(fault, scenario))
        elif fault.want.startswith(PICKED):
            choices = json.loads(fault.want.removeprefix(PICKED))
            found.widget, found.choices = "select", [(str(i), n, False) for i, n in choices]
            found.fault = wording.word(("同名的不止一个，请选", "Several have this name: choose"))
        else:
            found.fault = want_of(said_by(fault, scenario), found.field)
    return loose


def area_choices(reach: Reach) -> list[tuple[int, str]]:
    """Areas in which this person may do something, each after the one in which it lies."""
    paths = [""] if reach.keeps_areas and reach.office else reach.areas()
    found = Area.objects.using(MAIN).filter(inside(paths), until_us=None).order_by("path")
    return [
        (area.id, "\u3000" * (area.path.count(".") - 1) + _name(area))
        for area in found[:MOST_AREAS]
    ]


def _name(area: Area) -> str:
    return wording.word((area.name, area.latin or area.name))


def _attributes(one: Field) -> dict[str, str]:
    found = {"required": "required"} if one.is_required and one.kind != "choices" else {}
    if one.kind in ("integer", "decimal"):
        found["inputmode"] = "numeric" if one.kind == "integer" else "decimal"
    if one.kind == "text":
        found["maxlength"] = "200"
    if one.kind == "photo":
        found |= {"accept": "image/jpeg,image/png,image/webp", "capture": "environment"}
    return found


def _moment(text: str) -> str | None:
    """A moment in China's time; what is none stays as it was typed."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=CHINA).isoformat() if text else None
    except ValueError:
        return text


def _choose(found: list[tuple[int, str]]) -> str:
    if not found:
        return wording.word(("没有找到，或您看不到", "Not found, or not for you to see"))
    return PICKED + json.dumps(found, ensure_ascii=False)


def _photo(request: HttpRequest, one: Field, key_id: int | None) -> dict[str, str]:
    photo = request.FILES.get(PREFIX + one.name)
    if photo is None or key_id is None:
        return {}
    digest, _kind = proofs.store(settings.BIHUAN_DATA / "proofs", key_id, photo.read(), keys())
    return {one.name: digest}
