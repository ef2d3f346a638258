"""Values, growth, places, targets, locks: the traps of a county's numbers, by the written words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from bihuan.base.errors import BadInputError
from bihuan.base.time import DAY_US, MovableClock, us_of
from bihuan.figures import acts, drill, entries, sql_cases
from bihuan.figures.declared import Cases, Count, Figure, Ratio, Target
from bihuan.figures.installed import Installed, figure, install
from bihuan.figures.models import CaseFact, LockedValue
from bihuan.figures.parts import NOTHING
from bihuan.figures.parts import Told as Amount
from bihuan.figures.periods import parse
from bihuan.figures.values import Book, Value, public, ranked
from bihuan.journal.storage import MAIN
from bihuan.loop.act import ForbiddenError
from bihuan.register import rights
from bihuan.register.acts import Registrar as _Registrar  # noqa: F401 - the register's own types
from bihuan.register.areas.entries import AreaMerged
from bihuan.register.rights import Rights
from tests.figures.cases_told import BY, NAME, Told, scenario

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
MARCH = "2026-03"


def counted(name: str, **more: object) -> Figure:
    said: dict[str, object] = {
        "title": ("数", "n"),
        "unit": ("件", "cases"),
        "definition": ("件数。", "Cases."),
        "version": 1,
        "source": "a test",
        "effective_from": "2026-01-01",
        "over": Cases(("road",)),
        "measure": Count(),
    }
    return Figure(name=name, **{**said, **more})  # type: ignore[arg-type]  # names of its own fields


def share(**more: object) -> Figure:
    ratio = Ratio(
        part=(("clock_answer", "=", "met"),), whole=(("clock_answer", "in", ("met", "missed")),)
    )
    return counted("share", measure=ratio, unit=("%", "%"), direction="higher", **more)


def value(told: Told, one: str, period: str, area: int) -> Value:
    book = Book(told.clock.now_us())
    return book.value(figure(f"{NAME}.{one}"), parse(period), told.path(area))


def test_an_empty_denominator_is_neither_0_nor_100(told: Told) -> None:
    """A share of nothing has no value: of a case whose clock still runs, and of no case."""
    install(scenario(share()))
    told.follow()
    assert value(told, "share", MARCH, told.county).told == (None, 0.0, 0.0)
    case = told.opened(told.willow)
    told.follow()
    assert value(told, "share", MARCH, told.county).told == (None, 0.0, 0.0)
    told.taken(case)
    told.follow()
    assert value(told, "share", MARCH, told.county).told == (100.0, 1.0, 1.0)


def test_ids_sum_and_count_are_the_same_cases(told: Told) -> None:
    """A value opens to exactly what stands above and below its line, in each area."""
    install(scenario(share()))
    cases = [told.opened(area) for area in (told.willow, told.willow, told.bridge, told.shore)]
    told.taken(cases[0])
    told.missed(cases[1])
    told.taken(cases[3])
    told.follow()
    one, book = figure(f"{NAME}.share"), Book(told.clock.now_us())
    window = book.window(one, parse(MARCH))
    for area, part, whole in (
        (told.county, [cases[3], cases[0]], [cases[3], cases[1], cases[0]]),
        (told.stone, [cases[0]], [cases[1], cases[0]]),
        (told.bridge, [], []),
    ):
        ask = drill.Ask(one, window, told.path(area))
        below = drill.Ask(one, window, told.path(area), is_whole=True)
        assert drill.rows(book.reader, ask, 10) == part
        assert drill.rows(book.reader, below, 10) == whole
        shown = book.value(one, parse(MARCH), told.path(area)).told
        assert (shown.top, shown.bottom) == (len(part), len(whole))
        assert drill.count(book.reader, ask) == len(part)


def test_areas_then_and_now_differ_after_a_merger(told: Told) -> None:
    """沙渚 is merged into 石桥: its old cases stay where they were, or follow, as declared."""
    install(scenario(counted("then"), counted("now", areas="now")))
    told.opened(told.shore)
    told.opened(told.willow)
    told.clock.advance(days=1)
    told.say(AreaMerged(old_ids=[told.sand], successor_id=told.stone, at_us=told.clock.now_us()))
    told.opened(told.shore)
    told.follow()
    assert value(told, "then", MARCH, told.county).told.amount == 3
    assert value(told, "then", MARCH, told.stone).told.amount == 2
    assert value(told, "now", MARCH, told.stone).told.amount == 3
    assert value(told, "now", MARCH, told.county).told.amount == 3


def test_a_merger_moves_no_published_number(told: Told) -> None:
    """Areas then: 石桥 keeps its 1. Areas now: 2 of the records are told beside the published 1."""
    install(scenario(counted("then"), counted("now", areas="now")))
    told.opened(told.shore)
    told.opened(told.willow)
    told.follow()
    told.clock.advance(days=31)
    acts.lock(told.clock, BY, everywhere(told), (NAME, MARCH, ""))
    told.say(AreaMerged(old_ids=[told.sand], successor_id=told.stone, at_us=told.clock.now_us()))
    told.follow()
    then, now = (value(told, name, MARCH, told.stone) for name in ("then", "now"))
    assert (then.told.amount, then.lock, then.live) == (1, 1, None)
    assert (now.told.amount, now.lock) == (1, 1)
    assert now.live is not None
    assert now.live.amount == 2


def test_growth_of_an_open_period_is_like_for_like(told: Told) -> None:
    """On 3 April: 2 cases in 3 days against the 2 of March's first 3 days, not its 3 in all."""
    install(scenario(counted("n")))
    for days in (0, 0, 20):
        told.clock.advance(days=days)
        told.opened(told.willow)
    told.clock.advance(days=10)  # 22 March + 10 days: 1 April
    told.opened(told.willow)
    told.clock.advance(days=2)
    told.opened(told.willow)
    told.follow()
    book, one = Book(told.clock.now_us()), figure(f"{NAME}.n")
    growth = book.growth(one, parse("2026-04"), told.path(told.county), "before")
    assert (growth.amount, growth.unit, growth.is_cut) == (0.0, "percent", True)
    whole = Book(us_of(datetime(2026, 5, 2, tzinfo=UTC)))
    after = whole.growth(one, parse("2026-04"), told.path(told.county), "before")
    assert (round(after.amount or 0, 1), after.is_cut) == (-33.3, False)


