"""The way in: a page's text and its day of issue → articles and statistics, as cli.md says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bihuan.figures.press.articles import Article, articles
from bihuan.figures.press.page import Flow, Span, flow
from bihuan.figures.press.statistics import Statistic, statistics

_SILENT = ("advertisement", "weather", "notice")


def read_press(text: str, issued: date) -> Iterator[dict[str, object]]:
    """Each article, followed by the statistics proposed from it.

    text    the page as read; every offset counts its characters
    issued  the day printed on the page: 今年, 昨天 and 目前 are resolved against it

    Any text is accepted; what is no article gives none. Advertisements and the weather are told
    apart and, like notices of sale or tender, give no statistic. Pure: the same page gives the same objects.
    """
    for article in articles(text):
        yield article.as_dict()
        if article.type in _SILENT:
            continue
        clean = flow(text, article.body)
        for one in statistics(clean, issued):
            yield one.as_dict(article.id, _source(clean, one, article))


def _source(clean: Flow, one: Statistic, article: Article) -> Span:
    """The file's characters from the first to the last that the statistic rests on."""
    return clean.span(one.start, max(one.end, one.start + 1))
