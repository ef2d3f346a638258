"""Cases whose later entries are parked: figures follow the journal, lists stand where they stopped.

So a figure and its list may differ by these, and every page of figures says how many they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from bihuan.figures.models import CaseFact
from bihuan.journal.models import Parked
from bihuan.journal.storage import MAIN


def parked(path: str, scenarios: Sequence[str]) -> int:
    """How many cases of these scenarios under an area's path wait behind an entry at fault."""
    streams = list(Parked.objects.using(MAIN).values_list("stream", flat=True).distinct())
    if not streams:
        return 0
    facts = CaseFact.objects.using(MAIN).filter(area_path__startswith=path, scenario__in=scenarios)
    return sum(
        facts.filter(id__in=streams[n : n + 500]).count() for n in range(0, len(streams), 500)
    )
