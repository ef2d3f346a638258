"""What a flash report's draft is made from: the recorded facts of a case, in either language."""

from __future__ import annotations

from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import override

from bihuan.console import words
from bihuan.console.happened import happened
from bihuan.console.home import keys
from bihuan.console.people import People
from bihuan.console.shown import Reader, area_name, is_english, role_word
from bihuan.console.visit import name_of, person_behind, subject_of
from bihuan.journal.storage import MAIN
from bihuan.loop.cases.sealed import hidden_in, is_hidden
from bihuan.loop.models import Case, Happening
from bihuan.loop.shift.draft import CaseFacts, Language, Said, draft
from bihuan.loop.shift.models import FlashReport
from bihuan.register.models import Area, County

Stage = Literal["first", "follow_up", "final"]
TOLD = ("progressed", "reported", "not_solved", "closed")  # whose words belong into a report
KEPT = ("taken", "pressed_again", "clock_missed", "ladder_out", "lapsed", "solved", *TOLD)
LANGUAGES: dict[Language, str] = {"zh": "zh-hans", "en": "en"}


def language_here() -> Language:
    """The language of the page."""
    return "en" if is_english() else "zh"


def next_number(case: Case) -> int:
    """Which report of the case the next one is, from 1."""
    return FlashReport.objects.using(MAIN).filter(about=case.id).count() + 1


def stage_for(case: Case, number: int) -> Stage:
    """The stage that the next report has unless somebody says otherwise."""
    if number == 1:
        return "first"
    return "final" if case.state == "closed" else "follow_up"


def drafted(case: Case, stage: Stage, language: Language, by: int, now_us: int) -> str:
    """The draft; names stand in full, because whoever opens it may open the case."""
    with override(LANGUAGES[language]):
        return draft(_facts(case, stage, by, now_us), now_us, language)


def _facts(case: Case, stage: Stage, by: int, now_us: int) -> CaseFacts:
    subject = subject_of(case)
    behind, hidden = person_behind(case, subject), hidden_in(case)
    lines = list(Happening.objects.using(MAIN).filter(case_id=case.id).order_by("id"))
    people = People(keys(), {by, case.owner_id, behind, *(x.person_id for x in lines)})
    shown = Reader([case], keys(), now_us).show(case)
    area = Area.objects.using(MAIN).filter(id=case.area_id).first()
    return CaseFacts(
        number=str(case.id),
        n=next_number(case),
        stage=stage,
        kind=shown.what,
        place=shown.place or area_name(area),
        opened_us=case.opened_us,
        state=str(shown.state_word),
        owner=people.name(case.owner_id) if case.owner_id else None,
        origin=str(words.SEALED) if case.is_sealed else name_of(people, subject, behind) or None,
        mark=_mark(),
        done=[Said(x.at_us, _words(x, case, people, hidden)) for x in lines if x.kind in KEPT],
        reporter=people.name(by),
    )


def _words(line: Happening, case: Case, people: People, hidden: frozenset[int]) -> str:
    word = str(happened(line.kind, case.playbook, case.cause))
    who = people.name(line.person_id) if line.person_id else ""
    if is_hidden(hidden, line.person_id, line.role):
        who = str(words.SEALED)
    role = role_word(case.scenario, line.role)
    said = (keys().open(line.text) or "") if line.kind in TOLD else ""
    return " · ".join(part for part in (f"{who} {role}".strip(), word, said) if part)


def _mark() -> str:
    mode = County.objects.using(MAIN).values_list("mode", flat=True).first() or "drill"
    return {"demo": _("演示"), "drill": _("演练")}.get(mode, "")
