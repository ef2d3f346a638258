"""How times and numbers look: China's time, the reader's form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django import template
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from bihuan.base.time import CHINA, SECOND_US, datetime_of

register = template.Library()


@register.filter
def clock_time(at_us: int | None) -> str:
    """14:37, in China's time."""
    return "" if at_us is None else f"{datetime_of(at_us).astimezone(CHINA):%H:%M:%S}"


@register.filter
def day_time(at_us: int | None) -> str:
    """7月31日 02:00 or 31 Jul 02:00."""
    if at_us is None:
        return ""
    here = datetime_of(at_us).astimezone(CHINA)
    if (get_language() or "zh").startswith("en"):
        return f"{here.day} {here:%b %H:%M}"
    parts = {"month": here.month, "day": here.day, "time": f"{here:%H:%M}"}
    return _("%(month)s月%(day)s日 %(time)s") % parts


@register.filter
def iso(at_us: int | None) -> str:
    """For the datetime attribute."""
    return "" if at_us is None else datetime_of(at_us).astimezone(CHINA).isoformat()


@register.filter
def passed(at_us: int, now_us: int) -> str:
    """How long ago, in words."""
    seconds = max(0, (now_us - at_us) // SECOND_US)
    if seconds < 60:
        return _("刚刚")
    minutes = seconds // 60
    if minutes < 60:
        return ngettext("%(n)s 分钟前", "%(n)s 分钟前", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)s 小时前", "%(n)s 小时前", hours) % {"n": hours}
    return ngettext("%(n)s 天前", "%(n)s 天前", hours // 24) % {"n": hours // 24}


@register.filter
def span(seconds: int | None) -> str:
    """01:46, 3:05:20 from an hour on, 89天 from two days on; a minus never shows."""
    if seconds is None:
        return ""
    whole = abs(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours >= 48:
        return _("{n}天").replace("{n}", str(hours // 24))
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes:02}:{left:02}"


@register.filter
def seconds(at_us: int) -> int:
    """Whole seconds, for scripts."""
    return at_us // SECOND_US


@register.filter
def listed(words: Iterable[object]) -> str:
    """Several words after each other, as the language separates them."""
    return (", " if (get_language() or "zh").startswith("en") else "、").join(map(str, words))


@register.filter
def picked(said: Mapping[str, str] | None, name: str) -> str:
    """What was typed into a field of this name; nothing where there was no form."""
    return (said or {}).get(name, "")


@register.filter
def same(one: object, other: object) -> bool:
    """Whether two words are one."""
    return one == other


@register.filter
def size(count: int) -> str:
    """3 KB, 1.2 MB: how large a file is."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1_000))} KB"
    return f"{count / 1_000_000:.1f} MB"


@register.filter
def long_span(seconds: int) -> str:
    """How long something lasted, in the two units that matter."""
    days, rest = divmod(max(0, seconds), 86_400)
    hours, left = divmod(rest, 3_600)
    parts = {"days": days, "hours": hours, "minutes": left // 60}
    if days:
        return _("%(days)s天%(hours)s小时") % parts
    return _("%(hours)s小时%(minutes)s分") % parts
