"""Panels, sheets, overviews and notices of a scenario, checked when it is installed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, NamedTuple, get_args

from bihuan.base.errors import BadInputError, Fault
from bihuan.loop.shows import Notice, On, Overview, Panel, Sheet
from bihuan.register.entries import Level
from bihuan.register.holders import NEAR
from bihuan.register.scheme import Scheme

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,47}")
AT: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
TEMPLATE: Final = re.compile(r"[a-z][a-z0-9_]*\.html")
EVERY_LEVEL: Final = "*"
PERIODS: Final = (None, "day", "week", "month")


class Declared(NamedTuple):
    """What a scenario's folder declares that these things may name."""

    name: str
    scheme: Scheme | None
    roles: Collection[str]
    cases: Collection[str]


class Shows(NamedTuple):
    """What it shows and sends."""

    panels: Sequence[Panel]
    sheets: Sequence[Sheet]
    overviews: Sequence[Overview]
    notices: Sequence[Notice]


def check(declared: Declared, shows: Shows) -> None:
    """Raise BadInputError with every fault, each naming the scenario's file and the key."""
    faults = list(_faults(declared, shows))
    if faults:
        raise BadInputError(*faults)


def _faults(declared: Declared, shows: Shows) -> Iterator[Fault]:
    for sort, every in shows._asdict().items():
        names = [getattr(one, "name", f"{n}") for n, one in enumerate(every)]
        for n, (name, one) in enumerate(zip(names, every, strict=True)):
            place = f"{declared.name}/scenario.py: {sort}.{name}"
            if not NAME.fullmatch(name) and hasattr(one, "name"):
                yield Fault(place, name, "small letters, digits and _")
            if name in names[:n]:
                yield Fault(place, name, "each name once")
            yield from _one(place, one, declared)


def _one(place: str, one: Any, declared: Declared) -> Iterator[Fault]:
    if len(one.title) != 2 or not all(str(word).strip() for word in one.title):
        yield Fault(f"{place}.title", str(one.title), "a word in zh and one in en")
    if hasattr(one, "template") and not TEMPLATE.fullmatch(one.template):
        yield Fault(f"{place}.template", one.template, "a file of the folder, such as panel.html")
    for role in getattr(one, "roles", ()):
        if role not in declared.roles:
            yield Fault(f"{place}.roles", role, " | ".join(sorted(declared.roles)))
    if isinstance(one, Panel | Sheet):
        yield from _on(place, one, declared)
    if isinstance(one, Sheet) and one.per not in PERIODS:
        yield Fault(f"{place}.per", str(one.per), "day | week | month | None")
    if isinstance(one, Notice):
        yield from _notice(place, one, declared)


def _on(place: str, one: Panel | Sheet, declared: Declared) -> Iterator[Fault]:
    if one.on not in get_args(On) or (one.on == "near" and isinstance(one, Sheet)):
        yield Fault(f"{place}.on", str(one.on), " | ".join(get_args(On)))
        return
    kinds = _kinds(one.on, declared)
    if one.kind not in kinds:
        yield Fault(f"{place}.kind", one.kind, " | ".join(sorted(kinds)) or f"no {one.on} here")


def _kinds(on: On, declared: Declared) -> set[str]:
    scheme = declared.scheme
    if on == "case":
        return set(declared.cases)
    if on == "area":
        return {EVERY_LEVEL, *get_args(Level)}
    if scheme is None:
        return set()
    types = scheme.records if on == "record" else scheme.subjects
    return {one.name for one in types}


def _notice(place: str, one: Notice, declared: Declared) -> Iterator[Fault]:
    if not AT.fullmatch(one.at):
        yield Fault(f"{place}.at", one.at, "a local time such as 08:00")
    if one.subject not in _kinds("subject", declared):
        wanted = " | ".join(sorted(_kinds("subject", declared)))
        yield Fault(f"{place}.subject", one.subject, wanted or "a declared subject type")
    if one.to not in {*declared.roles, *NEAR}:
        yield Fault(f"{place}.to", one.to, " | ".join(sorted({*declared.roles, *NEAR})))
