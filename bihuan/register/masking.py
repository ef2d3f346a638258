"""What lists and walls show instead of what is personal. One rule for pages, API, search, exports.

王桂兰 → 王** · Wang Guilan → Wang ** · 139 1234 5566 → 139****5566 · a number → its two ends.
An address, an illness and every free text are not shown at all. Opening shows, and is logged.
"""

from __future__ import annotations

from typing import Final, Literal

Personal = Literal["name", "latin", "phone", "identity_number", "address", "text"]
STARS: Final = "**"
HIDDEN: Final = "****"


def masked(what: Personal, text: str | None) -> str:
    """A personal text as a list may show it; nothing stays nothing."""
    if not text:
        return ""
    if what == "name":
        return text[:1] + STARS
    if what == "latin":
        return f"{text.split(' ')[0]} {STARS}"
    if what == "phone":
        return _ends("".join(c for c in text if c.isdigit()), 3, 4)
    if what == "identity_number":
        return _ends(text, 3, 2)
    return ""


def _ends(text: str, first: int, last: int) -> str:
    """Both ends where more than half would stay hidden, else the last two characters."""
    if len(text) < first + last + 3:
        return HIDDEN + text[-2:] if len(text) > 4 else HIDDEN
    return f"{text[:first]}{HIDDEN}{text[-last:]}"
