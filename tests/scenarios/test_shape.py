"""Every scenario folder has the same shape, and keeps what it promises.

Adding a scenario edits no file outside its folder: this walks whatever is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bihuan.scenarios
from bihuan.base.time import MovableClock, datetime_of
from bihuan.console.shows import drawn
from bihuan.figures.bulletins.models import BulletinText
from bihuan.figures.published.models import PressProposal
from bihuan.journal import rebuild
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Head, Parked
from bihuan.loop.playbook import OF_THE_CASE, Limit, Playbook
from bihuan.loop.playbook_check import check
from bihuan.loop.scenario import Scenario, templates_of
from bihuan.loop.states import ACT_WORDS, FIELD_WORDS
from bihuan.scenarios import load
from bihuan.wiring import demo

ROOT = Path(bihuan.scenarios.__file__).parent
SCENARIOS = {scenario.name: scenario for scenario in load()}
HEADINGS = (
    "**Whom it serves.**",
    "**What the founding text says.**",
    "**What is here.**",
    "**Sources.**",
    "**What is not covered.**",
)
every = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS.keys())
HAN = re.compile(r"[\u4e00-\u9fff]")


@every
def test_shape_files_are_present(scenario: Scenario) -> None:
    folder = ROOT / scenario.name
    for name in ("__init__.py", "scenario.py", "playbook.py", "demo.py", "README.md"):
        assert (folder / name).is_file(), name
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert [heading for heading in HEADINGS if heading not in text] == []
    own = [*folder.glob("tests/test_*.py")]
    own += Path(__file__).parent.glob(f"test_{scenario.name}_*.py")
    assert own, "tests of its own"
    stray = [path.name for path in folder.iterdir() if path.name in ("views.py", "urls.py")]
    assert stray == []
    assert not (folder / "migrations").exists()


@every
def test_shape_imports_no_other_scenario(scenario: Scenario) -> None:
    others = "|".join(name for name in SCENARIOS if name != scenario.name)
    for path in (ROOT / scenario.name).rglob("*.py"):
        found = re.search(rf"bihuan\.scenarios\.({others})\b", path.read_text(encoding="utf-8"))
        assert not found, path


def limits_of(playbook: Playbook) -> Iterator[tuple[str, Limit]]:
    yield "repeat", playbook.repeat
    yield "late_after", playbook.late_after
    yield from ((f"ladder {n}", step.wait) for n, step in enumerate(playbook.ladder))
    for kind in playbook.clock_kinds():
        rule = playbook.clock(kind)
        assert rule is not None
        yield kind, rule.limit


@every
def test_shape_limits_have_unit_and_source(scenario: Scenario) -> None:
    for playbook in scenario.playbooks:
        for place, limit in limits_of(playbook):
            assert (limit.seconds > 0) != (limit.days > 0), f"{playbook.key} {place}"
            assert limit.unit in ("hours", "calendar", "working"), place
            said = (limit.source.strip(), limit.region.strip(), limit.effective_from)
            assert all(said), f"{playbook.key} {place}"
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", limit.effective_from), place


@every
def test_shape_states_are_reachable_timed_and_closable(scenario: Scenario) -> None:
    for playbook in scenario.playbooks:
        check(playbook, scenario.roles)


def words_of(scenario: Scenario) -> Iterator[tuple[str, tuple[str, str]]]:
    yield "title", scenario.title
    yield from {**scenario.subjects, **scenario.signals, **scenario.roles}.items()
    for playbook in scenario.playbooks:
        yield playbook.key, playbook.title
        yield from ((f"{playbook.key} ladder", step.title) for step in playbook.ladder)
        for act in playbook.acts:
            yield act.name, act.title or ACT_WORDS[act.name]
            for field in act.fields:
                yield field.name, field.title or FIELD_WORDS[field.name]
                yield from ((f"{field.name} {value}", said) for value, said in field.options)
    for rule in scenario.rules:
        yield rule.id, (rule.title_zh, rule.title_en)
    yield from (("panel", one.title) for one in scenario.panels)
    yield from ((one.name, one.title) for one in scenario.sheets)
    yield from ((one.name, one.title) for one in scenario.overviews)
    yield from ((one.name, one.title) for one in scenario.notices)


@every
def test_shape_templates_are_there_whole_and_safe(scenario: Scenario) -> None:
    assert [str(fault) for fault in drawn.faults_of(scenario)] == []
    named = set(templates_of(scenario))
    held = {path.name for path in (ROOT / scenario.name).glob("*.html")}
    included = re.compile(r"""\{%\s*(?:include|extends)\s+["']([a-z0-9_]+\.html)""")
    for path in (ROOT / scenario.name).glob("*.html"):
        named |= set(included.findall(path.read_text(encoding="utf-8")))
    assert held - named == set(), "a template that nothing shows"


@every
def test_shape_words_are_there_in_both_languages(scenario: Scenario) -> None:
    for place, (zh, en) in words_of(scenario):
        assert zh.strip(), place
        assert en.strip(), place
        assert not HAN.search(en), f"{place}: {en}"
    named = {role for p in scenario.playbooks for act in p.acts for role in act.roles}
    named |= {role for p in scenario.playbooks for step in p.ladder for role in step.roles}
    assert named - set(scenario.roles) - set(OF_THE_CASE) == set()
    # what a case is called: its kind's word
    assert {playbook.kind for playbook in scenario.playbooks} <= set(scenario.signals)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_shape_stories_told_twice_change_nothing(
    data: Path, clock: MovableClock, keys: KeyRing
) -> None:
    begins = datetime_of(clock.now_us())
    assert demo.tell(data, keys, begins) == sum(1 for s in SCENARIOS.values() if s.story)
    assert not Parked.objects.exists()
    # the paper's page and the bulletin, released by another than who wrote it
    decided = PressProposal.objects.exclude(verdict=None).values_list("verdict", flat=True)
    assert list(decided) == ["confirmed"] * 4
    issued = BulletinText.objects.get(version=1)
    assert issued.written_by != issued.issued_by
    assert not HAN.search(re.sub(r"\{.*?\}", "", issued.en))
    before = Head.objects.get(lane=0).position
    assert demo.tell(data, keys, begins) == 0
    assert Head.objects.get(lane=0).position == before
    assert str(rebuild.check()) == "equal"
