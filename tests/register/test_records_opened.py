"""An act that files further records: all with it, or nothing of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Head
from bihuan.register import schemes
from bihuan.register.records.acts import By, Ledger
from bihuan.register.records.models import Record
from bihuan.register.refusals import BrokenError
from bihuan.register.scheme import Facts, Field, Opens, RecordAct, RecordType, Scheme, SubjectType
from bihuan.register.subjects.acts import NewSubject, Subjects
from tests.county import World
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
WANTED: dict[str, Sequence[Opens]] = {}
JOB = RecordType(
    name="job",
    title=("活", "Job"),
    subject="crew",
    number="HU-{year}-{n:03}",
    fields=(Field(name="n", title=("第几", "Which"), kind="integer", at_most=9, is_required=True),),
)


def opens(facts: Facts) -> Sequence[Opens]:
    assert facts.values["state"] == "busy", "the facts are those after the act"
    return WANTED["now"]


CREW = SubjectType(
    name="crew",
    title=("班组", "Crew"),
    party=None,
    states=(("idle", ("空闲", "Idle")), ("busy", ("忙", "Busy"))),
    acts=(
        RecordAct(
            name="begin",
            title=("开始", "Begin"),
            from_states=("idle",),
            to="busy",
            roles=("town_duty",),
            opens=opens,
        ),
    ),
)
SCHEME = Scheme(
    scenario="crews",
    subjects=(CREW,),
    records=(JOB, replace(JOB, name="lone", number="LO-{year}-{n:03}", subject=None)),
    editors={"crew": ("town_duty",), "job": ("town_duty",)},
)


@pytest.fixture
def crew(transactional_db: None, clock: MovableClock, keys: KeyRing) -> Iterator[tuple[World, int]]:
    world = World(clock, keys)
    schemes.install(SCHEME, {}, {"town_duty": ("镇", "Town")})
    new = NewSubject("crews", "crew", world.people.village, name="一班")
    by = By(world.people.town_officer, "page", "k")
    yield world, Subjects(world.clock, world.keys).register(new, by)
    schemes.forget("crews")


def begin(crew: tuple[World, int]) -> int:
    world, row = crew
    by = By(world.people.town_officer, "page", "b")
    return Ledger(world.clock, world.keys).act(row, "begin", {}, by)


def test_records_are_filed_once_with_the_act(crew: tuple[World, int]) -> None:
    world, row = crew
    WANTED["now"] = (
        Opens(kind="job", values={"n": 1}),
        Opens(kind="job", values={"n": 2}, area_id=world.people.town),
    )
    assert begin(crew) == begin(crew), "the same click"
    found = Record.objects.filter(kind="job").order_by("id")
    assert [(r.number, r.subject_id, r.area_id) for r in found] == [
        ("HU-2026-001", row, world.people.village),
        ("HU-2026-002", row, world.people.town),
    ]
    assert differences() == []


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (Opens(kind="nothing", values={"n": 2}), BrokenError),
        (Opens(kind="lone", values={"n": 2}), BrokenError),
        (Opens(kind="job", values={"n": 10}), BadInputError),
        (Opens(kind="job", values={"m": 1}), BadInputError),
        (Opens(kind="job", values={"n": 2}, area_id=1), BadInputError),
    ],
    ids=["unknown", "of-no-subject", "beyond", "field", "area"],
)
def test_one_that_cannot_be_filed_keeps_nothing_of_the_act(
    crew: tuple[World, int], wanted: Opens, error: type[Exception]
) -> None:
    WANTED["now"] = (Opens(kind="job", values={"n": 1}), wanted)
    before = Head.objects.get(lane=0).position
    with pytest.raises(error):
        begin(crew)
    assert not Record.objects.exists()
    assert Head.objects.get(lane=0).position == before
