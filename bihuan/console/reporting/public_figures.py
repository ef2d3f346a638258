"""Figures declared for the public: the whole county in the last month that is over, as counts.

A small number is hidden by the figure's own limit (`values.public`); a period that was published
shows what was published. Nothing opens to a case, and no place below the county is told.
"""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.console.figures.shown import value_text, word
from bihuan.console.register.wording import scenario_title
from bihuan.figures.acts import root_path
from bihuan.figures.groups import date_of
from bihuan.figures.installed import Installed, installed
from bihuan.figures.periods import Period, period_at, words
from bihuan.figures.values import Book, Value, public
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.storage import MAIN


@dataclass(frozen=True, slots=True)
class OpenFigure:
    """One public figure as it is shown; text says so where it has no value or is hidden."""

    one: Installed
    value: Value
    title: str
    text: str
    definition: str


@dataclass(frozen=True, slots=True)
class OpenFigures:
    """Public figures of one period by scenario; empty before the county has a whole month."""

    period: str
    sections: list[tuple[str, list[OpenFigure]]]


def figures(now_us: int) -> OpenFigures:
    """Every public figure that has something to say: hidden ones too, empty ones not."""
    period = period_at("month", date_of(now_us)).before()
    path = root_path()
    if not path or not _has_begun(period):
        return OpenFigures(word(words(period)), [])
    book, sections = Book(now_us), dict[str, list[OpenFigure]]()
    area_id = int(path.rstrip("."))
    for one in installed().values():
        if not one.figure.is_public:
            continue
        ((_area, value),) = public(one, [(area_id, book.value(one, period, path))])
        if not value.is_empty:
            sections.setdefault(one.scenario, []).append(_shown(one, value))
    named = [(scenario_title(name), found) for name, found in sections.items()]
    return OpenFigures(word(words(period)), named)


def _shown(one: Installed, value: Value) -> OpenFigure:
    figure = one.figure
    text = value_text(one, value)
    return OpenFigure(one, value, word(figure.title), text, word(figure.definition))


def _has_begun(period: Period) -> bool:
    """Whether the journal was there before the period's end: else a zero would be invented."""
    first = Entry.objects.using(MAIN).filter(lane=FACTS_LANE).order_by("position").first()
    return first is not None and first.recorded_us < period.window.end_us