def test_growth_of_a_percentage_is_in_points(told: Told) -> None:
    """From 50 % to 100 % are 50 percentage points, never 100 %."""
    install(scenario(share()))
    first, second = told.opened(told.willow), told.opened(told.willow)
    told.taken(first)
    told.missed(second)
    told.clock.advance(days=31)
    told.taken(told.opened(told.willow))
    told.follow()
    book = Book(us_of(datetime(2026, 5, 2, tzinfo=UTC)))
    one, path = figure(f"{NAME}.share"), told.path(told.county)
    growth = book.growth(one, parse("2026-04"), path, "before")
    assert (growth.amount, growth.unit) == (50.0, "points")
    nothing = book.growth(one, parse("2026-04"), path, "year")
    assert (nothing.amount, nothing.why) == (None, "no_base")


def test_no_growth_from_zero_and_none_over_a_changed_definition(told: Told) -> None:
    """From 0 to 1 is no percentage; a second version is not compared with the first's time."""
    install(scenario(counted("n"), counted("m", version=2, effective_from="2026-04-01")))
    told.clock.advance(days=31)
    told.opened(told.willow)
    told.follow()
    book, path = Book(us_of(datetime(2026, 5, 2, tzinfo=UTC))), told.path(told.county)
    zero = book.growth(figure(f"{NAME}.n"), parse("2026-04"), path, "before")
    assert (zero.amount, zero.why) == (None, "zero_base")
    other = book.growth(figure(f"{NAME}.m"), parse("2026-04"), path, "before")
    assert (other.amount, other.why) == (None, "definition")


def test_cumulative_point_and_response_by_hand(told: Told) -> None:
    """January to March; what was open at the end of March; median and p90 of 1 to 10 minutes."""
    install(scenario(counted("year", period="cumulative")))
    cases = []
    for minutes in range(1, 11):
        cases.append(told.opened(told.willow))
        told.clock.advance(minutes=minutes)
        told.taken(cases[-1])
    told.clock.advance(days=31)
    for case in cases[:4]:
        told.closed(case)
    told.follow()
    assert value(told, "year", "2026-05", told.county).told.amount == 10
    assert value(told, "road_response_median", "2026-03", told.county).told.amount == 5 / 60
    assert value(told, "road_response_p90", "2026-03", told.county).told.amount == 9 / 60
    assert value(told, "road_backlog", "2026-03", told.county).told.amount == 10
    assert value(told, "road_backlog", "2026-04", told.county).told.amount == 6
    assert value(told, "road_longest_wait", "2026-04", told.county).told.amount is None


