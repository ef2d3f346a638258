"""The way in: a page's text and its day of issue → articles and statistics, as cli.md says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from bihuan.figures.press.articles import Article, articles
from bihuan.figures.press.page import Flow, Span, flow
from bihuan.figures.press.statistics import Statistic, statistics

_SILENT = ("advertisement", "weather", "notice")


def read_press(text: str, issued: date) -> Iterator[dict[str, object]]:
    """Each article, followed by the statistics proposed from it.

    text    the page as read; every offset counts its characters
    issued  the day printed on the page: 今年, 昨天 and 目前 are resolved against it

    Any text is accepted; what is no article gives none. Advertisements, the weather and notices
    of sale or tender are told apart and give no statistic. Pure: the same page, the same objects.
    """
    for article in articles(text):
        yield article.as_dict()
        if article.type in _SILENT:
            continue
        clean = flow(text, article.body)
        for one in statistics(clean, issued):
            yield one.as_dict(article.id, _source(text, clean, one, article))


def _source(text: str, clean: Flow, one: Statistic, article: Article) -> Span:
    """The file's characters from the first to the last that the statistic rests on.

    Where another article is printed in between, only the number's own characters.
    """
    start, end = clean.span(one.start, max(one.end, one.start + 1))
    own = sorted(article.body)
    gaps = [(left[1], right[0]) for left, right in pairwise(own)]
    is_torn = any(start < a and b < end and text[a:b].strip() for a, b in gaps)
    return clean.span(*one.core) if is_torn else (start, end)
