"""The schemes that are installed: every typed subject and record, by scenario and name."""

from __future__ import annotations

from collections.abc import Collection

from bihuan.base.errors import BadInputError, bad
from bihuan.register.scheme import RecordType, Routine, Scheme, SubjectType
from bihuan.register.scheme_check import faults_of

_schemes: dict[str, Scheme] = {}
_signals: dict[str, frozenset[str]] = {}
_subjects: dict[tuple[str, str], SubjectType] = {}
_records: dict[tuple[str, str], RecordType] = {}
_routines: dict[tuple[str, str], Routine] = {}


def install(scheme: Scheme, signals: Collection[str] = (), roles: Collection[str] = ()) -> None:
    """Make a scheme known; the same one a second time changes nothing.

    signals, roles  what its scenario declares. Raises BadInputError with every fault, each naming
    the scenario's file and the key.
    """
    known = _schemes.get(scheme.scenario)
    if known is scheme:
        return
    if known is not None:
        raise bad(f"{scheme.scenario}/scenario.py: scheme", "a second one", "one for a scenario")
    faults = faults_of(scheme, set(signals), set(roles))
    if faults:
        raise BadInputError(*faults)
    _schemes[scheme.scenario] = scheme
    _signals[scheme.scenario] = frozenset(signals)
    _subjects.update({(scheme.scenario, t.name): t for t in scheme.subjects})
    _records.update({(scheme.scenario, t.name): t for t in scheme.records})
    _routines.update({(scheme.scenario, r.name): r for r in scheme.routines})


def forget(scenario: str) -> None:
    """Take a scheme out again: tests install many."""
    _schemes.pop(scenario, None)
    _signals.pop(scenario, None)
    for key in [key for key in _subjects if key[0] == scenario]:
        del _subjects[key]
    for key in [key for key in _records if key[0] == scenario]:
        del _records[key]
    for key in [key for key in _routines if key[0] == scenario]:
        del _routines[key]


def installed() -> dict[str, Scheme]:
    """Every installed scheme by its scenario's name."""
    return dict(_schemes)


def subject_type(scenario: str, name: str) -> SubjectType | None:
    """A declared subject type; None for subjects of a scenario without a scheme."""
    return _subjects.get((scenario, name))


def record_type(scenario: str, name: str) -> RecordType | None:
    """A declared record type."""
    return _records.get((scenario, name))


def routine(scenario: str, name: str) -> Routine | None:
    """A declared routine."""
    return _routines.get((scenario, name))


def routines_of(scenario: str, subject: str) -> list[Routine]:
    """What subjects of a type owe."""
    return [r for (name, _), r in _routines.items() if name == scenario and r.subject == subject]


def signals_of(scenario: str) -> frozenset[str]:
    """The signals that a scenario's rows may send."""
    return _signals.get(scenario, frozenset())


def editors_of(scenario: str, name: str) -> tuple[str, ...]:
    """Roles that may register and edit rows of a type."""
    scheme = _schemes.get(scenario)
    return tuple((scheme.editors or {}).get(name, ())) if scheme is not None else ()
