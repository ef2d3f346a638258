"""What a scenario refuses, in its own words: the field's name, what was got, what is wanted.

Checks of a scenario speak English (`field: got X, want Y`) for logs and other systems;
`Scheme.says` has the words for pages. A time among them is shown as people there read it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Final

from django.utils.translation import get_language

from bihuan.base.errors import Fault
from bihuan.base.time import CHINA
from bihuan.register import schemes

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)")


def said_by(fault: Fault, scenario: str) -> Fault:
    """The fault in the page's language, as its scenario says it or as it stands."""
    scheme = schemes.installed().get(scenario)
    if scheme is None or scheme.says is None:
        return fault
    is_zh = get_language() != "en"
    titles = scheme.says.fields.get(fault.field)
    field = fault.field if titles is None else titles[0 if is_zh else 1]
    got, want = (
        zh_of(text, scheme.says.texts) if is_zh else text for text in (fault.got, fault.want)
    )
    return Fault(field, _local(got), _local(want))


def zh_of(text: str, texts: Mapping[str, str]) -> str:
    """The Chinese of a sentence of a scenario; as it stands where there is none."""
    if text in texts:
        return texts[text]
    for english, zh in sorted(texts.items(), key=lambda one: (-len(one[0]), one[0])):
        found = _pattern(english).fullmatch(text) if "{}" in english else None
        if found is not None:
            return zh.format(*(texts.get(one, one) for one in found.groups()))
    return text


@cache
def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.+)".join(re.escape(part) for part in english.split("{}")))


def _local(text: str) -> str:
    """Each moment in a text as day and time there."""
    return _TIME.sub(
        lambda found: datetime.fromisoformat(found[0]).astimezone(CHINA).strftime("%m-%d %H:%M"),
        text,
    )
