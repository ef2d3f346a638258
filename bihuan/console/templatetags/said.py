"""Words of a scenario's own templates: its pairs of Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template

from bihuan.base.bilingual import plain
from bihuan.console.shown import is_english

register = template.Library()


@register.simple_tag
def say(zh: str, en: str) -> str:
    """`{% say "今天戴了" "Worn today" %}`: the reader's one of the two."""
    return en if is_english() else zh


@register.filter
def word(words: Sequence[str] | None) -> str:
    """`{{ one.title|word }}`: of a pair (zh, en) the reader's one."""
    return words[1 if is_english() else 0] if words else ""


@register.filter
def part(text: str) -> str:
    """`{{ rule.source|part }}`: of a text in both languages (`中文 / English`) the reader's."""
    return plain(text, is_english=is_english())


@register.filter
def at(held: Any, key: Any) -> Any:
    """`{{ row|at:"at.release" }}`: what a mapping holds under a name with a dot; None: nothing."""
    return held.get(key) if hasattr(held, "get") else None
