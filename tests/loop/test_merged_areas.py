"""A town merges while a case of it is open: who answers there now answers for it."""

from __future__ import annotations

import pytest

from bihuan.loop.act import ForbiddenError
from bihuan.loop.models import Case
from bihuan.loop.rights import visible_cases
from bihuan.register.areas.acts import AreaActs, NewArea
from bihuan.register.areas.spans import current
from bihuan.register.models import Area
from bihuan.register.organisations.acts import NewPost, OrganisationActs
from tests.county import World, calls
from tests.rebuilt import differences
from tests.register.territory import rows

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def new_town(world: World) -> int:
    """河口镇, whose officer has been the stranger since it was registered."""
    new = NewArea(
        code="330409",
        name=("河口镇", ""),
        level="town",
        parent_id=world.people.county,
        schematic=True,
    )
    town = AreaActs(world.clock).register(new)
    post = NewPost(person_id=world.people.stranger, role="town_duty", area_id=town)
    OrganisationActs(world.clock).hold(post)
    return town


def test_an_open_case_of_a_merged_town_is_its_successors(world: World) -> None:
    town, officer = new_town(world), world.people.stranger
    world.press()
    world.settle()
    world.phones.take()
    now_us = world.clock.now_us()
    assert not visible_cases(officer, now_us).exists()
    with pytest.raises(ForbiddenError):
        world.do("take", officer)
    then = world.case.area_path

    AreaActs(world.clock).merge([world.people.town], town, now_us)
    assert [case.id for case in visible_cases(officer, now_us)] == [world.case.id]
    world.do("take", officer)
    assert world.case.owner_id == officer
    assert world.case.area_path == then  # the case keeps where it was
    world.settle()
    world.phones.take()
    assert differences() == []


def test_a_subject_in_a_merged_village_calls_who_answers_there_now(world: World) -> None:
    village = world.area("330419", "village", world.people.town)
    subject = world.subject(village)
    AreaActs(world.clock).merge([village], world.people.village, world.clock.now_us())
    world.signal(subject)
    world.settle()
    case = Case.objects.get(subject_id=subject)
    assert case.area_id == village
    assert current(rows(), case.area_id) == world.people.village
    assert Area.objects.get(pk=village).path.startswith(
        Area.objects.get(pk=world.people.village).path
    )
    # nobody of the family is named: the secretary of the village that it is now is called first
    assert calls(world.people.secretary) <= world.phones.take()
    assert differences() == []
