"""The first text of a bulletin: one sentence for each figure, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from bihuan.figures.bulletins.entries import Told
from bihuan.figures.bulletins.periods import when_of
from bihuan.figures.bulletins.source import Asked


def drafted(
    figures: Sequence[str], area: str, period: str, asked: Asked
) -> tuple[tuple[str, str], list[str]]:
    """((zh, en), figures that nobody knows). A figure may be `id` or `id@period`."""
    zh, en, unknown = list[str](), list[str](), list[str]()
    for one in figures:
        figure, _at, own = one.partition("@")
        held = asked.bound(figure, area, own or period)
        if held is None:
            unknown.append(one)
            continue
        first, second = sentence(held.told)
        zh.append(first)
        en.append(second)
    return ("\n".join(zh), "\n".join(en)), unknown


def sentence(told: Told) -> tuple[str, str]:
    """`2026年7月，青禾县按时应答率为{…}，{…|growth}。` and its English; what is told only."""
    key = f"{told.figure}:{told.area}:{told.period}"
    when = when_of(told)
    parts_zh, parts_en = list[str](), list[str]()
    if told.value is not None or (told.growth is None and told.rank is None):
        parts_zh.append(f"为{{{key}}}")
        parts_en.append(f": {{{key}}}")
    for name in ("growth", "rank"):
        if getattr(told, name) is not None:
            parts_zh.append(f"{{{key}|{name}}}")
            parts_en.append(f"{',' if parts_en else ':'} {{{key}|{name}}}")
    zh = f"{when[0]}，{told.scope[0]}{told.title[0]}{'，'.join(parts_zh)}。"
    en = f"{told.title[1]}, {told.scope[1]}, {when[1]}{''.join(parts_en)}."
    if told.is_published:
        zh = zh.removesuffix("。") + f"（{told.source[0]}发布）。"
        en = en.removesuffix(".") + f" (published by {told.source[1]})."
    return zh, en
