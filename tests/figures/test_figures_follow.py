"""The follower, the cube and a rebuild: the same figures whatever the way to them."""

from __future__ import annotations

import pytest
from django.db import connections

from bihuan.figures import cube, facts
from bihuan.figures.cube import Figures
from bihuan.figures.groups import groups, known_groups
from bihuan.figures.installed import forget, install
from bihuan.figures.models import CaseFact, Cell, Layout
from bihuan.journal.rebuild import check
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case, CaseClock
from tests.county import World
from tests.figures.cases_told import NAME, Told, scenario

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
SAME = ("state", "outcome", "opened_us", "closed_us", "area_path", "signals", "refusals", "cause")


def test_facts_agree_with_the_loop(world: World) -> None:
    """A fact says of its case and of its clocks what the loop's own tables say."""
    people = world.people
    world.press()
    world.settle()
    world.do("take", people.secretary)
    world.do("report", people.secretary, answer="老人平安")
    world.do("not_solved", people.daughter)
    world.do("report", people.secretary, answer="老人平安")
    world.do("solved", people.daughter)
    world.signal(world.subject())
    world.wait(minutes=8)
    world.do("take", people.secretary)
    world.settle()
    world.phones.take()
    keeper = Figures(7)
    while keeper.run_once():
        pass
    assert CaseFact.objects.count() == Case.objects.count() == 2
    seen = set()
    for fact in CaseFact.objects.all():
        case = Case.objects.get(pk=fact.id)
        for name in SAME:
            assert getattr(fact, name) == getattr(case, name), name
        for kind in facts.CLOCK_KINDS:
            states = set(CaseClock.objects.filter(case_id=case.id, kind=kind).values_list("state"))
            told = getattr(fact, f"clock_{kind}")
            assert (told is None) == (not states), kind
            assert (("missed",) in states) == (told == "missed"), kind
            seen.add(told)
    assert {"met", "missed", None} <= seen


def some_cases(told: Told) -> None:
    """In two months: taken, missed, closed, reopened by nobody, merged, still open."""
    cases = [told.opened(area) for area in (told.willow, told.bridge, told.shore, told.willow)]
    told.clock.advance(minutes=7)
    told.taken(cases[0])
    told.missed(cases[1])
    told.answered(cases[0], is_solved=False)
    told.answered(cases[0], is_solved=True)
    told.closed(cases[0])
    told.closed(cases[3], "void")
    told.clock.advance(days=35)
    told.opened(told.shore)
    told.taken(cases[1])
    told.closed(cases[1], "no_reply")


def test_cells_are_what_the_facts_add_up_to(told: Told) -> None:
    """The follower's sums, kept case by case, equal those that the database makes of the facts."""
    some_cases(told)
    told.follow(3)
    found = cube.compare()
    assert (found.different, found.first) == (0, None)
    assert found.equal == Cell.objects.count() == 8


def test_a_wrong_cell_is_found_and_put_right(told: Told) -> None:
    """A cell that somebody changed is named; what is declared anew is counted anew."""
    some_cases(told)
    told.follow()
    with connections[MAIN].cursor() as cursor:
        cursor.execute("SELECT id, cluster FROM figures_cell ORDER BY id")
        key, cluster = cursor.fetchone()
        cursor.execute("UPDATE figures_cell SET parts = %s WHERE id = %s", (b"\x07" * 8, key))
        cursor.execute("UPDATE figures_layout SET parts = 'other' WHERE id = %s", (cluster,))
    assert (cube.compare().different, cube.compare().first) == (1, key)
    assert not cube.is_current()
    cube.make_current()
    assert (cube.compare().different, cube.is_current()) == (0, True)


def test_a_rebuild_gives_the_same_figures(told: Told) -> None:
    """However far the follower has come: facts, cells and what cells mean are rebuilt."""
    some_cases(told)
    assert check().different == 0
    Figures(9).run_once()
    found = check()
    assert found.different == 0
    mine = {model._meta.db_table for model in (CaseFact, Cell, Layout)}
    assert [t.table for t in found.tables if t.table in mine and not t.equal] == []
    told.follow()
    assert check().different == 0
    with connections[MAIN].cursor() as cursor:
        cursor.execute("UPDATE figures_case_fact SET refusals = 5")
    assert check().different == 5


def test_a_new_figure_gets_its_past(told: Told) -> None:
    """Figures that are declared later count the cases that came before."""
    forget(NAME)
    some_cases(told)
    told.follow()
    assert not Cell.objects.exists()
    install(scenario())
    told.follow()
    assert Cell.objects.exists()
    assert cube.compare().different == 0


def test_groups_that_are_kept_are_those_of_the_figures_installed_now(told: Told) -> None:
    """Pages read groups that are kept: another set of figures makes them anew."""
    before = known_groups()
    assert before == groups()
    assert any(group.scenario == NAME for group in before.values())
    forget(NAME)
    assert known_groups() == groups() != before
    install(scenario())
    assert known_groups() == groups() == before
