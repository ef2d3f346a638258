"""Organisations and posts from-to: who held what when, and who stood above."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.register.acts import Registrar
from bihuan.register.areas.acts import NewShape
from bihuan.register.entries import Actor
from bihuan.register.history.read import as_it_was, changed_by, history_of
from bihuan.register.models import Post
from bihuan.register.organisations.acts import (
    NewOrganisation,
    NewPlace,
    NewPost,
    OrganisationActs,
)
from bihuan.register.organisations.models import Organisation
from bihuan.register.organisations.read import members_at, posts_at, superiors
from bihuan.register.parties.duplicates import DuplicateActs
from tests.rebuilt import differences
from tests.register.territory import CLERK, Territory, day

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture
def acts(territory: Territory, clock: MovableClock) -> OrganisationActs:
    return OrganisationActs(clock, CLERK)


@pytest.fixture
def people(territory: Territory, clock: MovableClock, keys: KeyRing) -> dict[str, int]:
    registrar = Registrar(clock, keys)
    names = ("李建国", "周敏", "何川", "陈晓", "陌生人")
    return {name: registrar.person(name, "", None) for name in names}


def office(acts: OrganisationActs, area: int, name: str, parent: int | None = None) -> int:
    return acts.register(
        NewOrganisation(kind="department", name=(name, ""), area_id=area, parent_id=parent)
    )


def test_a_single_seat_has_one_holder_at_a_time(
    acts: OrganisationActs, territory: Territory, people: dict[str, int]
) -> None:
    village = territory.ids["柳溪村"]
    one = NewPost(
        person_id=people["李建国"],
        role="secretary",
        area_id=village,
        from_us=day("2020-01-01"),
        until_us=day("2023-01-01"),
        is_single=True,
    )
    acts.hold(one)
    for from_us, until_us in (("2022-12-31", None), ("2019-01-01", "2020-01-02")):
        with pytest.raises(BadInputError, match="does not hold meanwhile"):
            acts.hold(
                NewPost(
                    person_id=people["周敏"],
                    role="secretary",
                    area_id=village,
                    from_us=day(from_us),
                    until_us=day(until_us) if until_us else None,
                )
            )
    for area, from_us in ((village, "2023-01-01"), (territory.ids["上岭村"], "2020-01-01")):
        acts.hold(
            NewPost(
                person_id=people["周敏"],
                role="secretary",
                area_id=area,
                from_us=day(from_us),
                is_single=True,
            )
        )
    assert differences() == []


def test_a_seat_that_is_not_single_may_be_shared(
    acts: OrganisationActs, territory: Territory, people: dict[str, int]
) -> None:
    for name in ("李建国", "周敏"):
        village = territory.ids["柳溪村"]
        acts.hold(NewPost(person_id=people[name], role="village_duty", area_id=village))
    assert Post.objects.count() == 2


def test_one_person_does_not_hold_one_seat_twice_at_a_time(
    acts: OrganisationActs, territory: Territory, people: dict[str, int]
) -> None:
    post = NewPost(
        person_id=people["周敏"],
        role="village_duty",
        area_id=territory.ids["柳溪村"],
        from_us=day("2020-01-01"),
        until_us=day("2023-01-01"),
    )
    acts.hold(post)
    with pytest.raises(BadInputError, match="does not hold meanwhile"):
        acts.hold(replace(post, from_us=day("2022-12-31"), until_us=None))
    acts.hold(replace(post, from_us=day("2023-01-01"), until_us=None))
    assert Post.objects.count() == 2


def test_a_post_names_an_area_or_an_organisation_and_all_faults_are_told(
    acts: OrganisationActs, people: dict[str, int]
) -> None:
    with pytest.raises(BadInputError) as error:
        acts.hold(NewPost(person_id=3, role="", from_us=10, until_us=5))
    told = {fault.field for fault in error.value.faults}
    assert told == {"area_id, organisation_id", "person_id", "role", "until_us"}


def test_posts_are_those_of_the_date_under_every_id_of_the_person(
    acts: OrganisationActs, territory: Territory, people: dict[str, int], clock: MovableClock
) -> None:
    village = territory.ids["柳溪村"]
    held = acts.hold(
        NewPost(
            person_id=people["李建国"], role="secretary", area_id=village, from_us=day("2020-01-01")
        )
    )
    acts.leave_post(held, day("2022-01-01"), why="届满")
    twin = acts.hold(
        NewPost(
            person_id=people["陈晓"], role="director", area_id=village, from_us=day("2021-01-01")
        )
    )
    DuplicateActs(clock).merge(people["陈晓"], people["李建国"])
    found = {
        date: [post.id for post in posts_at(people["李建国"], day(date))]
        for date in ("2019-12-31", "2020-01-01", "2021-06-01", "2022-01-01")
    }
    assert found == {
        "2019-12-31": [],
        "2020-01-01": [held],
        "2021-06-01": [held, twin],
        "2022-01-01": [twin],
    }
    assert list(posts_at(people["陌生人"], day("2021-06-01"))) == []
    with pytest.raises(BadInputError):
        acts.leave_post(held, day("2023-01-01"))
    assert as_it_was(Post, held, day("2019-12-31")) is None
    was = as_it_was(Post, held, day("2021-12-31"))
    assert was is not None
    assert was["until_us"] is None
    assert differences() == []


def test_superiors_go_up_the_organisation_and_then_the_areas(
    acts: OrganisationActs, territory: Territory, people: dict[str, int]
) -> None:
    county, town = territory.ids["青禾县"], territory.ids["石桥镇"]
    bureau = office(acts, county, "民政局")
    station = office(acts, town, "石桥民政所", bureau)

    def post(
        name: str, *, head: bool = False, org: int | None = None, area: int | None = None
    ) -> int:
        new = NewPost(
            person_id=people[name],
            role="officer",
            organisation_id=org,
            area_id=area,
            is_head=head,
            from_us=day("2020-01-01"),
        )
        return acts.hold(new)

    clerk = post("李建国", org=station)
    chief = post("周敏", head=True, org=station)
    director = post("何川", head=True, org=bureau)
    governor = post("陈晓", head=True, area=county)
    at = day("2021-01-01")

    def above(post_id: int, at_us: int = at) -> list[list[int]]:
        return [[held.id for held in level] for level in superiors(post_id, at_us)]

    assert above(clerk) == [[chief], [director], [governor]]
    assert above(chief) == [[director], [governor]]
    assert above(governor) == []
    assert above(clerk, day("2019-01-01")) == []
    acts.leave_post(chief, day("2022-01-01"))
    assert above(clerk, day("2022-01-01")) == [[director], [governor]]
    # the secretary who also heads the bureau is not his own superior
    also = post("何川", org=station)
    assert above(also, day("2022-01-01")) == [[governor]]


def test_an_organisation_keeps_what_it_was_and_cannot_lie_under_itself(
    acts: OrganisationActs, territory: Territory, clock: MovableClock
) -> None:
    county, town = territory.ids["青禾县"], territory.ids["石桥镇"]
    bureau = office(acts, county, "卫生局")
    station = office(acts, town, "卫生所", bureau)
    acts.change(bureau, day("2020-01-01"), NewPlace(name=("卫生健康局", "")))
    with pytest.raises(BadInputError) as error:
        acts.change(bureau, day("2019-01-01"), NewPlace(parent_id=station, area_id=3))
    assert {fault.field for fault in error.value.faults} == {"at_us", "parent_id", "area_id"}
    was = as_it_was(Organisation, bureau, day("2019-12-31"))
    assert was is not None
    assert was["name"] == "卫生局"
    with pytest.raises(BadInputError, match="nothing under it"):
        acts.end(bureau, day("2021-01-01"))
    acts.end(station, day("2021-01-01"))
    acts.end(bureau, day("2021-01-01"))
    with pytest.raises(BadInputError, match="goes on"):
        acts.change(bureau, day("2022-01-01"), NewPlace(name=("x", "")))
    assert differences() == []


def test_members_and_posts_end_with_their_organisation(
    acts: OrganisationActs, territory: Territory, people: dict[str, int]
) -> None:
    committee = office(acts, territory.ids["柳溪村"], "村委会")
    held = acts.join(committee, people["李建国"], day("2020-01-01"))
    gone = acts.join(committee, people["周敏"], day("2020-01-01"))
    acts.leave(gone, day("2020-06-01"))
    with pytest.raises(BadInputError, match="not a member"):
        acts.join(committee, people["李建国"], day("2021-01-01"))
    post = acts.hold(
        NewPost(
            person_id=people["李建国"],
            role="director",
            organisation_id=committee,
            from_us=day("2020-01-01"),
        )
    )
    assert Post.objects.get(pk=post).area_id == territory.ids["柳溪村"]
    with pytest.raises(BadInputError, match="later than"):
        acts.end(committee, day("2020-01-01"))
    acts.end(committee, day("2022-01-01"))
    assert [m.id for m in members_at(committee, day("2020-03-01"))] == [held, gone]
    assert [m.id for m in members_at(committee, day("2021-12-31"))] == [held]
    assert list(members_at(committee, day("2022-01-01"))) == []
    assert Post.objects.get(pk=post).until_us == day("2022-01-01")
    assert differences() == []


def test_the_history_names_the_person_who_changed_it(
    territory: Territory, people: dict[str, int], clock: MovableClock
) -> None:
    him = Actor(person_id=people["周敏"], role="registrar", via="page")
    mine = OrganisationActs(clock, him)
    bureau = office(mine, territory.ids["青禾县"], "民政局")
    mine.change(bureau, day("2020-01-01"), NewPlace(name=("民政事务局", "")))
    assert [line.by for line in history_of(Organisation, bureau)] == [him, him]
    found = changed_by(people["周敏"], 0, clock.now_us() + 1)
    assert [(noun, key, line.field) for noun, key, line in found] == [
        ("organisation", bureau, ""),
        ("organisation", bureau, "name"),
    ]
    assert changed_by(people["陌生人"], 0, clock.now_us() + 1) == []


def test_no_post_is_held_for_a_merged_area(
    acts: OrganisationActs, territory: Territory, people: dict[str, int]
) -> None:
    old, new = territory.ids["上岭村"], territory.ids["柳溪村"]
    territory.acts.merge([old], new, day("2022-01-01"))
    territory.acts.change(new, day("2022-01-01"), NewShape(name=("柳岭村", "")))
    with pytest.raises(BadInputError, match=f"an area that stands: {new}"):
        acts.hold(NewPost(person_id=people["李建国"], role="secretary", area_id=old))