@pytest.mark.parametrize("hours", [0, 1, 2, 3, 63, 64, 65, 5_000])
def test_what_was_open_is_found_by_how_long_cases_were_open(told: Told, hours: int) -> None:
    """One case open for so many hours, one open still: as the plain words have it."""
    install(scenario())
    case, still = told.opened(told.willow), told.opened(told.shore)
    told.clock.advance(hours=hours, seconds=1)
    told.closed(case)
    told.follow()
    gone, stays = CaseFact.objects.get(pk=case), CaseFact.objects.get(pk=still)
    assert gone.closed_us is not None
    assert (gone.span >= 0, stays.span) == (True, -1)
    later = gone.closed_us + 10 * DAY_US
    for at_us in (gone.opened_us - 1, gone.opened_us, gone.closed_us - 1, gone.closed_us, later):
        plain = sql_cases.count((), sql_cases.open_at(at_us))
        found = sum(sql_cases.count((), piece) for piece in sql_cases.open_pieces(at_us))
        by_hand = (gone.opened_us <= at_us < gone.closed_us) + (stays.opened_us <= at_us)
        assert (found, plain) == (by_hand, by_hand), at_us - gone.opened_us


def test_what_is_open_is_read_from_an_index_alone(told: Told) -> None:
    """No row of a case is looked up for the backlog, its age or its longest wait."""
    install(scenario())
    if connections[MAIN].vendor != "sqlite":
        pytest.skip("the plan's words are SQLite's")
    for name in ("backlog", "backlog_age", "longest_wait"):
        with CaptureQueriesContext(connections[MAIN]) as asked:
            value(told, f"road_{name}", MARCH, told.county)
        sql = next(q["sql"] for q in asked.captured_queries if "UNION ALL" in q["sql"])
        with connections[MAIN].cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = [row[3] for row in cursor.fetchall() if "figures_case_fact" in row[3]]
        assert len(plan) > 1
        assert all("COVERING INDEX case_fact_span" in step for step in plan), plan


def test_part_months_are_counted_from_the_facts(told: Told) -> None:
    """A week over the end of a month, a day and a quarter give what a hand count gives."""
    install(scenario(counted("n")))
    for days in (0, 27, 1, 1, 1, 1):  # 2, 29, 30, 31 March, 1, 2 April
        told.clock.advance(days=days)
        told.opened(told.willow)
    told.follow()
    for period, n in (("2026-W14", 4), ("2026-03-31", 1), ("2026-Q1", 4), ("2026-W13", 1)):
        assert value(told, "n", period, told.county).told.amount == n, period


def everywhere(told: Told) -> Rights:
    rights.grant(NAME, "figure_chief", ("see", "act"))
    return Rights(1, frozenset({("figure_chief", told.path(told.county))}), frozenset())


def test_a_late_change_revises_an_open_period_and_never_a_locked_one(told: Told) -> None:
    """What was published stays; what the records say now is told beside it; a correction is v2."""
    install(scenario(share()))
    first, late = told.opened(told.willow), told.opened(told.willow)
    told.taken(first)
    told.follow()
    with pytest.raises(BadInputError, match="over"):
        acts.lock(told.clock, BY, everywhere(told), (NAME, MARCH, ""))
    told.clock.advance(days=31)
    assert acts.lock(told.clock, BY, everywhere(told), (NAME, MARCH, "")) == 1
    told.missed(late)
    told.follow()
    shown = value(told, "share", MARCH, told.county)
    assert (shown.told.amount, shown.lock) == (100.0, 1)
    assert shown.live is not None
    assert shown.live.amount == 50.0
    with pytest.raises(BadInputError, match="reason"):
        acts.lock(told.clock, BY, everywhere(told), (NAME, MARCH, " "))
    assert acts.lock(told.clock, BY, everywhere(told), (NAME, MARCH, "迟到的记录")) == 2
    again = value(told, "share", MARCH, told.county)
    assert (again.told.amount, again.lock, again.live) == (50.0, 2, None)
    with pytest.raises(BadInputError, match="differ"):
        acts.lock(told.clock, BY, everywhere(told), (NAME, MARCH, "再来一次"))
    mine = LockedValue.objects.filter(figure=f"{NAME}.share", area_id=told.county)
    assert list(mine.order_by("id").values_list("amount", flat=True)) == [100.0, 50.0]


