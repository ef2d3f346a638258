"""What was done about cases, line by line of their timelines, read once for a whole list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case, Happening
from bihuan.loop.playbook import playbook_of


class Done:
    """The timelines of some cases; nothing is read until somebody asks."""

    def __init__(self, case_ids: Iterable[int]) -> None:
        self._ids = list(case_ids)
        self._lines: dict[int, list[Happening]] | None = None

    def line(self, case: Case, kind: str) -> Happening | None:
        """The newest line of a kind: `taken`, `reported`, `closed`, else an act's own name."""
        return next((one for one in self._of(case) if one.kind == kind), None)

    def picked(self, case: Case, field: str) -> str | None:
        """What was picked last in a choice of this name, whichever act asked for it."""
        asking = {
            act.name: [one.name for one in act.fields if one.options]
            for act in playbook_of(case.playbook).acts
        }
        for line in self._of(case):
            names, picks = asking.get(line.kind, []), (line.detail or "").split(" ")
            if field in names and len(names) == len(picks):
                return picks[names.index(field)]
        return None

    def _of(self, case: Case) -> list[Happening]:
        """Newest first."""
        if self._lines is None:
            self._lines = defaultdict(list)
            found = Happening.objects.using(MAIN).filter(case_id__in=self._ids)
            for line in found.order_by("-at_us", "-id"):
                self._lines[line.case_id].append(line)
        return self._lines.get(case.id, [])
