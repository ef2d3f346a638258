"""Acts with a key: sent again, the same act by the same person gives the same id, and does nothing.

    AreaActs(clock, by).keyed(key).register(new)

The key stands in the journal beside the act's first entry, so it holds for good: after the end of
a process, in a rebuilt county, whatever answer was kept elsewhere.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, Self, TypeVar, cast

import msgspec

from bihuan.base.ids import row_id
from bihuan.base.time import Clock
from bihuan.journal.append import Appender, DoneBeforeError
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.payloads import Payload, decode
from bihuan.journal.storage import MAIN
from bihuan.register.entries import Actor

P = ParamSpec("P")
R = TypeVar("R", int, None)
A = TypeVar("A", bound="KeyedActs")
IDEM_BYTES = 16
_gives_id: dict[str, bool] = {}  # every act that can be sent again, `Class.act`


class KeyedActs:
    """A set of acts of one person; `keyed` gives the same acts under a key of the sender."""

    def __init__(self, clock: Clock, by: Actor | None = None) -> None:
        self._clock, self._by = clock, by
        self._key = self._act = ""

    def keyed(self, key: str) -> Self:
        """The same acts, each done once for this key; "" = each call is an act of its own."""
        other = copy.copy(self)
        other._key = key
        return other

    def _lane(self) -> Appender:
        """The transaction of the act at hand, whose first entry carries the key."""
        if not self._key:
            return Appender(FACTS_LANE, self._clock)
        who = self._by.person_id if self._by is not None else None
        idem = _idem(f"{type(self).__name__}.{self._act}", who, self._key)
        return Appender(FACTS_LANE, self._clock, idem)


def once(act: Callable[Concatenate[A, P], R]) -> Callable[Concatenate[A, P], R]:
    """An act of `KeyedActs` that is answered again where its key was used for it before.

    It returns the id of its first entry, or None, as it is declared to.
    """
    gives_id = act.__annotations__["return"] == "int"
    _gives_id[act.__qualname__] = gives_id

    @wraps(act)
    def done(self: A, *args: P.args, **kwargs: P.kwargs) -> R:
        doing = copy.copy(self)
        doing._act = act.__name__
        try:
            return act(doing, *args, **kwargs)
        except DoneBeforeError as error:
            return cast("R", row_id(error.position) if gives_id else None)

    return cast("Callable[Concatenate[A, P], R]", done)


@dataclass(frozen=True, slots=True)
class DoneBefore:
    """What an act was answered with that is not offered any more. answer: an id, or None."""

    answer: int | None


def done_before(person_id: int, key: str, about: Collection[int]) -> DoneBefore | None:
    """Whether this person did an act under this key whose entry names one of these things.

    For acts that end what they were offered for (two parties merged into one): sent again, they
    are answered again, however long ago that was. None where there was no such act.
    """
    wanted = {_idem(act, person_id, key): gives_id for act, gives_id in _gives_id.items()}
    rows = Entry.objects.using(MAIN).filter(lane=FACTS_LANE, idem__in=list(wanted))
    row = rows.order_by("-position").first() if key else None
    if row is None or row.body is None or row.idem is None:
        return None
    payload = decode(row.type, bytes(row.body))
    if set(about).isdisjoint(_numbers(payload)):
        return None  # a key that was used for something else
    return DoneBefore(row_id(row.position) if wanted[bytes(row.idem)] else None)


def _numbers(payload: Payload) -> set[int]:
    """Whole numbers that an entry names, alone or in a list: the ids of things are among them."""
    found: set[int] = set()
    for held in msgspec.structs.asdict(payload).values():
        found |= {one for one in (held if isinstance(held, list) else [held]) if type(one) is int}
    return found


def _idem(act: str, person_id: int | None, key: str) -> bytes:
    return hashlib.sha256(f"{act}:{person_id}:{key}".encode()).digest()[:IDEM_BYTES]
