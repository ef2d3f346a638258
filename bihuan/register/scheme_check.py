"""Whether a scheme can be run: every fault with file and key, before any process starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import time
from typing import Final, get_args

from bihuan.base.errors import Fault
from bihuan.register.holders import NEAR
from bihuan.register.scheme import (
    Field,
    FieldKind,
    PartyKind,
    RecordAct,
    RecordType,
    Relation,
    ReleaseReason,
    Routine,
    Scheme,
    SubjectType,
    Words,
)

RESERVED: Final = frozenset(
    (
        *("id", "number", "state", "area_id", "subject_id", "subject", "same_subject"),
        *("opened_us", "changed_us"),
    )
)
SAME_SUBJECT: Final = "same_subject"
NOT_INDEXED: Final = ("long_text", "photo", "place")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_NUMBERS = ("integer", "decimal")
_Type = SubjectType | RecordType


def faults_of(scheme: Scheme, signals: set[str], roles: set[str]) -> list[Fault]:
    """Every fault of a scheme; [] = it can be run."""
    return [
        Fault(f"{scheme.scenario}/scenario.py: scheme.{key}", got, want)
        for key, got, want in _Check(scheme, signals, roles).all()
    ]


_Found = Iterator[tuple[str, str, str]]


class _Check:
    def __init__(self, scheme: Scheme, signals: set[str], roles: set[str]) -> None:
        self._scheme, self._signals, self._roles = scheme, signals, roles | set(NEAR)
        self._subjects = {t.name: t for t in scheme.subjects}
        self._records = {t.name: t for t in scheme.records}

    def all(self) -> _Found:
        types: list[_Type] = [*self._scheme.subjects, *self._scheme.records]
        yield from _twice("types", [t.name for t in types])
        yield from _twice("records.number", [t.number for t in self._scheme.records])
        yield from _twice("routines", [r.name for r in self._scheme.routines])
        for declared in self._scheme.subjects:
            yield from self._subject(declared)
        for record in self._scheme.records:
            yield from self._record(record)
        for routine in self._scheme.routines:
            yield from self._routine(routine)
        for name, roles in (self._scheme.editors or {}).items():
            if name not in self._subjects and name not in self._records:
                yield f"editors.{name}", name, "a type of this scheme"
            yield from self._known_roles(f"editors.{name}", roles)

    def _subject(self, declared: SubjectType) -> _Found:
        key = f"subjects.{declared.name}"
        if declared.party is not None and declared.party not in get_args(PartyKind):
            yield f"{key}.party", declared.party, " | ".join(get_args(PartyKind))
        yield from self._type(key, declared, has_subject=True)

    def _record(self, declared: RecordType) -> _Found:
        key = f"records.{declared.name}"
        if declared.subject is not None and declared.subject not in self._subjects:
            yield f"{key}.subject", declared.subject, "a subject type of this scheme"
        yield from _number(f"{key}.number", declared.number)
        if declared.keep_days is not None and declared.keep_days < 1:
            yield f"{key}.keep_days", str(declared.keep_days), "at least 1, or None"
        if not declared.states:
            yield f"{key}.states", "none", "at least one"
        yield from self._bound(key, declared)
        own = {field.name for field in declared.fields}
        for act in declared.acts if declared.is_immutable else ():
            for field in act.fields:
                if field.name in own:
                    yield f"{key}.acts.{act.name}", field.name, "no own field: is_immutable"
        yield from self._type(key, declared, has_subject=declared.subject is not None)

    def _bound(self, key: str, declared: RecordType) -> _Found:
        """What a record binds, and what its acts release again."""
        kinds = {field.name: field.kind for field in declared.fields if not field.is_sealed}
        required = {field.name for field in declared.fields if field.is_required}
        is_bound = declared.binds is not None
        if is_bound and (kinds.get(declared.binds or "") != "text" or declared.subject is None):
            yield f"{key}.binds", str(declared.binds), "a text field of a record of a subject"
        if is_bound and declared.binds not in required:
            yield f"{key}.binds", str(declared.binds), "a field that is required"
        if declared.handed is not None and kinds.get(declared.handed) != "time":
            yield f"{key}.handed", declared.handed, "a time field"
        for act in declared.acts:
            said = {field.name: field for field in act.fields if field.is_required}
            why = said.get(act.releases or "")
            if act.releases is None:
                continue
            if not is_bound or why is None or why.kind != "choice" or why.is_sealed:
                want = "a required choice of the act, in a type that binds"
                yield f"{key}.acts.{act.name}.releases", act.releases, want
            elif wrong := {value for value, _words in why.choices} - set(get_args(ReleaseReason)):
                want = " | ".join(get_args(ReleaseReason))
                yield f"{key}.acts.{act.name}.releases", " ".join(sorted(wrong)), want

    def _type(self, key: str, declared: _Type, *, has_subject: bool) -> _Found:
        yield from _named(key, declared.name, declared.title)
        yield from self._fields(f"{key}.fields", declared.fields)
        shown = [field.name for field in declared.fields]
        shown += [part.name for part in declared.computed]
        yield from _twice(f"{key} names", shown + [part.name for part in declared.relations])
        for part in declared.computed:
            yield from _named(f"{key}.computed.{part.name}", part.name, part.title)
            if part.kind not in get_args(FieldKind):
                yield f"{key}.computed.{part.name}.kind", part.kind, "a kind of field"
        for relation in declared.relations:
            yield from self._relation(key, declared, relation)
        yield from self._states(key, declared)
        for act in declared.acts:
            yield from self._act(f"{key}.acts.{act.name}", declared, act)
            yield from self._raised(f"{key}.acts.{act.name}", act.raises, has_subject)
            yield from self._raised(f"{key}.acts.{act.name}", act.uncalled, has_subject)
            if (act.calls is None) != (act.uncalled is None):
                yield f"{key}.acts.{act.name}.uncalled", str(act.uncalled), "with `calls`, and only"
            if act.one_tap and (act.fields or act.second):
                got = "fields or a second person"
                yield f"{key}.acts.{act.name}.one_tap", got, "an act that asks for nothing"
        for duty in declared.duties:
            yield from _named(f"{key}.duties.{duty.name}", duty.name, duty.title)
            yield from self._known_roles(f"{key}.duties.{duty.name}.roles", duty.roles)
            yield from self._raised(f"{key}.duties.{duty.name}", duty.raises, has_subject)

    def _fields(self, key: str, fields: Sequence[Field]) -> _Found:
        yield from _twice(key, [field.name for field in fields])
        for field in fields:
            at = f"{key}.{field.name}"
            yield from _named(at, field.name, field.title)
            if field.name in RESERVED:
                yield at, field.name, "a name that the register does not use itself"
            yield from _field(at, field)
            targets = set(self._subjects if field.kind == "subject" else self._records)
            if field.kind in ("subject", "record") and field.of not in targets:
                yield f"{at}.of", str(field.of), f"a {field.kind} type of this scheme"

    def _relation(self, key: str, declared: _Type, relation: Relation) -> _Found:
        at = f"{key}.relations.{relation.name}"
        yield from _named(at, relation.name, relation.title)
        target = self._records.get(relation.to)
        if target is None:
            yield f"{at}.to", relation.to, "a record type of this scheme"
            return
        if relation.by == "subject":
            if target.subject != declared.name:
                yield f"{at}.by", f"records of {target.subject}", f"records of {declared.name}"
            return
        if relation.by == SAME_SUBJECT:
            owner = getattr(declared, "subject", None)
            if owner is None or target.subject != owner:
                yield f"{at}.by", f"records of {target.subject}", f"records of {owner}"
            return
        pointing = {f.name for f in target.fields if f.of == declared.name}
        if relation.by not in pointing:
            want = f"a field of {relation.to} of {declared.name}"
            yield f"{at}.by", relation.by, want

    def _states(self, key: str, declared: _Type) -> _Found:
        names = [name for name, _words in declared.states]
        yield from _twice(f"{key}.states", names)
        for name, words in declared.states:
            yield from _named(f"{key}.states.{name}", name, words)
        reached = set(names[:1])
        while True:
            more = {
                act.to
                for act in declared.acts
                if act.to in names and reached & set(act.from_states) and act.to not in reached
            }
            if not more:
                break
            reached |= {to for to in more if to is not None}
        for name in names:
            if name not in reached:
                yield f"{key}.states.{name}", "unreachable", "an act that leads there"

    def _act(self, at: str, declared: _Type, act: RecordAct) -> _Found:
        states = {name for name, _words in declared.states}
        yield from _named(at, act.name, act.title)
        yield from self._fields(f"{at}.fields", act.fields)
        wanted = set(act.from_states) | ({act.to} if act.to is not None else set())
        for state in sorted(wanted - states):
            yield at, state, "a state of the type"
        if not act.from_states:
            yield f"{at}.from_states", "none", "at least one"
        yield from self._known_roles(f"{at}.roles", act.roles)
        if act.second:
            yield from self._known_roles(f"{at}.second", act.second)
        others = {other.name for other in declared.acts} | {"register"}
        for other in set(act.not_by) - others:
            yield f"{at}.not_by", other, "an act of the type, or register"
        own = {field.name: field for field in declared.fields}
        for field in act.fields:
            mine = own.get(field.name)
            if mine is not None and _shape(mine) != _shape(field):
                yield f"{at}.fields.{field.name}", str(_shape(field)), str(_shape(mine))

    def _routine(self, routine: Routine) -> _Found:
        key = f"routines.{routine.name}"
        yield from _named(key, routine.name, routine.title)
        if routine.subject not in self._subjects:
            yield f"{key}.subject", routine.subject, "a subject type of this scheme"
        target = self._records.get(routine.record)
        if target is None or target.subject != routine.subject:
            yield f"{key}.record", routine.record, f"a record type of {routine.subject}"
        try:
            time.fromisoformat(routine.by)
        except ValueError:
            yield f"{key}.by", routine.by, "a time of day such as 18:00"
        yield from self._known_roles(f"{key}.roles", routine.roles)
        yield from self._raised(key, routine.raises, has_subject=True)

    def _known_roles(self, key: str, roles: Sequence[str]) -> _Found:
        if not roles:
            yield key, "nobody", "at least one role"
        for role in roles:
            if role not in self._roles:
                yield key, role, "a role of the scenario"

    def _raised(self, key: str, kind: str | None, has_subject: bool) -> _Found:
        if kind is not None and kind not in self._signals:
            yield f"{key}.raises", kind, "a signal of the scenario"
        if kind is not None and not has_subject:
            yield f"{key}.raises", kind, "a type that belongs to a subject: a case is about one"


def _shape(field: Field) -> tuple[str, str | None, str | None, bool]:
    return field.kind, field.unit, field.of, field.is_sealed


def _field(at: str, field: Field) -> _Found:
    if field.kind not in get_args(FieldKind):
        yield f"{at}.kind", field.kind, " | ".join(get_args(FieldKind))
    if field.is_sealed and field.is_indexed:
        yield at, "sealed and indexed", "one of them: what is indexed can be read"
    if field.is_indexed and field.kind in NOT_INDEXED:
        yield f"{at}.is_indexed", field.kind, "a kind that can be looked up"
    if (field.kind in ("choice", "choices")) != bool(field.choices):
        yield f"{at}.choices", str(len(field.choices)), "choices for a choice, and only there"
    for name, words in field.choices:
        yield from _worded(f"{at}.choices.{name}", words)
    if field.kind == "party" and field.of is not None and field.of not in get_args(PartyKind):
        yield f"{at}.of", field.of, " | ".join(get_args(PartyKind))
    yield from _bounds(at, field)


def _bounds(at: str, field: Field) -> _Found:
    is_number = field.kind in _NUMBERS
    bounds = (field.at_least, field.at_most)
    if not is_number and (field.unit is not None or any(b is not None for b in bounds)):
        yield at, "a unit or bounds", "none of them: it is no number"
    low, high = bounds
    if low is not None and high is not None and low > high:
        yield f"{at}.at_most", str(high), f"at least {low}"
    if field.pattern is None:
        return
    if field.kind != "text" or field.want is None:
        yield f"{at}.pattern", field.kind, "a text, and words in `want` that say the pattern"
    try:
        re.compile(field.pattern)
    except re.error as error:
        yield f"{at}.pattern", str(error), "a regular expression"


def _number(key: str, pattern: str) -> _Found:
    try:
        first, second, later = (
            pattern.format(year=year, n=n) for year, n in ((2026, 1), (2026, 2), (2027, 1))
        )
    except (KeyError, IndexError, ValueError):
        yield key, pattern, "a pattern such as LY-{year}-{n:05}"
        return
    if len({first, second, later}) < 3 or len(first) > 24:
        yield key, pattern, "a pattern with {year} and {n}, at most 24 characters"


def _named(key: str, name: str, words: Words) -> _Found:
    if not _NAME.fullmatch(name):
        yield key, name, "a name of small letters, digits and _, at most 32"
    yield from _worded(key, words)


def _worded(key: str, words: Words) -> _Found:
    if len(words) != 2 or not all(isinstance(w, str) and w.strip() for w in words):
        yield f"{key}.title", str(words), "words in zh and en"


def _twice(key: str, names: Sequence[str]) -> _Found:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield key, f"{name} twice", "each once"
