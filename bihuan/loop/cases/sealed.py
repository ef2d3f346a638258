"""Who reported a sealed case: under which ids, and which lines of the case would tell it.

One answer for the case page, its history, calls, drafts, messages, scenarios' own functions, the
audit and the API. What somebody does as an official stays under their name, even if the same
person reported: else the gap would say who it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.register.rights import known_as

ORIGIN: Final = "origin"
# roles under which an origin acts; "" where a row keeps no role
AS_ORIGIN: Final = frozenset({ORIGIN, "family", "", None})
NOBODY: Final[frozenset[int]] = frozenset()


def hidden_in(case: Case) -> frozenset[int]:
    """Every id of who reported a sealed case; of a case that is not sealed nobody's."""
    if not case.is_sealed or case.origin_id is None:
        return NOBODY
    return known_as(case.origin_id)


def hidden_of(case_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """The same of those among many cases that are sealed; two queries where none is."""
    sealed = Case.objects.using(MAIN).filter(id__in=list(case_ids), is_sealed=True)
    return {case.id: hidden_in(case) for case in sealed}


def is_hidden(hidden: Collection[int], person_id: int | None, role: str | None = "") -> bool:
    """Whether a line with this person in this role would tell who reported."""
    return person_id in hidden and role in AS_ORIGIN
