"""The book of one request: its rights, its language, and what was opened."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest

from bihuan.console.home import keys
from bihuan.console.register.reach import Reach
from bihuan.console.shown import is_english
from bihuan.console.visit import cases_of
from bihuan.loop.book.county import CountyBook
from bihuan.loop.book.seen import Seen, own_subjects
from bihuan.register.rights import FAMILY, granted


def seen_of(request: HttpRequest, reach: Reach, scenario: str) -> Seen:
    """What of a scenario a request shows; a key of another system is nobody's relative."""
    cases = cases_of(request).filter(scenario=scenario)
    near: frozenset[int] = frozenset()
    if reach.key is None and not reach.office:
        near = reach.rights.family if "see" in granted(scenario, FAMILY) else near
        near |= own_subjects(reach.person_id, scenario)
    reader = reach.person_id if reach.key is None else None
    return Seen(scenario, tuple(reach.paths(scenario)), near, cases, reader)


def book_of(
    reach: Reach,
    seen: Seen,
    opens: Collection[int] | None = frozenset(),
    *,
    is_logged: bool = False,
) -> CountyBook:
    """The county as the request may see it.

    opens: rows whose view is logged; None = every row. is_logged: the whole page's view is.
    """
    language = "en" if is_english() else "zh"
    return CountyBook(seen, reach.now_us, language, keys(), opens, is_logged=is_logged)
