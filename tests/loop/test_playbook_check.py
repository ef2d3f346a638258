"""A table that could fall silent is refused when its scenario is installed, by file and key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bihuan.base.errors import BadInputError
from bihuan.loop.playbook import Act, ClockRule, Limit, Playbook, Watch, playbooks
from bihuan.loop.playbook_check import check
from bihuan.loop.scenario import Scenario, install, installed
from bihuan.scenarios import load
from bihuan.scenarios.elder_care.playbook import SOS
from tests.matters import DAY, MATTER, MATTERS

ROLES = MATTERS.roles
SOS_ROLES = ("family", "village_duty", "town_duty", "county_command")


def faults(playbook: Playbook, roles: object = ROLES) -> list[str]:
    try:
        check(playbook, roles)  # type: ignore[arg-type]
    except BadInputError as refused:
        return [fault.field.removeprefix(f"{playbook.key}.") for fault in refused.faults]
    return []


def without(name: str) -> Playbook:
    return replace(MATTER, acts=tuple(act for act in MATTER.acts if act.name != name))


def with_act(which: str, /, **changed: object) -> Playbook:
    acts = tuple(
        replace(act, **changed) if act.name == which else act  # type: ignore[arg-type]
        for act in MATTER.acts
    )
    return replace(MATTER, acts=acts)


def with_clock(kind: str, **changed: object) -> Playbook:
    clocks = tuple(
        replace(rule, **changed) if rule.kind == kind else rule  # type: ignore[arg-type]
        for rule in MATTER.clocks
    )
    return replace(MATTER, clocks=clocks)


def with_hours(hours: tuple[str, str], *, every: bool = False) -> Playbook:
    steps = tuple(
        replace(step, hours=hours) if every or n == 0 else step for n, step in enumerate(SOS.ladder)
    )
    return replace(SOS, ladder=steps)


def test_ladder_may_have_steps_of_some_hours() -> None:
    assert faults(with_hours(("21:00", "07:00")), SOS_ROLES) == []


def test_playbooks_of_this_release_are_whole() -> None:
    load()
    assert playbooks()
    assert faults(SOS, SOS_ROLES) == faults(MATTER) == []


@pytest.mark.parametrize(
    ("playbook", "want"),
    [
        (without("begin"), "in_progress"),  # reached by reopening alone, which a closed case needs
        (without("accept"), "accepted"),
        (with_act("accept", meets=("accept",), starts=()), "accepted"),
        (with_act("accept", roles=("mayor",)), "acts.accept.roles"),
        (with_act("accept", to="done"), "acts.accept.to"),
        (with_act("accept", does="wave"), "acts.accept.does"),
        (with_act("accept", starts=("tea",)), "acts.accept.starts"),
        (with_act("decline", outcome="lost"), "acts.decline.outcome"),
        (with_act("submit", proof=("song",)), "acts.submit.proof"),
        (with_act("note", name="dance", does="note"), "acts.dance.title"),
        (with_act("note", from_states=()), "acts.note"),
        (with_clock("act", watches=()), "clocks.act.watches"),
        (with_clock("act", watches=(Watch(0.5, 1, ()),)), "clocks.act.watches"),
        (with_clock("act", limit=DAY), "clocks.act.may_pause"),
        (with_clock("act", limit=replace(DAY, source="")), "clocks.act"),
        (replace(MATTER, title=("道路", "")), "title"),
        (replace(MATTER, acts=(*MATTER.acts, MATTER.acts[0])), "acts"),
        (replace(MATTER, opening=()), "new"),
        (replace(SOS, answer=None), "awaiting_answer"),
        (with_hours(("9:00", "21:00")), "ladder[0].hours"),
        (with_hours(("24:00", "07:00")), "ladder[0].hours"),
        (with_hours(("07:00", "07:00")), "ladder[0].hours"),
        (with_hours(("21:00", "07:00"), every=True), "ladder"),
    ],
)
def test_playbook_with_a_fault_is_refused_by_its_key(playbook: Playbook, want: str) -> None:
    assert want in faults(playbook, {*ROLES, *SOS_ROLES})


def test_playbook_that_cannot_be_closed_is_refused() -> None:
    limit = Limit(60, "x", "2026-01-01", "y")
    stuck = Playbook(
        scenario="s",
        kind="k",
        version=1,
        title=("甲", "A"),
        severity="minor",
        signals=(),
        acts=(Act("accept", ("new",), "accepted", ("a",)),),
        repeat=limit,
        late_after=limit,
        clocks=(ClockRule("accept", limit, watches=(Watch(1, 1, ("a",)),)),),
        begins="new",
        opening=("accept",),
    )
    assert faults(stuck, ("a",)) == ["accepted", "new"]


@pytest.mark.parametrize(
    ("supersedes", "want"),
    [(("reqest",), "other"), ((MATTER.kind,), "other"), (("other",), "for each record")],
)
def test_playbook_supersedes_another_kind_of_its_own_sort(
    supersedes: tuple[str, ...], want: str
) -> None:
    """A name misspelt, itself, or a kind that has a case for each subject where it has more."""
    title, first = ("甲", "A"), replace(MATTER, scenario="s", per_row=True, supersedes=supersedes)
    other = replace(MATTER, scenario="s", kind="other")
    declared = Scenario(
        name="s", title=title, subjects={}, signals={}, roles=ROLES, playbooks=(first, other)
    )
    with pytest.raises(BadInputError) as refused:
        install(declared)
    (fault,) = refused.value.faults
    assert fault.field == f"{first.key}.supersedes"
    assert want in fault.want
    assert "s" not in installed()
