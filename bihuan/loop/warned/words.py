"""How an official warning is quoted: the station's name, its time and its own words, unaltered."""

from __future__ import annotations

from typing import Final

from bihuan.base.time import CHINA, datetime_of
from bihuan.register.warnings.models import OfficialWarning

MOST_LEVEL: Final = 64
MOST_ISSUER: Final = 128
CHANGES: Final = {
    "new": ("发布", "issued"),
    "upgraded": ("变更发布", "upgraded to"),
    "downgraded": ("变更发布", "changed to"),
    "repeated": ("继续发布", "repeated"),
    "cancelled": ("解除", "lifted"),
    "notice": ("告知", "tells of"),
}


def issuer_of(warning: OfficialWarning) -> str:
    """Who issued it, as it named itself."""
    return (warning.sender_name or warning.sender)[:MOST_ISSUER]


def level_of(warning: OfficialWarning) -> str:
    """What it is called, as its issuer wrote it; the headline where the message names no event."""
    return (warning.event or warning.headline or "")[:MOST_LEVEL]


def issued_at(warning: OfficialWarning, *, is_english: bool = False) -> str:
    """The issuer's own time, to the minute, by the county's clock."""
    at = datetime_of(warning.sent_us).astimezone(CHINA)
    return at.strftime("%Y-%m-%d %H:%M" if is_english else "%Y年%m月%d日%H时%M分")


def quoted(warning: OfficialWarning, *, is_english: bool = False) -> str:
    """One line: who, when, what it did, what it is called. No colour of ours, no level of ours."""
    zh, en = CHANGES.get(warning.change, CHANGES["notice"])
    at, who = issued_at(warning, is_english=is_english), issuer_of(warning)
    what = level_of(warning) or (warning.headline or "")
    return f"{who} {at} {en} {what}" if is_english else f"{who}{at}{zh}{what}"
