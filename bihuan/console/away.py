"""503: the database is locked or gone. Says so in plain words, and asks to come again."""

from __future__ import annotations

import sys
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from bihuan.journal.away import AWAY

RETRY_AFTER_S: Final = "5"


def away_words() -> str:
    """What a system or a script is told."""
    return _("数据库暂时不可用，这一步可能没有记入。请稍后再发，写入时用同一个键。")


def is_away() -> bool:
    """Whether the error that is being answered is the database's."""
    return isinstance(sys.exc_info()[1], AWAY)


def away_answer(request: HttpRequest) -> HttpResponse:
    """The page, or for the API its JSON; neither asks the database for anything."""
    if request.path.startswith("/api/"):
        answer: HttpResponse = JsonResponse({"error": away_words()}, status=503)
    else:
        again = request.get_full_path() if request.method == "GET" else "/"
        answer = HttpResponse(render_to_string("503.html", {"again": again}), status=503)
    answer["Retry-After"] = RETRY_AFTER_S
    return answer
