"""Which area of the register a warning is about, by the codes and names that its issuer gave."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from bihuan.journal.storage import MAIN
from bihuan.register.models import Area
from bihuan.register.warnings.entries import WarningArea, WarningInfo

CODE_LENGTH = 12  # GB/T 10114: county 6, town 9, village 12 digits; shorter ones are padded
_APART = re.compile(r"[、，,;；/\s]+")


def area_of(infos: list[WarningInfo]) -> int | None:
    """The lowest area that holds every place named; None where the county has no area yet.

    A place that the register does not know counts as the whole county: who is warned too widely
    decides, who is left out cannot.
    """
    areas = {a.id: a for a in Area.objects.using(MAIN).filter(until_us=None)}
    roots = sorted(area.id for area in areas.values() if area.parent_id is None)
    if not roots:
        return None
    known = _Known(areas.values())
    paths: list[list[str]] = []
    for place in (place for info in infos for place in info.areas):
        found = known.meant(place)
        if not found:
            return roots[0]
        paths += [[part for part in one.path.split(".") if part] for one in found]
    common = [parts[0] for parts in zip(*paths, strict=False) if len(set(parts)) == 1]
    return int(common[-1]) if common else roots[0]


class _Known:
    """The areas of the county by code and by name; two villages may share a name."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self._code, self._name = (
            defaultdict[str, list[Area]](list),
            defaultdict[str, list[Area]](list),
        )
        for area in areas:
            self._code[_padded(area.code)].append(area)
            self._name[area.name].append(area)

    def meant(self, place: WarningArea) -> list[Area]:
        """Every area meant; none where a part of the place is not known here.

        A code of another scheme says nothing: a scheme counts from the first of its codes that is
        known, and then each of them has to be.
        """
        schemes: dict[str, list[list[Area]]] = {}
        for scheme, code in place.codes:
            schemes.setdefault(scheme, []).append(self._code.get(_padded(code), []))
        ours = [one for found in schemes.values() if any(found) for one in found]
        named = [self._name.get(one, []) for one in _APART.split(place.description.strip())]
        found = ours or named
        return [area for one in found for area in one] if all(found) else []


def _padded(code: str) -> str:
    return code.strip().ljust(CODE_LENGTH, "0")
