"""One text that holds both languages: `中文 / English`, as the source or region of a limit.

A text without ` / ` stands for both: the name of a law or a standard, what a county typed itself.
A source may end in a mark of how sure it is (MARKS); people read the mark in words.
"""

from __future__ import annotations

import re

BETWEEN = " / "
# mark → what a reader is told (zh, en); nothing where the source was read at first hand
MARKS = {
    "K": ("非法规", "no law"),
    "L": ("其他地方的规定", "another place's rule"),
    "V secondary": ("转引，待核", "at second hand, to be checked"),
    "V": ("", ""),
    "S": ("", ""),
}
_MARK = re.compile(rf" ?\[({'|'.join(MARKS)})(?:[，,] ?([^\]]*))?\]")


def pair(text: str) -> tuple[str, str]:
    """The Chinese and the English of a text."""
    zh, found, en = text.partition(BETWEEN)
    return (zh, en) if found else (text, text)


def also(text: str, zh: str, en: str) -> str:
    """The text with something said more in each language."""
    first, second = pair(text)
    return f"{first}：{zh}{BETWEEN}{second}: {en}"


def plain(text: str, *, is_english: bool) -> str:
    """What a reader is told of a text: one of its languages, its marks in words."""

    def told(mark: re.Match[str]) -> str:
        words = [word for word in (MARKS[mark[1]][is_english], mark[2]) if word]
        if not words:
            return ""
        return f" ({', '.join(words)})" if is_english else f"（{'，'.join(words)}）"

    return _MARK.sub(told, pair(text)[is_english])
