"""Forms made from what an act declares: nothing about an act is written twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.console import words
from bihuan.console.case.targets import Choice, Targets
from bihuan.console.shown import act_word, has_family, is_english
from bihuan.loop.act import Offered
from bihuan.loop.cases.models import CaseLink
from bihuan.loop.models import Case, CaseClock
from bihuan.loop.playbook import Field

Word = str | Promise
ICONS: Final = {
    "take": "hand",
    "progress": "footprints",
    "report": "clipboard-check",
    "submit": "clipboard-check",
    "promise": "history",
    "pass": "circle-check",
    "solved": "circle-check",
    "not_solved": "rotate-ccw",
    "send_back": "rotate-ccw",
    "return": "rotate-ccw",
    "reopen": "rotate-ccw",
    "sign_no_reply": "pen-line",
    "decide": "gavel",
    "decline": "circle-slash",
    "void": "circle-slash",
    "false_alarm": "circle-slash",
    "supervise": "siren",
    "summon": "siren",
    "assign": "users",
    "transfer": "users",
    "assist": "users",
    "hand_over": "users",
    "ask_extension": "history",
    "ask_suspension": "history",
    "resume": "history",
}
# what moves a case on its way, first and in the page's one green
FIRST: Final = (
    *("take", "accept", "assign", "receive", "begin", "report", "submit", "promise", "pass"),
    *("solved", "report_in", "take_over", "file_statement"),
)
# one click says it all
PLAIN: Final = ("take", "accept", "receive", "begin", "pass", "solved", "report_in", "take_over")
ANSWERS: Final = ("report", "submit", "promise", "decline", "decide", "close")
HINTS: Final = {
    "progress": _("到哪里了，看到什么"),
    "report": _("怎么处置的，现在人怎么样"),
    "submit": _("怎么办的，结果怎样"),
    "promise": _("怎么打算，分几步"),
    "not_solved": _("反映人怎么说"),
    "sign_no_reply": _("问过几次，为什么可以办结"),
    "decide": _("决定和理由"),
    "file_statement": _("当时的情况，您自己的话"),
    "ask_statement": _("请他说明什么"),
    "note": _("写给一起办的人看"),
}
FAMILY: Final = {
    "solved": _("家属说：解决了"),
    "not_solved": _("家属说：没解决"),
}


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field of a form. choices: what may be picked; none: it is typed."""

    name: str
    kind: str
    label: Word
    is_required: bool
    choices: tuple[Choice, ...] = ()
    groups: tuple[tuple[Word, tuple[Choice, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class ShownAct:
    """One act as a button or a form."""

    name: str
    label: Word
    icon: str
    is_plain: bool
    is_first: bool
    hint: Word
    needs_text: bool
    answers: Word = ""
    ready: tuple[Word, ...] = ()  # sentences that are chosen by a tap: nobody types at night
    takes_photos: bool = False
    takes_files: bool = False
    fields: tuple[ShownField, ...] = field(default=())


class Forms:
    """Every act that a case offers to one person, as the page shows it."""

    def __init__(self, case: Case, clocks: list[CaseClock], links: list[CaseLink]) -> None:
        self._case, self._clocks, self._links = case, clocks, links
        self._targets: Targets | None = None

    def show(self, offered: list[Offered]) -> list[ShownAct]:
        """The acts in the playbook's order, what moves the case before the rest."""
        shown = [self._act(one) for one in offered]
        return sorted(shown, key=lambda act: not act.is_first)

    def _act(self, offered: Offered) -> ShownAct:
        declared = offered.declared
        verb, is_family = declared.verb, has_family(self._case.scenario, self._case.cause)
        label = act_word(declared.title, declared.name)
        if is_family and verb in FAMILY and declared.title is None:
            label = FAMILY[verb]
        answers: Word = ""
        if verb in ANSWERS:
            answers = (
                _("给家属的答复（会发到家属手机）")
                if is_family
                else _("给反映人的答复（会发给反映人）")
            )
        return ShownAct(
            name=declared.name,
            label=label,
            icon=ICONS.get(verb, "pen-line"),
            is_plain=verb in PLAIN and not offered.fields and not offered.needs_text,
            is_first=verb in FIRST,
            hint=HINTS.get(verb, _("写几句") if offered.needs_text else _("要说的话，可以不写")),
            needs_text=offered.needs_text,
            answers=answers,
            ready=words.REPORTED if verb == "report" else (),
            takes_photos="photo" in declared.proof,
            takes_files="file" in declared.proof or verb == "attach",
            fields=tuple(self._field(asked) for asked in offered.fields),
        )

    def _field(self, asked: Field) -> ShownField:
        label: Word = words.FIELDS.get(asked.name, asked.name)
        if asked.title is not None:
            label = asked.title[1 if is_english() else 0]
        shown = ShownField(asked.name, asked.kind, label, asked.is_required, self._choices(asked))
        if asked.kind in ("target", "targets"):
            groups = self._who().groups(is_person_only=asked.name == "person")
            return ShownField(asked.name, asked.kind, label, asked.is_required, groups=groups)
        return shown

    def _who(self) -> Targets:
        if self._targets is None:
            self._targets = Targets(self._case)
        return self._targets

    def _choices(self, asked: Field) -> tuple[Choice, ...]:
        if asked.kind == "choice":
            n = 1 if is_english() else 0
            return tuple(Choice(value, words_[n]) for value, words_ in asked.options)
        if asked.kind == "level":
            return tuple(
                Choice(str(level), word)
                for level, word in words.LEVELS.items()
                if level > self._case.level
            )
        if asked.kind == "clock":
            running = [
                clock for clock in self._clocks if clock.state == "running" and not clock.ref
            ]
            return tuple(Choice(clock.kind, words.CLOCKS[clock.kind]) for clock in running)
        if asked.kind == "case":
            found = {link.other_id for link in self._links} | {link.case_id for link in self._links}
            return tuple(Choice(str(one), str(one)) for one in sorted(found - {self._case.id}))
        if asked.kind == "yes":
            return (Choice("yes", _("是")), Choice("no", _("否")))
        return ()