def test_zeros_from_before_the_journal_are_not_published(told: Told) -> None:
    """February was over before the first entry: refused. A month of no case after it is a zero."""
    install(scenario(share()))
    told.clock.advance(days=70)
    with pytest.raises(BadInputError) as refused:
        acts.lock(told.clock, BY, everywhere(told), (NAME, "2026-02", ""))
    (fault,) = refused.value.faults
    assert (fault.field, fault.got) == ("period", "2026-02")
    assert fault.want.startswith("a period with records: they begin 2026-03-")
    assert not LockedValue.objects.exists()
    assert acts.lock(told.clock, BY, everywhere(told), (NAME, "2026-04", "")) == 1


def test_only_who_acts_for_the_county_publishes(told: Told, clock: MovableClock) -> None:
    """Not the stranger, and not who holds a post of one town."""
    clock.advance(days=40)
    rights.grant(NAME, "figure_chief", ("see", "act"))
    town = Rights(2, frozenset({("figure_chief", told.path(told.stone))}), frozenset())
    for mine in (Rights(3, frozenset(), frozenset()), town):
        with pytest.raises(ForbiddenError):
            acts.lock(clock, BY, mine, (NAME, MARCH, ""))


def test_the_countys_target_comes_before_a_declared_one(told: Told) -> None:
    """From its day on; taken back, the declared one holds again."""
    install(scenario(share(targets=(Target(90, "a test", "2026-01-01", "青禾县"),))))
    told.follow()
    one = figure(f"{NAME}.share")

    def holds(period: str) -> float | None:
        found = Book(told.clock.now_us()).target(one, parse(period), Amount(85.0, 17, 20))
        return None if found is None or found.is_met else found.amount

    assert (holds(MARCH), holds("2025-12")) == (90, None)
    for amount, month in ((95.0, 4), (None, 5)):
        at = datetime(2026, month, 1, tzinfo=UTC)
        said = entries.TargetSet(
            by=BY, figure=one.id, amount=amount, source="会议", region="青禾县", from_us=us_of(at)
        )
        acts.set_target(told.clock, everywhere(told), said)
    assert (holds(MARCH), holds("2026-04"), holds("2026-05")) == (90, 95, 90)


ONE = Installed("t", counted("n", direction="higher", unit=("%", "%")))


def of(amount: float | None, top: float | None = None, bottom: float | None = None) -> Value:
    return Value(Amount(amount, top, bottom), is_open=False)


def test_places_are_shared_and_the_next_one_is_skipped() -> None:
    """97.51 and 97.52 are both shown as 97.5: 1, 2, 2, 4; who has no value has no place."""
    now = {1: of(97.51), 2: of(99.0), 3: of(97.52), 4: of(50.0), 5: of(None)}
    before = {1: of(10.0), 2: of(20.0), 3: of(30.0), 4: of(40.0)}
    found = ranked(ONE, now, before)
    assert [(r.area_id, r.place, r.is_tied, r.moved) for r in found] == [
        (2, 1, False, 2),
        (1, 2, True, 2),
        (3, 2, True, 0),
        (4, 4, False, -3),
        (5, None, False, None),
    ]


def test_small_numbers_are_hidden_in_public_and_not_told_by_the_rest() -> None:
    """4 of 20 are few, so is the 1 of 50 that is missing; one hidden area alone takes another."""
    few, missing, many = of(20.0, 4, 20), of(98.0, 49, 50), of(50.0, 20, 40)
    assert [v.hidden for _a, v in public(ONE, [(1, few), (2, missing), (3, many)])] == [
        True,
        True,
        False,
    ]
    alone = public(ONE, [(1, few), (2, of(50.0, 30, 60)), (3, many)])
    assert [v.hidden for _a, v in alone] == [True, False, True]
    assert alone[0][1].told == NOTHING
