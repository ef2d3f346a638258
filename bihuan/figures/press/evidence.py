"""The characters on which each field of a proposed statistic rests. Pure.

A field without characters was concluded by the reader (a month's year, the scope of the sentence
before); whoever confirms sees that and answers for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from bihuan.figures.press.changes import ranks
from bihuan.figures.press.numbers import quantities
from bihuan.figures.press.page import Flow, Span, flow
from bihuan.figures.press.periods import mentions

BACK = 12  # sentences before the number in which its time may have been said
_SENTENCE = re.compile(r"[^。！？\n]+[。！？\n]?")


def evidence(
    text: str, body: Iterable[Span], proposed: Mapping[str, Any], issued: date
) -> dict[str, list[Span]]:
    """By field the spans of the page that show it; a field that no character shows is left out.

    proposed  a statistic as `read_press` gives it; its `source` lies in `body`
    """
    clean = flow(text, body)
    index = {place: at for at, place in enumerate(clean.at)}
    start, end = (index.get(proposed["source"][0]), index.get(proposed["source"][1] - 1))
    if start is None or end is None:
        return {}
    found = _Evidence(clean, (min(start, end), max(start, end) + 1), issued).of(proposed)
    return {name: [clean.span(*span) for span in spans] for name, spans in found.items() if spans}


def printed_numbers(text: str, body: Iterable[Span]) -> set[str]:
    """Every quantity that an article prints, as decimal text in its base unit."""
    return {one.value for one in quantities(flow(text, body).text)}


class _Evidence:
    """One statistic's fields looked up in the clean text; spans count its characters."""

    def __init__(self, clean: Flow, source: Span, issued: date) -> None:
        self.text, self.source, self.issued = clean.text, source, issued
        sentences = [m.span() for m in _SENTENCE.finditer(clean.text)]
        self.sentences = [one for one in sentences if one[0] < source[1]]

    def of(self, proposed: Mapping[str, Any]) -> dict[str, list[Span]]:
        number = self._number(proposed.get("value"))
        found = {"value": number, "qualifier": self._qualifier(proposed.get("qualifier"), number)}
        if proposed.get("unit"):
            found["unit"] = number
        found["indicator"] = self._words(proposed.get("indicator"))
        found["scope"] = self._said_before(proposed.get("scope"))
        found["period"] = self._time(proposed.get("period"))
        growth, rank = proposed.get("growth"), proposed.get("rank")
        if growth:
            found["growth"] = self._number(str(growth["value"]).lstrip("-"))
        if rank:
            found["rank"] = self._rank(rank)
        return found

    def _number(self, value: str | None) -> list[Span]:
        start, end = self.source
        for one in quantities(self.text[start : end + 12]):
            if value is not None and one.value == value and one.start < end - start:
                return [(start + one.start, start + one.end)]
        return []

    def _qualifier(self, qualifier: str | None, number: list[Span]) -> list[Span]:
        if not qualifier or not number:
            return []
        start, end = number[0]
        marks = [start + at for at, char in enumerate(self.text[start:end]) if char in qualifier]
        return [(at, at + 1) for at in marks] or number

    def _words(self, words: str | None) -> list[Span]:
        """The words in the sentence of the number, in one piece or in two (吸引|职工队伍)."""
        if not words:
            return []
        first = self.sentences[-1][0] if self.sentences else 0
        for low in (min(first, self.source[0]), max(0, first - 200)):
            high = self.source[1] + 40
            hay = self.text[low:high]
            if (at := hay.rfind(words)) >= 0:
                return [(low + at, low + at + len(words))]
            for cut in range(len(words) - 1, 0, -1):
                head, tail = hay.find(words[:cut]), hay.find(words[cut:])
                if head >= 0 and tail > head:
                    return [
                        (low + head, low + head + cut),
                        (low + tail, low + tail + len(words) - cut),
                    ]
        return []

    def _said_before(self, words: str | None) -> list[Span]:
        """The nearest place before the end of the source where the words stand."""
        at = self.text.rfind(words, 0, self.source[1] + 20) if words else -1
        return [(at, at + len(words))] if words and at >= 0 else []

    def _time(self, period: Mapping[str, Any] | None) -> list[Span]:
        if not period:
            return []
        wanted = (period["start"], period["end"])
        for start, end in reversed(self.sentences[-BACK:]):
            for one in reversed(mentions(self.text[start:end], self.issued)):
                said = one.period.as_dict() if one.period else None
                if said and (said["start"], said["end"]) == wanted:
                    return [(start + one.start, start + one.end)]
        return []

    def _rank(self, rank: Mapping[str, Any]) -> list[Span]:
        start = self.sentences[-1][0] if self.sentences else 0
        for one in ranks(self.text[start : self.source[1] + 12]):
            if one.place == rank["place"]:
                return [(start + one.start, start + one.end)]
        return []
