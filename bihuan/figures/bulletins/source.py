"""What a bulletin may ask of figures: a narrow protocol, and who answers for which ids.

    ask(figure, area, period) -> Told | None    a figure's value with its definition
    series(figure, area, period) -> [Point]     comparable periods up to and with this one
    offered(area, period) -> [(figure, Words)]  what could be named, for the page that drafts

A source answers for the ids that begin with its prefix; the one with the longest prefix is asked.
"""

from __future__ import annotations

from typing import Protocol

from bihuan.figures.bulletins.entries import Bound, Point, Told, Words


class FigureSource(Protocol):
    """Who can say what a figure is. An id, area or period that it does not know: None, []."""

    def ask(self, figure: str, area: str, period: str) -> Told | None: ...

    def series(self, figure: str, area: str, period: str) -> list[Point]: ...

    def offered(self, area: str, period: str) -> list[tuple[str, Words]]: ...


_sources: dict[str, FigureSource] = {}


def answer_for(prefix: str, source: FigureSource) -> None:
    """Let a source answer for the ids with this prefix; "" = for all that nobody else knows."""
    _sources[prefix] = source


def forget(prefix: str) -> None:
    """Take a source away again."""
    _sources.pop(prefix, None)


class Asked:
    """One round of questions: the same figure is asked once."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str, str], Told | None] = {}
        self._bound: dict[tuple[str, str, str], Bound | None] = {}

    def told(self, figure: str, area: str, period: str) -> Told | None:
        """What the figure says now; None where nobody knows it."""
        key = (figure, area, period)
        if key not in self._told:
            source = _of(figure)
            self._told[key] = source.ask(*key) if source is not None else None
        return self._told[key]

    def bound(self, figure: str, area: str, period: str) -> Bound | None:
        """The same with its series."""
        key = (figure, area, period)
        if key not in self._bound:
            told, source = self.told(*key), _of(figure)
            self._bound[key] = None
            if told is not None and source is not None:
                self._bound[key] = Bound(told=told, series=source.series(*key))
        return self._bound[key]


def _of(figure: str) -> FigureSource | None:
    fitting = [prefix for prefix in _sources if figure.startswith(prefix)]
    return _sources[max(fitting, key=len)] if fitting else None


def offered(area: str, period: str) -> list[tuple[str, Words]]:
    """Every figure that a bulletin of this area and period could name."""
    return [
        one for _prefix, source in sorted(_sources.items()) for one in source.offered(area, period)
    ]
