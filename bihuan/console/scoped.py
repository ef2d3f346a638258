"""The board's changing part, rendered once for everybody who may see the same.

After each commit every open board is pushed its part (`pushed.py`), or asks for it. Who sees the
same cases with the same duties gets the same text; what is a person's own (the form's token, the
key of a press) is put in for each. What decides is in the key itself: nobody gets a part that was
made of other cases.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Any, Final

from django.core.cache import cache
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.translation import get_language

from bihuan.base.time import SECOND_US
from bihuan.console.visit import person_of
from bihuan.journal.models import FACTS_LANE, Head

KEPT_S = 2  # the part says how long is left: an old one is made anew
TOKEN, PERSON = (f"{name}-{secrets.token_hex(16)}" for name in ("token", "person"))
OWN: Final = {"csrf_token": TOKEN, "person_id": PERSON}


def position() -> int:
    """The newest entry of lane 0: everything that the journal decides is of that position."""
    head = Head.objects.filter(lane=FACTS_LANE).first()
    return head.position if head is not None else 0


def shared(
    template: str,
    decides: tuple[object, ...],
    now_us: int,
    context: Callable[[], dict[str, Any]],
) -> str:
    """A template's text for all who see the same, with TOKEN and PERSON in place of their own.

    decides  what the text is made of besides the language and the second; the same means the same
             text. A position among it was read before everything else: read afterwards, it would
             stand for what was seen earlier. context() is asked for only where there is none yet.
    """
    made_of = (TOKEN, template, now_us // SECOND_US, get_language(), decides)
    key = f"part-{hashlib.sha256(repr(made_of).encode()).hexdigest()}"
    text: str | None = cache.get(key)
    if text is None:
        text = render_to_string(template, {**context(), **OWN})
        cache.set(key, text, KEPT_S)
    return text


def part(
    request: HttpRequest,
    template: str,
    decides: tuple[object, ...],
    now_us: int,
    context: Callable[[], dict[str, Any]],
) -> str:
    """The same for one request, with its own token and person."""
    text = shared(template, decides, now_us, context)
    return text.replace(TOKEN, get_token(request)).replace(PERSON, str(person_of(request)))
