"""A register in which everything happened comes back to the row, its history included."""

from __future__ import annotations

import pytest

from bihuan.base.time import MovableClock
from bihuan.journal import rebuild
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Parked
from bihuan.register.areas.acts import NewShape
from bihuan.register.history.models import Change
from bihuan.register.organisations.acts import NewOrganisation, NewPost, OrganisationActs
from bihuan.register.parties.acts import NewParty, NewPerson, PartyActs
from bihuan.register.parties.duplicates import DuplicateActs
from bihuan.register.parties.households import HouseholdActs
from tests.register.territory import CLERK, Territory, day

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def live_a_little(territory: Territory, clock: MovableClock, keys: KeyRing) -> None:
    ids, areas, parties = territory.ids, territory.acts, PartyActs(clock, keys, CLERK)
    organisations, duplicates = OrganisationActs(clock, CLERK), DuplicateActs(clock, CLERK)
    areas.change(ids["柳溪村"], day("2020-07-01"), NewShape(name=("柳溪社区", "")))
    zone = areas.zone("forest", ("北山林区", ""))
    areas.join_zone(zone, ids["石桥镇"], day("2020-01-01"))
    new = NewPerson(name=("王桂兰", "Wang"), phone="13900001234", channels=["call", "sms"])
    one, two = parties.person(new), parties.person(new)
    house = parties.party(NewParty(kind="household", area_id=ids["柳溪村"], address="3 组 12 号"))
    HouseholdActs(clock, CLERK).join(house, one, day("2020-01-01"), is_head=True)
    clock.advance(days=1)
    parties.rename(one, ("王桂花", ""))
    parties.change_phone(one, "13922223333")
    bureau = organisations.register(
        NewOrganisation(kind="department", name=("民政局", ""), area_id=ids["青禾县"])
    )
    post = NewPost(person_id=one, role="officer", organisation_id=bureau, is_single=True)
    organisations.leave_post(organisations.hold(post), day("2021-01-01"))
    duplicates.merge(two, one)
    duplicates.unmerge(two)
    areas.merge([ids["石桥镇"]], ids["河口镇"], day("2022-01-01"))
    parties.died(two, clock.now_us())
    organisations.end(bureau, day("2024-01-01"))


def test_the_history_is_equal_before_and_after_a_rebuild(
    territory: Territory, clock: MovableClock, keys: KeyRing
) -> None:
    live_a_little(territory, clock, keys)
    before = list(Change.objects.order_by("id").values_list())
    assert len(before) > 30
    assert not Parked.objects.exists()
    assert str(rebuild.check()) == "equal"
    assert str(rebuild.swap()) == "equal"
    assert list(Change.objects.order_by("id").values_list()) == before
    areas = territory.acts
    areas.change(territory.ids["河口镇"], day("2025-01-01"), NewShape(name=("新河镇", "")))
    assert str(rebuild.check()) == "equal"
