"""Who was called, on which step, and what became of each call; a long night is folded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from bihuan.console import words
from bihuan.console.people import People
from bihuan.console.shown import fate, role_word, step_state, step_title
from bihuan.journal.storage import MAIN
from bihuan.loop.cases.sealed import hidden_in, is_hidden
from bihuan.loop.models import Callee, Case, Delivery, DeliveryFact, Pursuit, Step

# so many calls of one person stand open, so many equal lines of the timeline; the rest is folded
STANDING = 3


def rounds(case: Case, people: People) -> list[dict[str, Any]]:
    """Each round of calling, newest first: its steps, people, and every fact of every call."""
    read = _Calls(case, people)
    found = Pursuit.objects.using(MAIN).filter(case_id=case.id).order_by("-round")
    return [{"n": one.round, "begun_us": one.begun_us, "steps": read.steps(one)} for one in found]


def folded(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines of the timeline; those that the system repeats in a row are one, with how often.

    again     how many more there were than the line itself; until_us when the last of them was
    """
    shown: list[dict[str, Any]] = []
    for line in lines:
        last = shown[-1] if shown else None
        if last is not None and _is_repeat(last, line):
            last |= {"again": last["again"] + 1, "until_us": line["at_us"]}
        else:
            shown.append(line | {"again": 0, "until_us": None})
    return shown


def _is_repeat(last: dict[str, Any], line: dict[str, Any]) -> bool:
    if line["who"] or line["text"]:
        return False
    return bool(line["kind"] == "called_again" == last["kind"] and line["word"] == last["word"])


class _Calls:
    """All that was called for a case, in four queries."""

    def __init__(self, case: Case, people: People) -> None:
        self._case, self._people, self._hidden = case, people, hidden_in(case)
        self._steps = _by(Step.objects.filter(case_id=case.id), "pursuit_id")
        self._callees = _by(Callee.objects.filter(case_id=case.id), "pursuit_id", "step")
        calls = Delivery.objects.filter(case_id=case.id)
        self._calls = _by(calls, "pursuit_id", "person_id")
        self._facts = _by(DeliveryFact.objects.filter(case_id=case.id), "delivery_id")

    def steps(self, pursuit: Pursuit) -> list[dict[str, Any]]:
        """Its steps; one that was not reached when the calling ended was not needed."""
        return [
            {
                "title": step_title(self._case, step),
                "state": (state := step_state(pursuit, step)),
                "word": words.SKIPPED.get(step.skipped or "", words.STEPS[state]),
                "called_us": step.called_us,
                "people": [self._callee(one) for one in self._callees[pursuit.id, step.n]],
            }
            for step in self._steps[(pursuit.id,)]
        ]

    def _callee(self, callee: Callee) -> dict[str, Any]:
        calls = [self._call(one) for one in self._calls[callee.pursuit_id, callee.person_id]]
        return {
            "name": words.SEALED
            if is_hidden(self._hidden, callee.person_id, callee.role)
            else self._people.name(callee.person_id),
            "role": role_word(self._case.scenario, callee.role),
            "earlier": calls[:-STANDING],
            "calls": calls[-STANDING:],
        }

    def _call(self, call: Delivery) -> dict[str, Any]:
        state, tone = fate(call)
        return {
            "channel": words.CHANNELS.get(call.channel, call.channel),
            "state": state,
            "tone": tone,
            "facts": [(words.FACTS[f.fact], f.at_us) for f in self._facts[(call.id,)]],
        }


def _by(rows: Any, *names: str) -> dict[tuple[Any, ...], list[Any]]:
    grouped: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows.using(MAIN).order_by("id"):
        grouped[tuple(getattr(row, name) for name in names)].append(row)
    return grouped
