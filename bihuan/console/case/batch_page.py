"""Many cases at once from the list: one act, the same words, each standing or falling alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError
from bihuan.console import words
from bihuan.console.home import clock, keys
from bihuan.console.shown import Word
from bihuan.console.visit import cases_of, person_of, signed_in, whole_or_404
from bihuan.loop.act import Command, ParkedError, Result, TakenError, act_many

MOST = 50
MOST_KEY = 40
# what makes sense for many: no field of its own, no proof
ACTS = ("accept", "receive", "begin", "pass", "note", "lift")


@signed_in
@require_POST
def batch(request: HttpRequest) -> HttpResponse:
    """Do the act to every case that was ticked, and say of each what became of it."""
    said = request.POST
    ids = [whole_or_404(text) for text in dict.fromkeys(said.getlist("case"))]
    key, name = said.get("key", ""), said.get("act", "")
    is_good = 0 < len(ids) <= MOST and 0 < len(key) <= MOST_KEY and name in ACTS
    if not is_good:
        return render(request, "console/batch.html", {"is_refused": True, "most": MOST}, status=422)
    seen = set(cases_of(request).filter(id__in=ids).values_list("id", flat=True))
    commands = [
        Command(
            act=name,
            case_id=case_id,
            person_id=person_of(request),
            via="page",
            key=key,
            text=said.get("text", ""),
        )
        for case_id in ids
        if case_id in seen  # a foreign one is as if it were not there
    ]
    done = [
        {"case_id": one.command.case_id, "is_done": one.error is None, "word": _word(one)}
        for one in act_many(commands, clock(), keys())
    ]
    return render(request, "console/batch.html", {"done": done, "label": words.ACTS[name]})


def _word(result: Result) -> Word:
    error = result.error
    if error is None:
        return words.BATCH["done"]
    if isinstance(error, TakenError):
        return words.STATES.get(error.state, error.state)
    if isinstance(error, BadInputError):
        field = error.faults[0].field
        return words.FIELDS.get(field, words.BATCH["unfit"])
    return words.BATCH["parked" if isinstance(error, ParkedError) else "unfit"]
